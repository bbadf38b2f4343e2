#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "weir/report/figures.h"
#include "weir/report/numbers.h"
#include "weir/report/series.h"

namespace weir::report {
namespace {

bool keeps_up(const run::Step& step) { return step.verdict == "keeps_up"; }

Axis offered_axis(const std::vector<const run::Step*>& steps) {
  Axis axis{.label = "offered, events/s", .unit = Unit::kRate};
  // All figures against the rate end at the same one, so that they can be read together.
  for (const auto* step : steps)
    axis.high = std::max(axis.high.value_or(0), *step->offered_eps * 1.03);
  return axis;
}

// What stands behind a step's percentiles: "24 to 31 batches at each load".
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

struct Percentile {
  const char* name;
  run::Figure run::Latency::*value;
};
constexpr Percentile kPercentiles[] = {{"p50", &run::Latency::p50},
                                       {"p95", &run::Latency::p95},
                                       {"p99", &run::Latency::p99},
                                       {"p99.9", &run::Latency::p999},
                                       {"max", &run::Latency::max}};

Series percentile_series(const std::vector<const run::Step*>& steps, const Percentile& p,
                         int colour) {
  Series series{.name = p.name, .colour = colour, .mark = Mark::kBoth, .dash = colour % 4};
  for (const auto* step : steps) {
    // Of a step that falls behind a percentile would only tell how long one looked.
    const bool known = step->latency && step->verdict != "falls_behind";
    series.add(*step->offered_eps,
               known ? (*step->latency.*(p.value)).value_or(kMissing) : kMissing);
    series.hollow.push_back(!keeps_up(*step));
  }
  return series;
}

const run::Step* best_of(const std::vector<const run::Step*>& steps) {
  const run::Step* best = nullptr;
  for (const auto* step : steps)
    if (keeps_up(*step)) best = step;
  return best;
}

std::string latency_summary(const std::vector<const run::Step*>& steps) {
  const run::Step* best = best_of(steps);
  if (!best || !best->latency) return "No step keeps up, so none has latencies.";
  std::string words =
      fmt::format("At {} events/s, the highest rate that keeps up:", grouped(*best->offered_eps));
  for (const auto& p : kPercentiles)
    if (const run::Figure value = *best->latency.*(p.value))
      words += fmt::format(" {} {},", p.name, milliseconds(*value));
  words.back() = '.';
  return words;
}

struct StageName {
  const char* words;
  run::Figure run::Stages::*value;
};
constexpr StageName kStages[] = {{"late at source", &run::Stages::late_at_source},
                                 {"into the broker", &run::Stages::into_broker},
                                 {"waiting for batch", &run::Stages::waiting_for_batch},
                                 {"computing", &run::Stages::computing},
                                 {"becoming visible", &run::Stages::becoming_visible}};

// The curve of one step: `sure` while ten batches reach beyond, then `tail` down to ten events.
void spectrum_of(const StepSeries& step, Series& sure, Series& tail) {
  Histogram all;
  std::map<int64_t, int64_t> worst;  // of each block of a trigger, or a window where it is longer
  for (const auto& window : step.windows) {
    if (window.at_s < step.warmup_s - 1e-6 || window.at_s >= step.end_s - 1e-6) continue;
    all.merge(window.latency);
    const double block_s = std::max({step.trigger_s, window.length_s, 1e-3});
    int64_t& most = worst[int64_t(window.at_s / block_s + 1e-6)];
    most = std::max(most, window.latency.max());
  }
  const int64_t total = all.total() + all.overflow();
  constexpr int kPerDecade = 24;
  for (int i = 0; total > 0; ++i) {
    const double nines = double(i) / kPerDecade, beyond = std::pow(10, -nines);
    if (beyond * double(total) < 10 || nines > 8) break;
    const int64_t micros = all.quantile(1 - beyond);
    const auto blocks =
        std::count_if(worst.begin(), worst.end(), [&](auto& b) { return b.second >= micros; });
    if (tail.x.empty() && blocks >= 10) {
      sure.add(nines, double(micros) / 1e3);
      continue;
    }
    if (tail.x.empty() && !sure.x.empty()) tail.add(sure.x.back(), sure.y.back());
    tail.add(nines, double(micros) / 1e3);
  }
}

}  // namespace

std::vector<const run::Step*> by_rate(const run::Load& load) {
  std::vector<const run::Step*> steps;
  for (const auto& step : load.steps)
    if (step.offered_eps && std::isfinite(*step.offered_eps)) steps.push_back(&step);
  std::stable_sort(steps.begin(), steps.end(),
                   [](auto* a, auto* b) { return *a->offered_eps < *b->offered_eps; });
  return steps;
}

std::string id_of(std::string_view words) {
  std::string id;
  for (const char c : words.substr(0, 60)) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0 && (c & 0x80) == 0;
    id += plain ? char(std::tolower(static_cast<unsigned char>(c))) : '_';
  }
  return id;
}

