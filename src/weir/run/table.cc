#include "weir/run/table.h"

#include <algorithm>

#include "weir/base/parse_number.h"
#include "weir/sys/disk.h"

namespace weir::run {
namespace {
std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> cells;
  for (;;) {
    const size_t comma = line.find(',');
    cells.emplace_back(line.substr(0, comma));
    if (comma == std::string_view::npos) return cells;
    line.remove_prefix(comma + 1);
  }
}
}  // namespace

Result<Table> Table::read(const std::string& path) {
  return parse(WEIR_TRY(real_disk()->read(path)));
}

Table Table::parse(std::string_view text) {
  Table table;
  for (size_t end; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    if (end == 0) continue;
    auto cells = split(text.substr(0, end));
    if (table.columns_.empty())
      table.columns_ = std::move(cells);
    else
      table.rows_.push_back(std::move(cells));
  }
  return table;
}

std::optional<size_t> Table::index_of(std::string_view column) const {
  const auto found = std::find(columns_.begin(), columns_.end(), column);
  if (found == columns_.end()) return std::nullopt;
  return size_t(found - columns_.begin());
}

std::string_view Table::text(size_t row, std::string_view column) const {
  const auto index = index_of(column);
  if (!index || row >= rows_.size() || *index >= rows_[row].size()) return {};
  return rows_[row][*index];
}

std::optional<double> Table::number(size_t row, std::string_view column) const {
  return parse_number<double>(text(row, column));
}

std::optional<int64_t> Table::integer(size_t row, std::string_view column) const {
  return parse_number<int64_t>(text(row, column));
}

}  // namespace weir::run
