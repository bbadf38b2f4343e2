// Numbers in text.
#pragma once
#include <charconv>
#include <optional>
#include <string_view>

namespace weir {

// The number that the whole of `text` is; empty when it is none, or none that T holds. `format`:
// what std::from_chars takes besides, such as the base.
template <class T, class... Format>
std::optional<T> parse_number(std::string_view text, Format... format) {
  T value{};
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value, format...);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return value;
}

}  // namespace weir
