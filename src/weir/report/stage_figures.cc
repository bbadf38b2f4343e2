#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "weir/report/against_rate.h"
#include "weir/report/numbers.h"
#include "weir/report/series.h"

namespace weir::report {
namespace {

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
  figure.summary = latency_summary(*result.load);
  return figure;
}

}  // namespace weir::report
