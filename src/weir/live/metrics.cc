#include "weir/live/metrics.h"

#include <fmt/format.h>

#include <string_view>

namespace weir::live {
namespace {

// A label's value: backslash, quote and line feed are escaped, as the format asks.
std::string quoted(std::string_view value) {
  std::string text = "\"";
  for (const char c : value) {
    if (c == '\\' || c == '"') text += '\\';
    if (c == '\n')
      text += "\\n";
    else
      text += c;
  }
  return text + '"';
}

void head(std::string& text, const char* name, const char* type, const char* help) {
  text += fmt::format("# HELP {} {}\n# TYPE {} {}\n", name, help, name, type);
}

void one(std::string& text, const char* name, const char* type, const char* help, double value) {
  head(text, name, type, help);
  text += fmt::format("{} {}\n", name, value);
}

void counter(std::string& text, const char* name, const char* help, uint64_t value) {
  head(text, name, "counter", help);
  text += fmt::format("{} {}\n", name, value);
}

void latency(std::string& text, const Totals& totals) {
  constexpr const char* kName = "weir_event_latency_seconds";
  head(text, kName, "histogram", "From an event's due time until its result could be read.");
  uint64_t below = 0;
  for (size_t i = 0; i < totals.latency_counts.size(); ++i) {
    below += totals.latency_counts[i];
    const bool last = i == latency_bounds().size();
    text += fmt::format("{}_bucket{{le=\"{}\"}} {}\n", kName,
                        last ? std::string("+Inf") : fmt::format("{}", latency_bounds()[i]), below);
  }
  text += fmt::format("{}_sum {}\n{}_count {}\n", kName, totals.latency_sum_s, kName, below);
}

// Every fault seen in this run, 1 for the one that is being inflicted.
void faults(std::string& text, const View& view) {
  head(text, "weir_fault_active", "gauge", "1 while this fault is being inflicted.");
  for (const auto& [fault, injected] : view.totals.faults) {
    const bool active = !view.ending && view.now && view.now->fault == fault.first &&
                        view.now->fault_target == fault.second;
    text += fmt::format("weir_fault_active{{fault={},target={}}} {}\n", quoted(fault.first),
                        quoted(fault.second), active ? 1 : 0);
  }
  head(text, "weir_faults_injected_total", "counter", "Faults injected so far.");
  for (const auto& [fault, injected] : view.totals.faults)
    text += fmt::format("weir_faults_injected_total{{fault={},target={}}} {}\n",
                        quoted(fault.first), quoted(fault.second), injected);
}

}  // namespace

std::string metrics_text(const View& view) {
  const Reading none;
  const Reading& now = view.now && !view.ending ? *view.now : none;
  const Totals& totals = view.totals;
  std::string text;
  head(text, "weir_run_info", "gauge", "What runs, in labels; always 1.");
  text += fmt::format(
      "weir_run_info{{run={},experiment={},broker={},engine={},workload={},version={}}} 1\n",
      quoted(view.about.run), quoted(view.about.experiment), quoted(view.about.broker),
      quoted(view.about.engine), quoted(view.about.workload), quoted(view.about.version));
  one(text, "weir_run_active", "gauge", "1 until the run has ended.", view.ending ? 0 : 1);
  one(text, "weir_offered_events_per_second", "gauge", "Rate of the plan in this step.",
      now.offered_eps);
  one(text, "weir_processed_events_per_second", "gauge",
      "Results that became visible, over the last second or two triggers.", now.processed_eps);
  one(text, "weir_backlog_events", "gauge", "Offered but not visible yet.", now.backlog);
  one(text, "weir_send_lag_p99_seconds", "gauge",
      "Lateness of the generator: hand-over after the due time, newest closed second.",
      now.send_lag_p99_ms.value_or(0) / 1000);
  counter(text, "weir_events_offered_total", "Events that were due.", totals.offered);
  counter(text, "weir_events_processed_total", "Events whose result became visible, once each.",
          totals.processed);
  counter(text, "weir_events_late_total", "Due events that the generator could not send in time.",
          totals.late);
  counter(text, "weir_events_refused_total", "Due events that found the client's queue full.",
          totals.refused);
  latency(text, totals);
  head(text, "weir_steps_total", "counter", "Steps judged so far.");
  for (const auto& [step, judged] : totals.steps)
    text += fmt::format("weir_steps_total{{experiment={},verdict={}}} {}\n", quoted(step.first),
                        quoted(step.second), judged);
  faults(text, view);
  return text;
}

}  // namespace weir::live
