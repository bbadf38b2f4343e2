#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "weir/report/html.h"
#include "weir/report/sections.h"

namespace weir::report {
namespace {

std::string scale_chart(const std::vector<run::Step>& cells) {
  Chart chart;
  chart.summary = "Processed events per second in each cell of partitions and parallelism.";
  chart.y = {.label = "processed, events/s", .rate = true};
  chart.x.label = "partitions × parallel tasks";
  Series measured{.name = "processed", .colour = 0, .line = false};
  Series ideal{.name = "in proportion", .colour = -1, .points = false, .dashed = true};
  // In proportion to the parallelism that partitions and tasks allow, from the smallest cell.
  auto width = [](const run::Step& cell) {
    return double(std::min(cell.partitions, cell.parallelism));
  };
  const run::Step* first = nullptr;
  for (const auto& cell : cells)
    if (cell.processed_eps && (!first || width(cell) < width(*first))) first = &cell;
  for (size_t i = 0; i < cells.size(); ++i) {
    const auto& cell = cells[i];
    chart.x.categories.push_back(fmt::format("{} × {}", cell.partitions, cell.parallelism));
    measured.data.push_back(
        {double(i), cell.processed_eps, false,
         fmt::format("{} partitions, {} tasks: {} events/s", cell.partitions, cell.parallelism,
                     grouped(cell.processed_eps.value_or(0)))});
    if (first && width(*first) > 0)
      ideal.data.push_back({double(i), *first->processed_eps / width(*first) * width(cell)});
  }
  chart.series = {ideal, measured};
  return to_svg(chart);
}

}  // namespace

std::string scale_section(const run::RunResult& result) {
  if (!result.scale) return {};
  std::vector<run::Step> cells = result.scale->cells;
  std::stable_sort(cells.begin(), cells.end(), [](const run::Step& a, const run::Step& b) {
    return std::pair(a.partitions, a.parallelism) < std::pair(b.partitions, b.parallelism);
  });
  std::string html = "<section id=\"scale\"><h2>Scale</h2>";
  if (!cells.empty()) {
    html += figure(
        "Processed rate under overload, one run for each cell, no interval. Dashed: growth in "
        "proportion to the tasks that can work at once, from the smallest cell.",
        scale_chart(cells));
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
