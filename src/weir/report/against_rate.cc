#include "weir/report/against_rate.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "weir/report/numbers.h"
#include "weir/run/answer.h"

namespace weir::report {
namespace {

Axis offered_axis(const std::vector<const run::Step*>& steps) {
  Axis axis{.label = "offered, events/s", .unit = Unit::kRate};
  // All figures against the rate end at the same one, so that they can be read together.
  for (const auto* step : steps)
    axis.high = std::max(axis.high.value_or(0), *step->offered_eps * 1.03);
  return axis;
}

}  // namespace

bool keeps_up(const run::Step& step) { return step.verdict == "keeps_up"; }

// Runs of an earlier weir have it among their settings.
run::Figure ceiling_of(const run::RunResult& result) {
  return result.ceilings ? result.ceilings->generator_eps : run::Figure();
}

std::string batches_of(const std::vector<const run::Step*>& steps) {
  int64_t fewest = -1, most = 0;
  for (const auto* step : steps) {
    if (!step->latency) continue;
    fewest = fewest < 0 ? step->latency->batches : std::min(fewest, step->latency->batches);
    most = std::max(most, step->latency->batches);
  }
  if (fewest < 0) return {};
  if (fewest == most) return fmt::format("n = {} batches at each load", most);
  return fmt::format("n = {} to {} batches at each load", fewest, most);
}

std::string window_of(const std::vector<const run::Step*>& steps) {
  double shortest = HUGE_VAL, longest = 0;
  for (const auto* step : steps) {
    shortest = std::min(shortest, step->measured_s);
    longest = std::max(longest, step->measured_s);
  }
  if (longest <= 0) return {};
  return "window: " +
         (shortest == longest ? seconds(longest) : seconds(shortest) + " to " + seconds(longest)) +
         " of each step after warm-up";
}

Ends ends_of(const run::Step& step, const char* figure) {
  const auto found = step.intervals.find(figure);
  if (found == step.intervals.end()) return {kMissing, kMissing};
  return {found->second.low.value_or(kMissing), found->second.high.value_or(kMissing)};
}

Figure against_rate(const run::RunResult& result, const char* id, const char* title) {
  Figure figure;
  figure.id = id, figure.title = title;
  if (!result.load) return figure;
  const auto steps = by_rate(*result.load);
  figure.x = offered_axis(steps);
  figure.samples = batches_of(steps), figure.window = window_of(steps);
  std::vector<std::string> places{"load"};
  for (const auto* step : steps) places.push_back(step->label);
  figure.notes = notes_about(result, places);
  return figure;
}

std::string latency_summary(const run::Load& load) {
  const run::Step* best = run::answer_step(load);
  if (!best || !best->latency) return "No step keeps up, so none has latencies.";
  std::string words =
      fmt::format("At {} events/s, the highest rate that keeps up:", grouped(*best->offered_eps));
  for (const auto& p : kPercentiles)
    if (const run::Figure value = *best->latency.*(p.value))
      words += fmt::format(" {} {},", p.name, milliseconds(*value));
  words.back() = '.';
  return words;
}

}  // namespace weir::report
