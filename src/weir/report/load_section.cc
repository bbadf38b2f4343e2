#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "weir/report/against_rate.h"
#include "weir/report/figures.h"
#include "weir/report/html.h"
#include "weir/report/sections.h"

namespace weir::report {
namespace {

std::string steps_table(const std::vector<const run::Step*>& steps) {
  std::vector<Row> rows;
  for (const auto* step : steps) {
    const run::Latency none;
    const run::Latency& latency = step->latency ? *step->latency : none;
    auto percentile = [&](const run::Figure& value, const char* key) {
      const int decimals = value.value_or(0) < 100 ? 1 : 0;
      if (const Ends ends = ends_of(*step, (std::string(key) + "_ms").c_str());
          value && !std::isnan(ends.low) && !std::isnan(ends.high))
        return Cell(grouped(*value, decimals),
                    fmt::format("95% interval: {} to {} ms", grouped(ends.low, decimals),
                                grouped(ends.high, decimals)));
      if (step->latency) return number_cell(value, decimals, latency.why, key);
      return number_cell({}, 0, {{key, "this step falls behind: " + step->reason}}, key);
    };
    rows.push_back({number_cell(step->offered_eps, 0),
                    number_cell(step->sent_eps, 0, step->why, "sent_eps"),
                    number_cell(step->processed_eps, 0, step->why, "processed_eps"),
                    percentile(latency.p50, "p50"), percentile(latency.p95, "p95"),
                    percentile(latency.p99, "p99"), percentile(latency.p999, "p999"),
                    percentile(latency.max, "max"), number_cell(step->send_lag_p99_ms, 2),
                    number_cell(step->backlog_end, 0),
                    Cell(verdict_text(step->verdict), step->reason, verdict_css(step->verdict))});
  }
  return table({"offered /s", "sent /s", "processed /s", "p50 ms", "p95 ms", "p99 ms", "p99.9 ms",
                "max ms", "send lag p99 ms", "backlog at end", "verdict"},
               rows, 0);
}

std::string latency_place(const std::vector<Figure>& figures) {
  const std::string place = place_of(figures, "latency_vs_rate");
  return place.empty() ? "<p>No step has latencies that may be shown: those of a step that falls "
                         "behind would only tell how long one looked.</p>"
                       : place;
}

std::string stages_table(const std::vector<const run::Step*>& steps) {
  std::vector<Row> rows;
  for (const auto* step : steps) {
    if (!step->latency) continue;
    const run::Stages& m = step->stages;
    double sum = 0;
    Row row{grouped(*step->offered_eps)};
    for (const run::Figure& value :
         {m.late_at_source, m.into_broker, m.waiting_for_batch, m.computing, m.becoming_visible}) {
      row.push_back(number_cell(value, 2));
      sum += value.value_or(0);
    }
    row.push_back(grouped(sum, 1));
    rows.push_back(std::move(row));
  }
  return table({"offered /s", "late at source, ms", "into the broker, ms", "waiting for batch, ms",
                "computing, ms", "becoming visible, ms", "sum, ms"},
               rows, 0);
}

}  // namespace

std::string load_section(const run::RunResult& result, const std::vector<Figure>& figures) {
  if (!result.load) return {};
  const auto steps = by_rate(*result.load);
  std::string html = "<section id=\"load\"><h2>Load</h2>";
  if (steps.empty()) return html + "<p>No step was measured.</p></section>\n";
  html += "<div class=\"pair\">" + place_of(figures, "throughput_vs_rate") +
          latency_place(figures) + "</div>" + steps_table(steps) + search_table(*result.load);
  if (!result.load->limited_by.empty())
    html += "<p>Limited by: " + escape(result.load->limited_by) + ".</p>";
  if (const auto& capacity = result.load->capacity_eps; capacity.estimate)
    html += fmt::format(
        "<p>Capacity, batches back to back without waiting for the trigger: <b>{}</b> "
        "events/s{}.</p>",
        grouped(*capacity.estimate),
        capacity.method.empty() ? "" : " (" + escape(capacity.method) + ")");
  return html + "<div class=\"pair\">" + place_of(figures, "percentile_spectrum") +
         place_of(figures, "cadence_vs_rate") + "</div>" + sizing_table(result.load->sizing) +
         "</section>\n";
}

std::string stages_section(const run::RunResult& result, const std::vector<Figure>& figures) {
  if (!result.load) return {};
  const std::string place = place_of(figures, "stages_vs_rate");
  if (place.empty()) return {};
  return "<section id=\"stages\"><h2>Where time goes</h2>" + place +
         folded("show the table", stages_table(by_rate(*result.load))) + "</section>\n";
}

std::string time_section(const run::RunResult& result, const std::vector<Figure>& figures) {
  if (!result.load) return {};
  std::string shown, folded_away;
  int count = 0;
  for (const auto& figure : figures)
    if (figure.id.starts_with("time_")) {
      if (++count <= 2)
        shown += place_of(figure);
      else
        folded_away += folded(figure.title, place_of(figure));
    }
  if (count == 0) return {};
  return "<section id=\"time\"><h2>Over time</h2><p>The highest rate that keeps up, then the "
         "lowest "
         "that falls behind; the other steps are folded away.</p>" +
         shown + folded_away + "</section>\n";
}

}  // namespace weir::report
