// A small table of words and numbers that can be written as CSV, with the numbers as pandas writes
// them, or aligned for a terminal.
#pragma once
#include <string>
#include <variant>
#include <vector>

namespace weir::report {

// A number is written with the fewest digits that give the same double, a whole one with ".0", NaN
// as nothing: what pandas.DataFrame.to_csv writes for a float column.
std::string pandas_text(double value);

struct AnalyzedTable {
  using Cell = std::variant<std::string, int64_t, double>;
  std::string name;   // of its file, without ".csv"
  std::string title;  // for the terminal
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;

  std::string csv() const;
  // Title, header and rows, numbers right-aligned and rounded to 6 significant digits. Columns
  // without any value are left out; those that do not fit 100 characters go below, beside the first
  // again.
  std::string text() const;
};

}  // namespace weir::report
