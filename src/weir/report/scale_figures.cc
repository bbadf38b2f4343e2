#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "weir/report/against_rate.h"
#include "weir/report/numbers.h"
#include "weir/run/cells.h"

namespace weir::report {
namespace {

using Shape = std::pair<int32_t, int32_t>;  // partitions, parallelism

// The tasks that partitions and parallelism allow to work at once.
double width(const Shape& shape) { return double(std::min(shape.first, shape.second)); }

// Repetitions of a cell share its place on the axis.
std::map<Shape, std::vector<const run::Step*>> cells_of(const run::RunResult& result) {
  std::map<Shape, std::vector<const run::Step*>> cells;
  if (result.scale)
    for (const auto& cell : result.scale->cells)
      cells[{cell.partitions, cell.parallelism}].push_back(&cell);
  return cells;
}

Figure by_cell(const run::RunResult& result, const char* id, const char* title) {
  Figure figure;
  figure.id = id, figure.title = title;
  figure.x = {.label = "partitions × parallel tasks", .scale = AxisScale::kCategory};
  size_t most = 0;
  double measured_s = 0;
  std::vector<std::string> places{"scale"};
  for (const auto& [shape, runs] : cells_of(result)) {
    figure.x.categories.push_back(fmt::format("{} × {}", shape.first, shape.second));
    most = std::max(most, runs.size());
    for (const auto* run : runs)
      measured_s = std::max(measured_s, run->measured_s), places.push_back(run->label);
  }
  figure.notes = notes_about(result, places);
  figure.samples = most > 1 ? fmt::format("n = up to {} runs of each cell", most)
                            : "n = 1 run of each cell, no interval";
  if (measured_s > 0) figure.window = "window: " + seconds(measured_s) + " after warm-up";
  return figure;
}

}  // namespace

Figure scale_throughput(const run::RunResult& result) {
  Figure figure = by_cell(result, "scale_throughput", "Throughput by partitions and parallelism");
  figure.caption =
      "Processed under overload, every run a point; on the dashed line throughput grows in "
      "proportion to the tasks that can work at once. Hollow: it carried all that was "
      "offered, so what it can do at most was not seen. Below, the share of proportional growth "
      "that was reached.";
  const auto cells = cells_of(result);
  Series points{.name = "processed", .colour = 0, .mark = Mark::kDots};
  Series ideal{.name = "in proportion", .colour = -1, .mark = Mark::kLine, .dash = 1};
  Series efficiency{.name = "efficiency", .colour = 2, .mark = Mark::kDots};
  double base = 0, at = 0, best = 0;
  for (const auto& [shape, runs] : cells) {
    // The smallest cell is what the others are held against.
    if (base <= 0 && width(shape) > 0)
      base =
          run::mean_processed(*result.scale, shape.first, shape.second).value_or(0) / width(shape);
    for (const auto* run : runs) {
      if (!run->processed_eps) continue;
      points.add(at, *run->processed_eps);
      points.hollow.push_back(run->limited_by.empty());
      if (base > 0 && width(shape) > 0)
        efficiency.add(at, *run->processed_eps / (base * width(shape)) * 100);
      best = std::max(best, *run->processed_eps);
    }
    if (base > 0) ideal.add(at, base * width(shape));
    ++at;
  }
  if (points.x.empty()) return figure;
  figure.panels = {{{.label = "processed, events/s", .unit = Unit::kRate}, {ideal, points}, {}},
                   {{.label = "efficiency", .unit = Unit::kPercent, .low = 0.0}, {efficiency}, {}}};
  figure.summary = fmt::format(
      "{} cells; the most processed is {} events/s, {} times the first.", cells.size(),
      grouped(best), grouped(base > 0 ? best / (base * width(cells.begin()->first)) : 0, 2));
  return figure;
}

Figure exp2_p95_latency(const run::RunResult& result) {
  Figure figure = by_cell(result, "exp2_p95_latency", "p95 event latency by cell");
  figure.caption = "p95 event latency of each cell that does not fall behind.";
  Series points{.name = "p95", .colour = 1, .mark = Mark::kDots};
  double at = 0;
  for (const auto& [shape, runs] : cells_of(result)) {
    for (const auto* run : runs)
      if (run->latency && run->latency->p95 && run->verdict != "falls_behind") {
        points.add(at, *run->latency->p95);
        points.hollow.push_back(run->verdict != "keeps_up");
      }
    ++at;
  }
  if (points.x.empty()) return figure;
  figure.panels = {
      {{.label = "event latency", .unit = Unit::kMillis, .scale = AxisScale::kLog}, {points}, {}}};
  figure.summary = fmt::format("{} cells have a p95.", points.x.size());
  return figure;
}

std::vector<Figure> figures_of(const run::RunResult& result, const std::string& run_folder) {
  std::vector<Figure> all{throughput_vs_rate(result), latency_vs_rate(result),
                          cadence_vs_rate(result), percentile_spectrum(result, run_folder),
                          stages_vs_rate(result)};
  for (auto& figure : steps_over_time(result, run_folder)) all.push_back(std::move(figure));
  all.push_back(scale_throughput(result));
  all.push_back(scale_law(result));
  for (auto& figure : fault_timelines(result, run_folder)) all.push_back(std::move(figure));
  all.push_back(fault_times(result));
  all.push_back(p95_latency_vs_rate(result));
  all.push_back(exp2_p95_latency(result));
  std::erase_if(all, [](const Figure& figure) { return !has_data(figure); });
  // Labels come from a file anybody may have edited: two figures never share a name.
  std::map<std::string, int> seen;
  for (auto& figure : all)
    if (const int n = ++seen[figure.id]; n > 1) figure.id += fmt::format("_{}", n);
  return all;
}

}  // namespace weir::report
