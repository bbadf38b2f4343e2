#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "weir/report/audit_words.h"
#include "weir/report/html.h"
#include "weir/report/sections.h"

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
    {"current again", &run::Fault::in_band_s}};

std::string fault_table(const std::vector<run::Fault>& faults) {
  Row head{"fault", "phase of trigger"};
  for (const auto& moment : kMoments) head.push_back(moment.words);
  for (const char* more :
       {"gap", "gap − trigger", "peak backlog", "lost", "duplicated", "out of order"})
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
    row.push_back(lost_cell(fault.audit));
    row.push_back(copies_cell(fault.audit, &AuditReport::duplicated));
    row.push_back(copies_cell(fault.audit, &AuditReport::reordered));
    if (!fault.valid) row[0] = Cell(fault.kind + " (invalid)", fault.reason, "bad");
    rows.push_back(std::move(row));
  }
  return table(head, rows);
}

// What each fault cost, where it was measured.
std::string cost_table(const std::vector<run::Fault>& faults) {
  struct Cost {
    const char *key, *words;
    run::Figure run::Fault::*value;
    int decimals;
  };
  constexpr Cost kCosts[] = {
      {"excess_latency_event_s", "excess latency, event-seconds",
       &run::Fault::excess_latency_event_s, 0},
      {"late_events", "events later than the objective", &run::Fault::late_events, 0},
      {"late_than_ms", "the objective, ms", &run::Fault::late_than_ms, 0},
      {"repeated_events", "events visible again", &run::Fault::repeated_events, 0},
      {"reread_events", "events read again", &run::Fault::reread_events, 0},
      {"drain_s", "drained in, s", &run::Fault::drain_s, 2},
      {"drain_predicted_s", "predicted, s", &run::Fault::drain_predicted_s, 2}};
  Row head{"fault"};
  std::vector<const Cost*> shown;
  for (const auto& cost : kCosts)
    if (std::any_of(faults.begin(), faults.end(),
                    [&](const run::Fault& fault) { return (fault.*(cost.value)).has_value(); })) {
      shown.push_back(&cost);
      head.emplace_back(cost.words);
    }
  if (shown.empty()) return {};
  std::vector<Row> rows;
  for (const auto& fault : faults) {
    Row row{fault.kind};
    for (const auto* cost : shown)
      row.push_back(number_cell(fault.*(cost->value), cost->decimals, fault.why, cost->key));
    rows.push_back(std::move(row));
  }
  return "<h3>What it cost</h3>" + table(head, rows);
}

std::string assurance_list(const run::Faults& faults) {
  std::string html;
  for (const auto& [kind, assurance] : faults.assurance)
    html += "<li>" + escape(fault_text(kind)) + ": " + escape(assurance.meaning) + "</li>";
  for (const auto& [name, value] : faults.timeouts)
    html += "<li>configured timeout " + escape(name) + ": " + escape(value) + "</li>";
  return html.empty() ? "" : "<ul>" + html + "</ul>";
}

std::string summary_table(const run::Faults& faults) {
  std::vector<Row> rows;
  for (const auto& [kind, figures] : faults.summary)
    for (const auto& [name, estimate] : figures) {
      const auto bound = [&](const run::Figure& value, const char* key) {
        return number_cell(value, 3, estimate.why, key);
      };
      rows.push_back({kind, name, bound(estimate.estimate, "estimate"), bound(estimate.low, "low"),
                      bound(estimate.high, "high"), std::to_string(estimate.n), estimate.method});
    }
  if (rows.empty()) return {};
  return folded("show the estimates over repetitions",
                table({"fault", "figure", "estimate", "low", "high", "n", "method"}, rows, 2));
}

}  // namespace

std::string fault_section(const run::RunResult& result, const std::vector<Figure>& figures) {
  if (!result.faults) return {};
  const auto& faults = result.faults->faults;
  std::string html = "<section id=\"faults\"><h2>Faults</h2>";
  if (faults.empty())
    html += "<p>No fault was injected.</p>";
  else
    html +=
        "<p>The load never pauses. Times are seconds since the injection; the shaded time is how "
        "long the fault was felt.</p>";
  // The first fault of a kind stands open, its repetitions are folded away.
  std::set<std::string> shown;
  size_t next = 0;
  for (const auto& figure : figures) {
    if (!figure.id.starts_with("fault_") || figure.id == "fault_times") continue;
    while (next < faults.size() && !figure.title.starts_with(faults[next].kind)) ++next;
    const std::string kind = next < faults.size() ? faults[next].kind : figure.title;
    html += shown.insert(kind).second
                ? "<h3>" + escape(fault_text(kind)) + "</h3>" + place_of(figure)
                : folded(figure.title + ", again: " + figure.samples, place_of(figure));
    ++next;
  }
  html += place_of(figures, "fault_times");
  if (!faults.empty())
    html += fault_table(faults) + cost_table(faults) + summary_table(*result.faults) +
            assurance_list(*result.faults);
  for (const auto& label : result.faults->not_measured)
    html += "<p>" + escape(label) + ": not measured.</p>";
  return html + "</section>\n";
}

}  // namespace weir::report
