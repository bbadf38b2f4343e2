// Rows of the tables that compare and trend show. Pure functions.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace weir::compare {

using Row = std::vector<std::string>;

std::string value_text(const std::optional<double>& value);  // "41,000", "0.1234", "–" for none
std::string markdown_row(const Row& row);                    // with its line's end

}  // namespace weir::compare
