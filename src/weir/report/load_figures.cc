#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "weir/report/against_rate.h"
#include "weir/report/numbers.h"

namespace weir::report {
namespace {

Series percentile_series(const std::vector<const run::Step*>& steps, const Percentile& p,
                         int colour) {
  Series series{.name = p.name, .colour = colour, .mark = Mark::kBoth, .dash = colour % 4};
  for (const auto* step : steps) {
    // Of a step that falls behind a percentile would only tell how long one looked.
    const bool known = step->latency && step->verdict != "falls_behind";
    series.add(*step->offered_eps,
               known ? (*step->latency.*(p.value)).value_or(kMissing) : kMissing);
    const Ends ends = ends_of(*step, p.figure);
    series.low.push_back(ends.low > 0 ? ends.low : kMissing);  // the axis is logarithmic
    series.high.push_back(ends.high);
    series.hollow.push_back(!keeps_up(*step));
  }
  return series;
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
      "processed. Bars: 95% interval, by how the backlog grew. Hollow: the step does not keep up, "
      "or "
      "nobody can tell.";
  if (!result.load) return figure;
  const auto steps = by_rate(*result.load);
  Series measured{.name = "processed", .colour = 0, .mark = Mark::kDots};
  for (const auto* step : steps) {
    measured.add(*step->offered_eps, step->processed_eps.value_or(kMissing));
    measured.hollow.push_back(!keeps_up(*step));
    const Ends ends = ends_of(*step, "processed_eps");
    measured.low.push_back(ends.low);
    measured.high.push_back(ends.high);
  }
  Series ideal{.name = "all of it", .colour = -1, .dash = 1};
  const double end = figure.x.high.value_or(0);
  ideal.x = {0, end}, ideal.y = {0, end};
  const auto& rate = result.load->sustainable_eps;
  if (rate.low && rate.high)
    figure.bands.push_back({Band::kRange, *rate.low, *rate.high, "sustainable"});
  if (rate.estimate) figure.markers.push_back({*rate.estimate, "sustainable"});
  if (const auto& most = result.load->capacity_eps; most.estimate && *most.estimate <= end)
    figure.markers.push_back({*most.estimate, "capacity"});
  if (const run::Figure ceiling = ceiling_of(result); ceiling && *ceiling <= end)
    figure.markers.push_back({*ceiling, "generator's ceiling"});
  else if (ceiling)
    figure.caption += " The generator alone could send " + grouped(*ceiling) + " events/s.";
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
      "From an event's due time until its result can be read. Bars: 95% interval, by how ten "
      "sections of the step differ. A step that falls behind has no latency: it would only tell "
      "how long one looked.";
  if (!result.load) return figure;
  const auto steps = by_rate(*result.load);
  Panel panel{{.label = "event latency", .unit = Unit::kMillis, .scale = AxisScale::kLog}, {}, {}};
  int colour = 0;
  for (const auto& p : kPercentiles) panel.series.push_back(percentile_series(steps, p, colour++));
  panel.series.back().dash = 2;
  figure.panels = {std::move(panel)};
  figure.summary = latency_summary(*result.load);
  return figure;
}

Figure p95_latency_vs_rate(const run::RunResult& result) {
  Figure figure = latency_vs_rate(result);
  figure.id = "p95_latency_vs_rate", figure.title = "p95 event latency against offered";
  for (auto& panel : figure.panels)
    std::erase_if(panel.series, [](const Series& series) { return series.name != "p95"; });
  return figure;
}

Figure cadence_vs_rate(const run::RunResult& result) {
  Figure figure = against_rate(result, "cadence_vs_rate", "How much of the trigger a batch takes");
  figure.caption =
      "Mean time of a batch as a share of the trigger, with its 95% interval; this decides whether "
      "a "
      "rate keeps up. Above 100% batches come later and later.";
  if (!result.load) return figure;
  const auto steps = by_rate(*result.load);
  Series share{.name = "a batch", .colour = 2, .mark = Mark::kDots};
  const auto percent = [](const run::Figure& ratio) { return ratio ? *ratio * 100 : kMissing; };
  int64_t fewest = INT64_MAX, most = 0;
  for (const auto* step : steps) {
    if (!step->cadence.ratio) continue;
    share.add(*step->offered_eps, percent(step->cadence.ratio));
    share.low.push_back(percent(step->cadence.ratio_low));
    share.high.push_back(percent(step->cadence.ratio_high));
    share.hollow.push_back(!keeps_up(*step));
    fewest = std::min(fewest, step->cadence.batches), most = std::max(most, step->cadence.batches);
  }
  if (share.x.empty()) return figure;
  figure.samples = fewest == most ? fmt::format("n = {} batches at each load", most)
                                  : fmt::format("n = {} to {} batches at each load", fewest, most);
  figure.summary = fmt::format(
      "At {} events/s a batch takes {:.0f}% of the trigger, at {} {:.0f}%.",
      grouped(share.x.front()), share.y.front(), grouped(share.x.back()), share.y.back());
  Series limit{.name = "trigger", .colour = -1, .dash = 1};
  limit.x = {0, figure.x.high.value_or(share.x.back())}, limit.y = {100, 100};
  figure.panels = {{{.label = "batch ÷ trigger", .unit = Unit::kPercent, .low = 0.0},
                    {std::move(limit), std::move(share)},
                    {}}};
  return figure;
}

}  // namespace weir::report
