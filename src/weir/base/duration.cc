#include "weir/base/duration.h"

#include <array>
#include <charconv>
#include <cmath>

namespace weir {
namespace {
struct Unit {
  std::string_view name;
  double nanos;
};
constexpr std::array<Unit, 16> kUnits{{
    {"ms", 1e6},
    {"millisecond", 1e6},
    {"milliseconds", 1e6},
    {"s", 1e9},
    {"", 1e9},
    {"sec", 1e9},
    {"second", 1e9},
    {"seconds", 1e9},
    {"m", 60e9},
    {"min", 60e9},
    {"minute", 60e9},
    {"minutes", 60e9},
    {"h", 3600e9},
    {"hour", 3600e9},
    {"hours", 3600e9},
    {"us", 1e3},
}};
}  // namespace

Result<Nanos> parse_duration(std::string_view text) {
  double number = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), number);
  std::string_view unit = text.substr(size_t(end.ptr - text.data()));
  while (!unit.empty() && unit.front() == ' ') unit.remove_prefix(1);
  if (end.ec == std::errc{} && number >= 0)
    for (const auto& known : kUnits)
      if (unit == known.name && number * known.nanos < 9e18)
        return Nanos(std::llround(number * known.nanos));
  return fail(Code::kUsage, "\"" + std::string(text) + "\" is not a span of time",
              "it must be a number and a unit",
              "write for example \"200 ms\", \"5 seconds\", \"25m\"");
}

std::string duration_text(Nanos span) {
  const auto whole = [&](int64_t unit) { return span.value % unit == 0; };
  if (span.value == 0) return "0s";
  if (whole(3'600'000'000'000)) return std::to_string(span.value / 3'600'000'000'000) + "h";
  if (whole(60'000'000'000)) return std::to_string(span.value / 60'000'000'000) + "m";
  if (whole(1'000'000'000)) return std::to_string(span.value / 1'000'000'000) + "s";
  if (whole(1'000'000)) return std::to_string(span.value / 1'000'000) + "ms";
  return std::to_string(span.value / 1000) + "us";
}
}  // namespace weir
