#include "weir/event/json_text.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace weir {
namespace {
constexpr int kDigitsMax = 17;  // no double needs more

// The decimal digits of a finite double and the exponent of the first one.
struct Decimal {
  char digits[kDigitsMax + 1];
  int count = 0;
  int exponent = 0;
};

Decimal shortest_decimal(double positive) {
  char text[32];
  const auto end =
      std::to_chars(text, text + sizeof text, positive, std::chars_format::scientific).ptr;
  Decimal decimal;
  const char* at = text;
  for (; at < end && *at != 'e'; ++at)
    if (*at != '.') decimal.digits[decimal.count++] = *at;
  if (at < end && *++at == '+') ++at;  // from_chars knows no plus sign
  std::from_chars(at, end, decimal.exponent);
  return decimal;
}

void append_plain(const Decimal& decimal, std::string& out) {
  if (decimal.exponent < 0) {
    out += "0.";
    out.append(size_t(-decimal.exponent - 1), '0');
    out.append(decimal.digits, size_t(decimal.count));
    return;
  }
  for (int i = 0; i <= decimal.exponent; ++i) out += i < decimal.count ? decimal.digits[i] : '0';
  out += '.';
  if (decimal.count <= decimal.exponent + 1) out += '0';
  for (int i = decimal.exponent + 1; i < decimal.count; ++i) out += decimal.digits[i];
}

void append_scientific(const Decimal& decimal, std::string& out) {
  out += decimal.digits[0];
  out += '.';
  if (decimal.count == 1) out += '0';
  out.append(decimal.digits + 1, size_t(decimal.count - 1));
  out += 'E';
  append_json_number(int64_t{decimal.exponent}, out);
}

void append_escaped(char c, std::string& out) {
  constexpr std::string_view kNamed = "\b\t\n\f\r\"\\", kLetters = "btnfr\"\\";
  constexpr char kHex[] = "0123456789ABCDEF";
  out += '\\';
  if (const size_t i = kNamed.find(c); i != kNamed.npos) {
    out += kLetters[i];
    return;
  }
  out += "u00";
  out += kHex[uint8_t(c) >> 4];
  out += kHex[uint8_t(c) & 15];
}
}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  size_t plain_from = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (uint8_t(text[i]) >= 0x20 && text[i] != '"' && text[i] != '\\') continue;
    out.append(text, plain_from, i - plain_from);
    append_escaped(text[i], out);
    plain_from = i + 1;
  }
  out.append(text, plain_from);
  out += '"';
}

void append_json_number(int64_t number, std::string& out) {
  char text[24];
  out.append(text, size_t(std::to_chars(text, text + sizeof text, number).ptr - text));
}

void append_json_number(double number, std::string& out) {
  // Weir's own values: one digit behind the point, which is their shortest form.
  const double tenfold = number * 10;
  if (std::abs(number) < 1e6 && tenfold == std::trunc(tenfold) && tenfold / 10 == number &&
      !std::signbit(number)) {
    const int64_t tenths = int64_t(tenfold);
    append_json_number(tenths / 10, out);
    out += '.';
    out += char('0' + tenths % 10);
    return;
  }
  if (std::signbit(number)) out += '-';
  const double positive = std::abs(number);
  if (positive == 0) {
    out += "0.0";
    return;
  }
  const Decimal decimal = shortest_decimal(positive);
  if (positive >= 1e-3 && positive < 1e7)
    append_plain(decimal, out);
  else
    append_scientific(decimal, out);
}

}  // namespace weir
