#include "weir/report/numbers.h"

#include <fmt/format.h>

#include <cmath>

namespace weir::report {

std::string escape(std::string_view raw) {
  std::string out;
  out.reserve(raw.size());
  for (char c : raw) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string short_number(double value) {
  const double size = std::abs(value);
  if (size >= 999.5e3) return fmt::format("{:.3g} M", value / 1e6);
  if (size >= 999.5) return fmt::format("{:.3g} k", value / 1e3);
  return fmt::format("{:.3g}", value);
}

std::string grouped(double value, int decimals) {
  std::string digits = fmt::format("{:.{}f}", std::abs(value), decimals);
  const size_t whole = decimals > 0 ? digits.size() - size_t(decimals) - 1 : digits.size();
  for (size_t at = whole; at > 3; at -= 3) digits.insert(at - 3, ",");
  const bool zero = digits.find_first_of("123456789") == std::string::npos;
  return (value < 0 && !zero ? "-" : "") + digits;
}

std::string milliseconds(double value) {
  if (value >= 10'000) return seconds(value / 1e3);
  return grouped(value, value < 1 ? 2 : value < 100 ? 1 : 0) + " ms";
}

std::string seconds(double value) {
  return grouped(value, value < 0.1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0) + " s";
}

}  // namespace weir::report
