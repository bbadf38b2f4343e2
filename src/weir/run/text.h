// Text for screens and for Markdown. Pure.
#pragma once
#include <string>
#include <string_view>

namespace weir::run {

// Characters on a screen, for UTF-8 text without combining marks.
size_t columns(std::string_view text);

// For a cell of a Markdown table, or a line of it: on one line, and no character of it is markup.
std::string markdown_text(std::string_view text);

}  // namespace weir::run
