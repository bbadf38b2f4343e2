// A CSV file of a run folder in memory: a header line and rows of numbers or words without quotes.
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/result.h"

namespace weir::run {

class Table {
 public:
  // kNotFound when there is no such file. A last line without its newline is left out: its writer
  // died.
  static Result<Table> read(const std::string& path);
  static Table parse(std::string_view text);

  size_t rows() const { return rows_.size(); }
  bool has(std::string_view column) const { return index_of(column).has_value(); }
  // Empty when the column is unknown, the row too short or the cell no number.
  std::optional<double> number(size_t row, std::string_view column) const;
  std::optional<int64_t> integer(size_t row, std::string_view column) const;
  std::string_view text(size_t row, std::string_view column) const;

 private:
  std::optional<size_t> index_of(std::string_view column) const;
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace weir::run