std::vector<std::string> notes_about(const run::RunResult& result,
                                     const std::vector<std::string>& places) {
  std::vector<std::string> notes;
  for (const auto& warning : result.warnings)
    if (std::any_of(places.begin(), places.end(), [&](const std::string& place) {
          return !place.empty() &&
                 (warning.where == place || warning.where.ends_with(" " + place) ||
                  warning.where.starts_with(place + " ") || warning.where.ends_with("/" + place));
        }))
      notes.push_back(warning.code + ": " + warning.effect);
  return notes;
}

Figure throughput_vs_rate(const run::RunResult& result) {
  Figure figure = against_rate(result, "throughput_vs_rate", "Processed against offered");
  figure.caption =
      "Events processed per second at each offered rate; on the dashed line everything offered is "
      "processed. Hollow: the step does not keep up, or nobody can tell.";
  if (!result.load) return figure;
  const auto steps = by_rate(*result.load);
  Series measured{.name = "processed", .colour = 0, .mark = Mark::kDots};
  for (const auto* step : steps) {
    measured.add(*step->offered_eps, step->processed_eps.value_or(kMissing));
    measured.hollow.push_back(!keeps_up(*step));
  }
  Series ideal{.name = "all of it", .colour = -1, .dash = 1};
  const double end = figure.x.high.value_or(0);
  ideal.x = {0, end}, ideal.y = {0, end};
  const auto& rate = result.load->sustainable_eps;
  if (rate.low && rate.high)
    figure.bands.push_back({Band::kRange, *rate.low, *rate.high, "sustainable"});
  if (rate.estimate) figure.markers.push_back({*rate.estimate, "sustainable"});
  if (const auto& most = result.load->capacity_eps; most.estimate && *most.estimate <= end * 1.2)
    measured.x.empty() ? void() : figure.markers.push_back({*most.estimate, "capacity"});
  if (!measured.x.empty())
    figure.panels = {
        {{.label = "processed, events/s", .unit = Unit::kRate}, {ideal, measured}, {}}};
  int good = 0;
  for (const auto* step : steps) good += keeps_up(*step);
  figure.summary = fmt::format("{} steps from {} to {} events/s offered; {} keep up.", steps.size(),
                               steps.empty() ? "0" : grouped(*steps.front()->offered_eps),
                               steps.empty() ? "0" : grouped(*steps.back()->offered_eps), good);
  if (rate.estimate) figure.summary += " Sustainable: " + grouped(*rate.estimate) + " events/s.";
  return figure;
}

Figure latency_vs_rate(const run::RunResult& result) {
  Figure figure = against_rate(result, "latency_vs_rate", "Event latency against offered");
  figure.caption =
      "From an event's due time until its result can be read. A step that falls behind has no "
      "latency: it would only tell how long one looked.";
  if (!result.load) return figure;
  const auto steps = by_rate(*result.load);
  Panel panel{{.label = "event latency", .unit = Unit::kMillis, .scale = AxisScale::kLog}, {}, {}};
  int colour = 0;
  for (const auto& p : kPercentiles) panel.series.push_back(percentile_series(steps, p, colour++));
  panel.series.back().dash = 2;
  figure.panels = {std::move(panel)};
  figure.summary = latency_summary(steps);
  return figure;
}

