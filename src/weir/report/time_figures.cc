#include <fmt/format.h>

#include <algorithm>

#include "weir/report/audit_words.h"
#include "weir/report/figures.h"
#include "weir/report/numbers.h"
#include "weir/report/series.h"
#include "weir/run/answer.h"

namespace weir::report {
namespace {

constexpr size_t kColumnsMax = 240;  // of a heat map
constexpr double kRowsPerDecade = 14;

Series curve(const char* name, int colour, const Curve& from, Mark mark, int dash = 0,
             double shift = 0) {
  Series series{.name = name, .colour = colour, .mark = mark, .dash = dash};
  series.x.reserve(from.x.size()), series.y.reserve(from.x.size());
  // To the millisecond and to three digits more than are read off: what is drawn, not measured.
  for (size_t i = 0; i < from.x.size(); ++i)
    series.add(std::round((from.x[i] - shift) * 1e4) / 1e4, std::round(from.y[i] * 1e3) / 1e3);
  return series;
}

// Windows merged to at most kColumnsMax columns, their events counted in rows of equal height on a
// logarithmic axis.
std::optional<Heat> heat_of(const std::vector<Window>& windows) {
  double first = HUGE_VAL, last = -HUGE_VAL, width = HUGE_VAL;
  int64_t least = INT64_MAX, most = 0;
  for (const auto& window : windows) {
    first = std::min(first, window.at_s), last = std::max(last, window.at_s);
    width = std::min(width, window.length_s);
    if (window.latency.total() > 0) least = std::min(least, window.latency.min());
    most = std::max(most, window.latency.max());
  }
  if (most <= 0 || !(width > 0)) return {};
  width *= std::max(1.0, std::ceil((last - first) / width / double(kColumnsMax)));
  const auto row_of = [](int64_t micros) {
    return int(std::floor(std::log10(double(std::max<int64_t>(1, micros))) * kRowsPerDecade));
  };
  const int low = row_of(least), high = row_of(most);
  Heat heat{.width = width};
  for (int row = low; row <= high + 1; ++row)
    heat.bounds.push_back(std::round(std::pow(10, row / kRowsPerDecade)) / 1e3);
  std::map<std::pair<int, int>, double> cells;
  for (const auto& window : windows) {
    const int column = int((window.at_s - first) / width + 1e-6);
    window.latency.for_each([&](int64_t from, int64_t to, int64_t count) {
      const int row = std::clamp(row_of(from + (to - from) / 2), low, high) - low;
      cells[{column, row}] += double(count);
    });
  }
  const int columns = int((last - first) / width + 1e-6) + 1;
  for (int i = 0; i < columns; ++i) heat.x.push_back(std::round((first + i * width) * 1e4) / 1e4);
  for (const auto& [cell, count] : cells) {
    heat.column.push_back(cell.first), heat.row.push_back(cell.second);
    heat.count.push_back(count);
  }
  return heat;
}

Figure over_time(const run::RunResult& result, const run::Step& step, const StepSeries& data) {
  Figure figure;
  figure.id = id_of("time_" + step.folder.substr(step.folder.rfind('/') + 1));
  figure.title = fmt::format("Over time at {} events/s", grouped(step.offered_eps.value_or(0)));
  figure.caption = step.verdict == "keeps_up"       ? "This step keeps up. "
                   : step.verdict == "falls_behind" ? "This step falls behind. "
                                                    : "This step does not count as keeping up. ";
  figure.caption +=
      "The stronger the colour, the more events of that latency, by the time they were due; below, "
      "what was sent and "
      "processed, and what waited in between. Hatched: warm-up, in no number.";
  figure.x = {.label = "seconds since the step's load began", .unit = Unit::kSeconds};
  figure.x.low = 0, figure.x.high = std::max(data.end_s, 1e-3);
  figure.notes = notes_about(result, {step.label});
  const double warmup_s = data.warmup_s > 0 ? data.warmup_s : step.warmup_s;
  if (warmup_s > 0) figure.bands = {{Band::kWarmup, 0, warmup_s, "warm-up"}};
  Panel latency{
      {.label = "event latency", .unit = Unit::kMillis, .scale = AxisScale::kLog},
      {curve("p50", 0, data.p50_ms, Mark::kSteps), curve("p99", 1, data.p99_ms, Mark::kSteps, 1),
       curve("max", 5, data.max_ms, Mark::kSteps, 2)},
      heat_of(data.windows)};
  Panel rates{{.label = "events/s", .unit = Unit::kRate},
              {curve("sent", -1, data.sent, Mark::kSteps, 1),
               curve("processed", 0, data.processed, Mark::kSteps)},
              {}};
  Panel backlog{{.label = "backlog, events", .unit = Unit::kCount},
                {curve("backlog", 2, data.backlog, Mark::kLine)},
                {}};
  figure.panels = {std::move(latency), std::move(rates), std::move(backlog)};
  figure.samples = step.latency
                       ? fmt::format("n = {} events in {} batches",
                                     grouped(double(step.latency->events)), step.latency->batches)
                       : fmt::format("n = 1 step of {} batches", step.cadence.batches);
  figure.window = fmt::format("window: {} after {} of warm-up", seconds(step.measured_s),
                              seconds(step.warmup_s));
  figure.summary =
      fmt::format("{} events/s offered, {} processed: {}.", grouped(step.offered_eps.value_or(0)),
                  grouped(step.processed_eps.value_or(0)), step.reason);
  return figure;
}

// Until when the fault was felt: the latest moment known.
double felt_until(const run::Fault& fault) {
  double last = 0;
  for (const run::Figure& moment : {fault.noticed_s, fault.restarted_s, fault.first_output_s,
                                    fault.rate_regained_s, fault.drained_s, fault.in_band_s})
    last = std::max(last, moment.value_or(0));
  return last;
}

std::string fault_summary(const run::Fault& fault) {
  std::string words;
  const auto say = [&](const char* what, const run::Figure& value) {
    words += value ? fmt::format("{} after {}, ", what, seconds(*value))
                   : fmt::format("{}: not seen, ", what);
  };
  say("noticed", fault.noticed_s), say("first output", fault.first_output_s);
  say("backlog gone", fault.drained_s), say("current again", fault.in_band_s);
  return words + audit_words(fault.audit) + ".";
}

Figure timeline(const run::RunResult& result, const run::Fault& fault, const StepSeries& data) {
  Figure figure;
  figure.id = id_of("fault_" + (fault.label.empty() ? fault.kind : fault.label));
  figure.title =
      fmt::format("{} at {} events/s", fault.kind, grouped(fault.offered_eps.value_or(0)));
  figure.caption =
      "What was sent and processed, what waited, and the latency of events by the time they were "
      "due. Shaded: as long as the fault was felt. The load never pauses.";
  figure.notes = notes_about(result, {fault.label, fault.kind});
  if (!fault.valid) figure.notes.push_back("this fault does not count: " + fault.reason);
  const double at = fault.injected_at_s, felt = felt_until(fault);
  const double end = std::max(data.end_s - at, felt * 1.05);
  figure.x = {.label = "seconds since the fault", .unit = Unit::kSeconds};
  figure.x.low = std::max(-at, -std::max(2.0, felt));
  figure.x.high = fault.in_band_s ? std::min(end, std::max(3.0, felt * 2)) : end;
  if (!fault.in_band_s) {
    const auto why = fault.why.find("in_band_s");
    figure.caption +=
        " Current again: " + (why == fault.why.end() ? "not seen" : why->second) + ".";
  }
  figure.bands = {{Band::kFault, 0, fault.in_band_s ? felt : end, "fault felt"}};
  figure.markers = {{0, "injected"}};
  if (fault.noticed_s) figure.markers.push_back({*fault.noticed_s, "noticed"});
  if (fault.first_output_s) figure.markers.push_back({*fault.first_output_s, "first output"});
  if (fault.in_band_s) figure.markers.push_back({*fault.in_band_s, "current again"});
  Panel rates{{.label = "events/s", .unit = Unit::kRate},
              {curve("sent", -1, data.sent, Mark::kSteps, 1, at),
               curve("processed", 0, data.processed, Mark::kSteps, 0, at)},
              {}};
  Panel backlog{{.label = "backlog, events", .unit = Unit::kCount},
                {curve("backlog", 2, data.backlog, Mark::kLine, 0, at)},
                {}};
  Panel latency{
      {.label = "event latency, by due time", .unit = Unit::kMillis, .scale = AxisScale::kLog},
      {curve("p50", 0, data.p50_ms, Mark::kSteps, 0, at),
       curve("p99", 1, data.p99_ms, Mark::kSteps, 1, at),
       curve("max", 3, data.max_ms, Mark::kSteps, 2, at)},
      {}};
  figure.panels = {std::move(rates), std::move(backlog), std::move(latency)};
  figure.samples = fmt::format("n = 1 fault, repetition {}, at {} of the trigger", fault.repetition,
                               grouped(fault.phase, 2));
  figure.window = "window: the whole step";
  figure.summary = fault_summary(fault);
  return figure;
}

}  // namespace

std::vector<Figure> steps_over_time(const run::RunResult& result, const std::string& run_folder) {
  std::vector<Figure> figures;
  if (!result.load) return figures;
  std::vector<const run::Step*> steps = by_rate(*result.load), order;
  if (const run::Step* answer = run::answer_step(*result.load)) order.push_back(answer);
  const auto fell = std::find_if(steps.begin(), steps.end(), [](const run::Step* step) {
    return step->verdict == "falls_behind";
  });
  if (fell != steps.end()) order.push_back(*fell);
  for (const auto* step : steps)
    if (std::find(order.begin(), order.end(), step) == order.end()) order.push_back(step);
  for (const auto* step : order)
    figures.push_back(over_time(result, *step, read_step(run_folder + "/" + step->folder)));
  return figures;
}

std::vector<Figure> fault_timelines(const run::RunResult& result, const std::string& run_folder) {
  std::vector<Figure> figures;
  if (result.faults)
    for (const auto& fault : result.faults->faults)
      figures.push_back(timeline(result, fault, read_step(run_folder + "/" + fault.folder)));
  return figures;
}

Figure fault_times(const run::RunResult& result) {
  struct Moment {
    const char *key, *words;
    run::Figure run::Fault::*value;
  };
  constexpr Moment kMoments[] = {{"noticed_s", "noticed", &run::Fault::noticed_s},
                                 {"restarted_s", "restarted", &run::Fault::restarted_s},
                                 {"first_output_s", "first output", &run::Fault::first_output_s},
                                 {"rate_regained_s", "rate regained", &run::Fault::rate_regained_s},
                                 {"drained_s", "drained", &run::Fault::drained_s},
                                 {"in_band_s", "current again", &run::Fault::in_band_s}};
  Figure figure;
  figure.id = "fault_times", figure.title = "What each fault cost";
  figure.caption =
      "Seconds from the injection to each moment; every fault a point, beside them the interval of "
      "the typical fault where there are enough to give one.";
  figure.x = {.label = "", .scale = AxisScale::kCategory};
  if (!result.faults) return figure;
  for (const auto& moment : kMoments) figure.x.categories.emplace_back(moment.words);
  std::map<std::string, std::vector<const run::Fault*>> kinds;
  for (const auto& fault : result.faults->faults)
    if (fault.valid) kinds[fault.kind].push_back(&fault);
  Panel panel{{.label = "seconds since the fault", .unit = Unit::kSeconds}, {}, {}};
  int colour = 0;
  for (const auto& [kind, faults] : kinds) {
    // Kinds stand side by side within a moment, their points one upon the other.
    const double aside = (colour + 1) * 0.6 / double(kinds.size() + 1) - 0.3;
    Series points{.name = kind, .colour = colour, .mark = Mark::kDots};
    Series typical{.name = "", .colour = colour, .mark = Mark::kDots};
    const auto summary = result.faults->summary.find(kind);
    for (size_t m = 0; m < std::size(kMoments); ++m) {
      for (const auto* fault : faults)
        if (const run::Figure value = fault->*(kMoments[m].value))
          points.add(double(m) + aside, *value);
      if (summary == result.faults->summary.end()) continue;
      const auto found = summary->second.find(kMoments[m].key);
      if (found == summary->second.end() || !found->second.low || !found->second.high) continue;
      typical.add(double(m) + aside + 0.05, found->second.estimate.value_or(kMissing));
      typical.low.push_back(*found->second.low), typical.high.push_back(*found->second.high);
    }
    ++colour;
    panel.series.push_back(std::move(points));
    if (!typical.x.empty()) panel.series.push_back(std::move(typical));
    figure.samples +=
        (figure.samples.empty() ? "n = " : ", ") + fmt::format("{} × {}", faults.size(), kind);
    figure.summary += fmt::format("{}: {} ", kind, fault_summary(*faults.front()));
  }
  figure.panels = {std::move(panel)};
  return figure;
}

}  // namespace weir::report
