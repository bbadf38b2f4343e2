#include "weir/compare/rows.h"

#include <fmt/format.h>

#include <cmath>

#include "weir/report/numbers.h"
#include "weir/run/text.h"

namespace weir::compare {

std::string value_text(const std::optional<double>& value) {
  if (!value) return "–";
  return std::abs(*value) >= 1000 ? report::grouped(*value) : fmt::format("{:.4g}", *value);
}

std::string markdown_row(const Row& row) {
  std::string text = "|";
  for (const auto& each : row) text += " " + run::markdown_text(each) + " |";
  return text + "\n";
}

}  // namespace weir::compare
