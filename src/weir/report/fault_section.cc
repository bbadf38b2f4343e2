#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "weir/report/html.h"
#include "weir/report/sections.h"
#include "weir/report/series.h"

namespace weir::report {
namespace {

struct Moment {
  const char* words;
  run::Figure run::Fault::*value;
};
// In the order in which they usually come; each a line in the timeline and a column of the table.
constexpr Moment kMoments[] = {
    {"silent", &run::Fault::silent_from_s},          {"noticed", &run::Fault::noticed_s},
    {"restarted", &run::Fault::restarted_s},         {"first output", &run::Fault::first_output_s},
    {"rate regained", &run::Fault::rate_regained_s}, {"drained", &run::Fault::drained_s},
    {"latency as before", &run::Fault::in_band_s}};

// Until when the fault was felt: the latest moment known.
double felt_until(const run::Fault& fault) {
  double last = 0;
  for (const auto& moment : kMoments) last = std::max(last, (fault.*(moment.value)).value_or(0));
  return last;
}

// A curve on the fault's own axis: x is seconds from injection.
Series series_of(const char* name, int colour, const Curve& curve, double injected_at_s,
                 bool steps = true) {
  Series series{.name = name, .colour = colour, .points = false, .steps = steps};
  for (size_t i = 0; i < curve.x.size(); ++i)
    series.data.push_back({curve.x[i] - injected_at_s, curve.y[i]});
  return series;
}

// The panels below the first repeat its lines, not their names.
void only_lines(Chart& panel) {
  for (auto& marker : panel.markers) marker.label.clear();
}

std::string timeline(const run::Fault& fault, const StepSeries& step) {
  Chart chart;
  chart.width = 1000, chart.height = 150;
  chart.show_x_labels = false;
  chart.x = {.label = "seconds since the fault",
             .low = -fault.injected_at_s,
             .high = std::max(step.end_s - fault.injected_at_s, felt_until(fault))};
  if (const double until = felt_until(fault); until > 0)
    chart.bands.push_back({0, until, "", true});
  chart.markers = {{0, "fault"}};
  if (fault.first_output_s) chart.markers.push_back({*fault.first_output_s, "first output"});
  if (fault.drained_s) chart.markers.push_back({*fault.drained_s, "drained"});
  if (fault.in_band_s) chart.markers.push_back({*fault.in_band_s, "latency as before"});

  const double at = fault.injected_at_s;
  Chart rates = chart, backlog = chart, latency = chart;
  rates.summary = "Events per second sent and processed around the fault.";
  rates.y = {.label = "events/s", .rate = true};
  rates.series = {series_of("sent", -1, step.sent, at),
                  series_of("processed", 0, step.processed, at)};
  rates.series[0].dashed = true;
  rates.height += 14 * int(chart.markers.size() - 1);
  backlog.summary = "Events sent and not yet processed around the fault.";
  backlog.y = {.label = "backlog, events", .rate = true};
  backlog.series = {series_of("backlog", 2, step.backlog, at, false)};
  only_lines(backlog);
  latency.summary = "Event latency by the second in which events were due, around the fault.";
  latency.y = {.label = "event latency, ms, by due time", .logarithmic = true};
  latency.series = {series_of("p50", 0, step.p50_ms, at), series_of("p99", 1, step.p99_ms, at),
                    series_of("max", 3, step.max_ms, at)};
  only_lines(latency);
  latency.show_x_labels = true;
  latency.height += 36;
  return to_svg(rates) + to_svg(backlog) + to_svg(latency);
}

std::string sentence(const run::Fault& fault) {
  std::string words = fmt::format("{} at {} events/s", fault_text(fault.kind),
                                  grouped(fault.offered_eps.value_or(0)));
  if (fault.first_output_s) words += ": first result again after " + seconds(*fault.first_output_s);
  if (fault.drained_s) words += ", backlog gone after " + seconds(*fault.drained_s);
  if (fault.in_band_s) words += ", latency as before after " + seconds(*fault.in_band_s);
  words += fmt::format("; lost {}, duplicated {}.", fault.audit.lost, fault.audit.duplicated);
  if (!words.empty() && words[0] >= 'a' && words[0] <= 'z') words[0] = char(words[0] - 'a' + 'A');
  return words;
}

std::string fault_table(const std::vector<run::Fault>& faults) {
  Row head{"fault", "phase of trigger"};
  for (const auto& moment : kMoments) head.push_back(moment.words);
  for (const char* more : {"gap", "gap − trigger", "peak backlog", "lost", "duplicated"})
    head.push_back(more);
  constexpr const char* kKeys[] = {"silent_from_s",   "noticed_s", "restarted_s", "first_output_s",
                                   "rate_regained_s", "drained_s", "in_band_s"};
  std::vector<Row> rows;
  for (const auto& fault : faults) {
    Row row{Cell(fault.kind, fault.proof), grouped(fault.phase, 2)};
    for (size_t i = 0; i < std::size(kMoments); ++i)
      row.push_back(number_cell(fault.*(kMoments[i].value),
                                (fault.*(kMoments[i].value)).value_or(1) < 0.1 ? 3 : 2, fault.why,
                                kKeys[i]));
    row.push_back(number_cell(fault.gap_s, 2, fault.why, "gap_s"));
    row.push_back(number_cell(fault.gap_minus_trigger_s, 2, fault.why, "gap_minus_trigger_s"));
    row.push_back(number_cell(fault.peak_backlog, 0, fault.why, "peak_backlog"));
    row.push_back(grouped(double(fault.audit.lost)));
    row.push_back(grouped(double(fault.audit.duplicated)));
    if (!fault.valid) row[0] = Cell(fault.kind + " (invalid)", fault.reason, "bad");
    rows.push_back(std::move(row));
  }
  return table(head, rows);
}

}  // namespace

std::string fault_section(const run::RunResult& result, const std::string& run_folder) {
  if (!result.faults) return {};
  std::string html = "<section id=\"faults\"><h2>Faults</h2>";
  if (result.faults->faults.empty())
    html += "<p>No fault was injected.</p>";
  else
    html +=
        "<p>The load never pauses. Times are seconds since the injection; the shaded time is how "
        "long "
        "the fault was felt.</p>";
  // The first fault of a kind stands open, its repetitions are folded away.
  std::set<std::string> shown;
  for (const auto& fault : result.faults->faults) {
    const StepSeries step = read_step(run_folder + "/" + fault.folder);
    const std::string drawn = figure(sentence(fault), timeline(fault, step));
    html += shown.insert(fault.kind).second
                ? "<h3>" + escape(fault_text(fault.kind)) + "</h3>" + drawn
                : folded(fmt::format("{}, repetition {}", fault_text(fault.kind), fault.repetition),
                         drawn);
  }
  if (!result.faults->faults.empty()) html += fault_table(result.faults->faults);
  for (const auto& label : result.faults->not_measured)
    html += "<p>" + escape(label) + ": not measured.</p>";
  return html + "</section>\n";
}

}  // namespace weir::report
