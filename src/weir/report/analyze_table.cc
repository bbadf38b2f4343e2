#include "weir/report/analyze_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "weir/run/text.h"

namespace weir::report {
namespace {

constexpr size_t kWidest = 100;

std::string csv_cell(const AnalyzedTable::Cell& cell) {
  if (const auto* number = std::get_if<double>(&cell)) return pandas_text(*number);
  if (const auto* whole = std::get_if<int64_t>(&cell)) return std::to_string(*whole);
  return run::csv_text(std::get<std::string>(cell));
}

std::string terminal_cell(const AnalyzedTable::Cell& cell) {
  const auto* number = std::get_if<double>(&cell);
  if (!number) return csv_cell(cell);
  if (std::isnan(*number)) return "-";
  if (std::abs(*number) >= 1e5 && std::abs(*number) < 1e15) return fmt::format("{:.0f}", *number);
  return fmt::format("{:.6g}", *number);
}

}  // namespace

std::string pandas_text(double value) {
  if (std::isnan(value)) return "";
  std::string text = fmt::format("{}", value);
  if (std::isfinite(value) && text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::string AnalyzedTable::csv() const {
  std::string out;
  for (size_t i = 0; i < columns.size(); ++i) out += (i ? "," : "") + run::csv_text(columns[i]);
  out += '\n';
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) out += (i ? "," : "") + csv_cell(row[i]);
    out += '\n';
  }
  return out;
}

std::string AnalyzedTable::text() const {
  std::vector<std::vector<std::string>> cells(rows.size() + 1);
  for (size_t i = 0; i < columns.size(); ++i) {
    const bool measured = std::any_of(
        rows.begin(), rows.end(), [i](const auto& row) { return terminal_cell(row[i]) != "-"; });
    if (i > 0 && !measured) continue;
    cells[0].push_back(columns[i]);
    for (size_t r = 0; r < rows.size(); ++r) cells[r + 1].push_back(terminal_cell(rows[r][i]));
  }
  std::vector<size_t> widths(cells[0].size(), 0);
  for (const auto& row : cells)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());

  std::string out = title + "\n";
  for (size_t from = 1; from < widths.size();) {
    size_t width = widths[0] + 2, to = from;
    while (to < widths.size() && (to == from || width + 2 + widths[to] <= kWidest))
      width += 2 + widths[to++];
    for (const auto& row : cells) {
      out += fmt::format("  {:<{}}", row[0], widths[0]);
      for (size_t i = from; i < to; ++i) out += fmt::format("  {:>{}}", row[i], widths[i]);
      out += '\n';
    }
    from = to;
  }
  return out;
}

}  // namespace weir::report
