#include "weir/kafka/java_properties.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>

namespace weir::kafka {
namespace {

constexpr std::string_view kBlanks = " \t\f";
bool is_blank(char c) { return kBlanks.find(c) != std::string_view::npos; }

void append_utf8(std::string& text, uint32_t point) {
  if (point < 0x80) {
    text += char(point);
  } else if (point < 0x800) {
    text += char(0xC0 | point >> 6);
    text += char(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    text += char(0xE0 | point >> 12);
    text += char(0x80 | (point >> 6 & 0x3F));
    text += char(0x80 | (point & 0x3F));
  } else {
    text += char(0xF0 | point >> 18);
    text += char(0x80 | (point >> 12 & 0x3F));
    text += char(0x80 | (point >> 6 & 0x3F));
    text += char(0x80 | (point & 0x3F));
  }
}

// A logical line: its characters with every backslash still there, and where it begins.
struct Line {
  std::string text;
  int number = 0;
};

// Cuts natural lines, drops comments, joins what continues.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  std::optional<Line> next() {
    while (!rest_.empty()) {
      std::string_view natural = take_natural();
      natural.remove_prefix(std::min(natural.find_first_not_of(kBlanks), natural.size()));
      if (natural.empty() || natural[0] == '#' || natural[0] == '!') continue;
      Line line{std::string(natural), number_};
      while (continues(line.text)) {
        line.text.pop_back();
        if (rest_.empty()) break;
        natural = take_natural();
        natural.remove_prefix(std::min(natural.find_first_not_of(kBlanks), natural.size()));
        line.text += natural;
      }
      return line;
    }
    return std::nullopt;
  }

 private:
  std::string_view take_natural() {
    ++number_;
    const size_t end = std::min(rest_.find_first_of("\r\n"), rest_.size());
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (rest_.starts_with("\r\n"))
      rest_.remove_prefix(2);
    else if (!rest_.empty())
      rest_.remove_prefix(1);
    return line;
  }
  static bool continues(const std::string& line) {
    const size_t last = line.find_last_not_of('\\');
    const size_t slashes = line.size() - (last == std::string::npos ? 0 : last + 1);
    return slashes % 2 == 1;
  }

  std::string_view rest_;
  int number_ = 0;
};

std::optional<uint32_t> hex4(std::string_view text) {
  if (text.size() < 4) return std::nullopt;
  uint32_t value = 0;
  for (const char c : text.substr(0, 4)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return std::nullopt;
    value = value << 4 | uint32_t(digit);
  }
  return value;
}

bool is_high(uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool is_low(uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

// Resolves escapes; false at a malformed \u. A lone surrogate becomes U+FFFD.
bool unescape(std::string_view text, std::string& out) {
  constexpr uint32_t kReplacement = 0xFFFD;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      append_utf8(out, uint8_t(text[i]));
      continue;
    }
    if (++i == text.size()) break;
    if (text[i] != 'u') {
      const char c = text[i];
      append_utf8(out, uint8_t(c == 't'   ? '\t'
                               : c == 'n' ? '\n'
                               : c == 'r' ? '\r'
                               : c == 'f' ? '\f'
                                          : c));
      continue;
    }
    const auto unit = hex4(text.substr(i + 1));
    if (!unit) return false;
    i += 4;
    uint32_t point = *unit;
    if (is_high(*unit) && text.substr(i + 1).starts_with("\\u")) {
      const auto low = hex4(text.substr(i + 3));
      if (!low) return false;
      if (is_low(*low)) {
        point = 0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00);
        i += 6;
      }
    }
    append_utf8(out, is_high(point) || is_low(point) ? kReplacement : point);
  }
  return true;
}

// Where the key ends, and where the value begins.
std::pair<size_t, size_t> cut(std::string_view line) {
  size_t end = 0;
  while (end < line.size() && line[end] != '=' && line[end] != ':' && !is_blank(line[end]))
    end += line[end] == '\\' ? 2 : 1;
  end = std::min(end, line.size());
  size_t value = end;
  while (value < line.size() && is_blank(line[value])) ++value;
  if (value < line.size() && (line[value] == '=' || line[value] == ':')) ++value;
  while (value < line.size() && is_blank(line[value])) ++value;
  return {end, value};
}

void append_escaped(std::string& out, std::string_view text, bool key) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = uint8_t(text[i]);
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\f') {
      out += "\\f";
    } else if (c == '\\' || (c == ' ' && (key || i == 0)) ||
               (key && std::string_view("=:#!").find(char(c)) != std::string_view::npos)) {
      out += '\\';
      out += char(c);
    } else {
      out += char(c);
    }
  }
}

// Characters above ASCII as \u escapes. Bytes that are no UTF-8 become U+FFFD.
std::string ascii_only(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    const auto first = uint8_t(text[i]);
    const int more = first < 0x80 ? 0 : first < 0xC0 ? -1 : first < 0xE0 ? 1 : first < 0xF0 ? 2 : 3;
    if (more == 0) {
      out += text[i++];
      continue;
    }
    uint32_t point = more < 0 ? 0xFFFD : first & (0x3F >> more);
    size_t used = 1;
    for (; more > 0 && used <= size_t(more); ++used) {
      if (i + used >= text.size() || (uint8_t(text[i + used]) & 0xC0) != 0x80) {
        point = 0xFFFD;
        break;
      }
      point = point << 6 | (uint8_t(text[i + used]) & 0x3F);
    }
    i += used;
    if (point >= 0x10000)
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + ((point - 0x10000) >> 10),
                         0xDC00 + ((point - 0x10000) & 0x3FF));
    else
      out += fmt::format("\\u{:04x}", point);
  }
  return out;
}

}  // namespace

Result<Properties> read_java_properties(std::string_view text, const std::string& name) {
  Properties all;
  Lines lines(text);
  while (const auto line = lines.next()) {
    const auto [key_end, value_begin] = cut(line->text);
    const std::string_view whole = line->text;
    std::string key, value;
    if (!unescape(whole.substr(0, key_end), key) || !unescape(whole.substr(value_begin), value))
      return fail(Code::kUsage, fmt::format("{}, line {} cannot be read", name, line->number),
                  "\\u must be followed by four hexadecimal digits",
                  "write \\\\ for a backslash that is meant as itself");
    all[key] = value;
  }
  return all;
}

std::string java_properties_text(const Properties& properties) {
  std::string text;
  for (const auto& [key, value] : properties) {
    std::string line;
    append_escaped(line, key, true);
    line += '=';
    append_escaped(line, value, false);
    text += ascii_only(line) + '\n';
  }
  return text;
}

}  // namespace weir::kafka
