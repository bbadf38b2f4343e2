// The end of what another program wrote, for messages to people.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace weir {

// The last `lines` lines that say anything, joined by line feeds, each cut at 400 bytes. Blank
// lines and the frames of Java's stack traces are left out.
std::string last_lines(std::string_view text, size_t lines);

// The last three such lines of a log file, or that it holds none. Reads at most its last 64 KB.
std::string log_tail(const std::string& path);

}  // namespace weir
