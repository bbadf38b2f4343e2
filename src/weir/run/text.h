// Text for screens, for Markdown and for CSV. Pure.
#pragma once
#include <string>
#include <string_view>

namespace weir::run {

// Characters on a screen, for UTF-8 text without combining marks.
size_t columns(std::string_view text);

// For a cell of a Markdown table, or a line of it: on one line, and no character of it is markup.
std::string markdown_text(std::string_view text);

// For a cell of CSV: in quotes where it holds a comma, a quote or a line's end.
std::string csv_text(std::string_view text);

}  // namespace weir::run
