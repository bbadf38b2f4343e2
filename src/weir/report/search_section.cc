#include <fmt/format.h>

#include "weir/report/html.h"
#include "weir/report/sections.h"

namespace weir::report {
namespace {

std::string purpose_text(const std::string& purpose) {
  if (purpose == "overload") return "overload, to begin with";
  if (purpose == "step") return "a step further";
  if (purpose == "bisect") return "between two known rates";
  if (purpose == "confirm low") return "again: must keep up";
  if (purpose == "confirm high") return "again: must not keep up";
  return purpose;
}

// "60 s", "10 min", "1.5 h"
std::string span_text(double s) {
  if (s < 120) return fmt::format("{:.3g} s", s);
  return s < 7200 ? fmt::format("{:.3g} min", s / 60) : fmt::format("{:.3g} h", s / 3600);
}

Cell met_cell(const std::optional<bool>& met) {
  if (!met) return "–";
  return *met ? Cell("● met", "", "good") : Cell("✕ missed", "", "bad");
}

}  // namespace

std::string search_table(const run::Load& load) {
  std::string html;
  if (!load.until.empty()) {
    html += "<p>Besides keeping up, a rate had to meet ";
    for (size_t i = 0; i < load.until.size(); ++i)
      html += (i == 0 ? "<code>" : ", <code>") + escape(load.until[i]) + "</code>";
    html += ".</p>";
  }
  std::vector<Row> rows;
  for (const auto& probe : load.probes) {
    Row row{std::to_string(rows.size() + 1),
            grouped(probe.rate_eps),
            purpose_text(probe.purpose),
            number_cell(probe.processed_eps, 0),
            Cell(verdict_text(probe.verdict), probe.reason, verdict_css(probe.verdict)),
            std::to_string(probe.looks)};
    if (!load.until.empty()) row.push_back(met_cell(probe.met));
    rows.push_back(std::move(row));
  }
  Row head{"", "offered /s", "why this rate", "processed /s", "verdict", "looks"};
  if (!load.until.empty()) head.emplace_back("besides");
  if (!rows.empty())
    html += folded(fmt::format("show how the search went, {} rates", rows.size()),
                   table(head, rows, 9));
  if (!load.not_measured.empty()) {
    html += "<p class=\"unsure\">! The budget had no time left for: ";
    for (size_t i = 0; i < load.not_measured.size(); ++i)
      html += (i == 0 ? "" : ", ") + escape(load.not_measured[i]);
    html += ".</p>";
  }
  return html;
}

std::string sizing_table(const run::Sizing& sizing) {
  if (sizing.rows.empty() || !sizing.capacity_eps) return {};
  Row head{"of the sustainable rate", "offered /s", "headroom"};
  for (const auto& drain : sizing.rows.front().drains)
    head.emplace_back("drained after " + span_text(drain.outage_s) + " out");
  std::vector<Row> rows;
  for (const auto& each : sizing.rows) {
    Row row{fmt::format("{:.0f}%", each.share * 100), grouped(each.rate_eps),
            fmt::format("{:.0f}%", each.headroom * 100)};
    for (const auto& drain : each.drains)
      row.push_back(drain.drain_s ? Cell(span_text(*drain.drain_s))
                                  : Cell("never", "no capacity is left over", "bad"));
    rows.push_back(std::move(row));
  }
  return fmt::format(
             "<h3>Sizing</h3><p>With a capacity of {} events/s{}: what is left over at each rate, "
             "and how long the backlog of an outage takes to drain, outage × rate ÷ (capacity − "
             "rate). What faults of this run took stands beside its prediction in their section."
             "</p>",
             grouped(*sizing.capacity_eps),
             sizing.method.empty() ? "" : " (" + escape(sizing.method) + ")") +
         table(head, rows, 0);
}

}  // namespace weir::report