Figure p95_latency_vs_rate(const run::RunResult& result) {
  Figure figure = latency_vs_rate(result);
  figure.id = "p95_latency_vs_rate", figure.title = "p95 event latency against offered";
  for (auto& panel : figure.panels)
    std::erase_if(panel.series, [](const Series& series) { return series.name != "p95"; });
  return figure;
}

Figure stages_vs_rate(const run::RunResult& result) {
  Figure figure = against_rate(result, "stages_vs_rate", "Where the time goes");
  figure.caption =
      "Mean time of an event in each stage, by offered rate; the stages of a bar add up to the "
      "mean "
      "event latency.";
  figure.x = {.label = "offered, events/s", .scale = AxisScale::kCategory};
  if (!result.load) return figure;
  Panel panel{{.label = "mean time, stacked", .unit = Unit::kMillis}, {}, {}};
  int colour = 0;
  for (const auto& stage : kStages)
    panel.series.push_back({.name = stage.words, .colour = colour++, .mark = Mark::kBars});
  const char* largest = "";
  double most = 0;
  for (const auto* step : by_rate(*result.load)) {
    if (!step->latency) continue;
    const double at = double(figure.x.categories.size());
    figure.x.categories.push_back(short_number(*step->offered_eps));
    for (size_t i = 0; i < std::size(kStages); ++i) {
      const double value = (step->stages.*(kStages[i].value)).value_or(kMissing);
      panel.series[i].add(at, std::isfinite(value) ? std::max(0.0, value) : kMissing);
      if (value > most) most = value, largest = kStages[i].words;
    }
  }
  if (!figure.x.categories.empty()) figure.panels = {std::move(panel)};
  if (most > 0)
    figure.summary = fmt::format("The longest stage is \"{}\", up to {} in the mean.", largest,
                                 milliseconds(most));
  return figure;
}

Figure percentile_spectrum(const run::RunResult& result, const std::string& run_folder) {
  Figure figure = against_rate(result, "percentile_spectrum", "Percentile spectrum");
  figure.caption =
      "Event latency at each percentile, for up to three loads that keep up. Dotted: fewer than "
      "ten "
      "batches reach beyond; a curve ends where fewer than ten events do.";
  figure.x = {.label = "percentile of events", .scale = AxisScale::kNines};
  figure.x.low = 0;
  if (!result.load) return figure;
  std::vector<const run::Step*> steps;
  for (const auto* step : by_rate(*result.load))
    if (keeps_up(*step)) steps.push_back(step);
  if (steps.size() > 3) steps = {steps.front(), steps[steps.size() / 2], steps.back()};
  figure.samples = batches_of(steps), figure.window = window_of(steps);
  Panel panel{{.label = "event latency", .unit = Unit::kMillis, .scale = AxisScale::kLog}, {}, {}};
  int colour = 0;
  for (const auto* step : steps) {
    Series sure{.name = short_number(*step->offered_eps) + "/s", .colour = colour};
    Series tail{.colour = colour, .dash = 2};
    if (++colour > 1) sure.dash = colour == 2 ? 1 : 3;
    spectrum_of(read_step(run_folder + "/" + step->folder), sure, tail);
    // The name stands where the curve ends.
    if (!tail.x.empty()) std::swap(sure.name, tail.name);
    if (!sure.x.empty()) panel.series.push_back(std::move(sure));
    if (!tail.x.empty()) panel.series.push_back(std::move(tail));
  }
  figure.panels = {std::move(panel)};
  figure.summary = latency_summary(steps);
  return figure;
}

}  // namespace weir::report
