#include "weir/sys/log_tail.h"

#include <algorithm>
#include <fstream>

namespace weir {
namespace {

constexpr size_t kLineMax = 400;
constexpr std::streamoff kBytesMax = 64 << 10;

}  // namespace

std::string last_lines(std::string_view text, size_t lines) {
  std::string found;
  for (size_t count = 0; count < lines && !text.empty();) {
    const size_t begin = text.rfind('\n') + 1;  // npos + 1 is 0
    std::string_view line = text.substr(begin);
    text = text.substr(0, begin == 0 ? 0 : begin - 1);
    while (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
    if (line.starts_with("\tat ")) continue;
    found = std::string(line.substr(0, kLineMax)) + (found.empty() ? "" : "\n") + found;
    ++count;
  }
  return found;
}

std::string log_tail(const std::string& path) {
  std::ifstream in(path, std::ios::binary | std::ios::ate);
  const std::streamoff size = in ? std::streamoff(in.tellg()) : 0;
  in.seekg(std::max<std::streamoff>(0, size - kBytesMax));
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  const std::string found = last_lines(text, 3);
  return found.empty() ? "it wrote nothing to its log" : found;
}

}  // namespace weir
