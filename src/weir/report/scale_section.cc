#include <fmt/format.h>

#include <algorithm>

#include "weir/report/html.h"
#include "weir/report/sections.h"

namespace weir::report {
std::string scale_section(const run::RunResult& result, const std::vector<Figure>& figures) {
  if (!result.scale) return {};
  std::vector<run::Step> cells = result.scale->cells;
  std::stable_sort(cells.begin(), cells.end(), [](const run::Step& a, const run::Step& b) {
    return std::pair(a.partitions, a.parallelism) < std::pair(b.partitions, b.parallelism);
  });
  std::string html = "<section id=\"scale\"><h2>Scalability</h2>";
  if (!cells.empty()) {
    html += place_of(figures, "scale_throughput");
    std::vector<Row> rows;
    const run::Figure base = cells.front().processed_eps;
    for (const auto& cell : cells) {
      run::Figure times;
      if (base && *base > 0 && cell.processed_eps) times = *cell.processed_eps / *base;
      rows.push_back({std::to_string(cell.partitions), std::to_string(cell.parallelism),
                      number_cell(cell.offered_eps, 0), number_cell(cell.processed_eps, 0),
                      times ? Cell(grouped(*times, 2) + " ×") : Cell("–"),
                      cell.limited_by.empty() ? Cell("–") : Cell(cell.limited_by),
                      Cell(verdict_text(cell.verdict), cell.reason, verdict_css(cell.verdict))});
    }
    html += table({"partitions", "tasks", "offered /s", "processed /s", "times the first",
                   "limited by", "verdict at the offered rate"},
                  rows, 0);
  }
  for (const auto& label : result.scale->not_measured)
    html += "<p>" + escape(label) + ": not measured.</p>";
  return html + "</section>\n";
}

}  // namespace weir::report
