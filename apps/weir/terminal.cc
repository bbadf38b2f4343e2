#include "apps/weir/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <filesystem>

namespace weir::cli {
namespace {

bool is_set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

// Where the escape sequence at `at` ends: CSI ends with a letter, OSC with BEL or ESC \.
size_t end_of_escape(std::string_view text, size_t at) {
  if (at + 1 >= text.size()) return text.size();
  if (text[at + 1] == ']') {
    for (size_t i = at + 2; i < text.size(); ++i) {
      if (text[i] == '\a') return i + 1;
      if (text[i] == '\033') return std::min(i + 2, text.size());
    }
    return text.size();
  }
  for (size_t i = at + 2; i < text.size(); ++i)
    if (text[i] >= '@' && text[i] <= '~') return i + 1;
  return text.size();
}

// Whether `word` belongs to the number before it: "k", "ms,", "k/s", "ev/s", "events/s;".
bool is_unit(std::string_view word) {
  while (!word.empty() && std::string_view(",;.:)]").find(word.back()) != std::string_view::npos)
    word.remove_suffix(1);
  static constexpr std::array<std::string_view, 16> kUnits = {
      "k",   "M",  "G",  "k/s",  "M/s", "/s",       "ms",     "s",
      "min", "us", "ns", "ev/s", "GB",  "events/s", "events", "%"};
  return std::find(kUnits.begin(), kUnits.end(), word) != kUnits.end();
}

bool ends_a_number(std::string_view word) {
  return !word.empty() && (std::isdigit(static_cast<unsigned char>(word.back())) != 0);
}

// The words of a text; a number and the units behind it are one.
std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool number = false;
  while (!text.empty()) {
    const size_t start = std::min(text.find_first_not_of(' '), text.size());
    const size_t end = std::min(text.find(' ', start), text.size());
    const std::string_view word = text.substr(start, end - start);
    text.remove_prefix(end);
    if (word.empty()) break;
    if (number && is_unit(word)) {
      words.back() += " " + std::string(word);
      continue;
    }
    words.emplace_back(word);
    number = ends_a_number(word);
  }
  return words;
}

}  // namespace

Terminal Terminal::behind(int fd) {
  Terminal terminal;
  if (isatty(fd) == 0) return terminal;
  winsize size{};
  terminal.width = ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
  const char* name = std::getenv("TERM");
  const bool dumb = name == nullptr || std::string_view(name) == "dumb";
  terminal.colour = !dumb && !is_set("NO_COLOR");
  terminal.links = !dumb;
  terminal.redraw = !dumb && !is_set("CI");
  return terminal;
}

std::string Terminal::painted(const char* code, std::string_view text) const {
  return colour ? fmt::format("\033[{}m{}\033[0m", code, text) : std::string(text);
}

std::string Terminal::linked(const std::string& url, std::string_view text) const {
  return links ? fmt::format("\033]8;;{}\033\\{}\033]8;;\033\\", url, text) : std::string(text);
}

int columns(std::string_view text) {
  int count = 0;
  for (size_t i = 0; i < text.size();) {
    if (text[i] == '\033') {
      i = end_of_escape(text, i);
      continue;
    }
    count += (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    ++i;
  }
  return count;
}

std::string folded(std::string_view text, int width, int indent) {
  if (columns(text) <= width) return std::string(text);
  std::string lines(std::min(text.find_first_not_of(' '), text.size()), ' ');
  int used = int(lines.size());
  bool first = true;  // of its line
  for (const auto& word : words_of(text)) {
    const int size = columns(word);
    if (!first && used + 1 + size > width) {
      lines += "\n" + std::string(size_t(indent), ' ');
      used = indent;
      first = true;
    }
    if (!first) lines += ' ', ++used;
    lines += word;
    used += size;
    first = false;
  }
  return lines;
}

std::string fitted(std::vector<Part> parts, int width) {
  const auto total = [&parts] {
    int sum = parts.empty() ? 0 : -2;
    for (const auto& part : parts) sum += columns(part.text) + 2;
    return sum;
  };
  while (parts.size() > 1 && total() > width)
    parts.erase(std::max_element(parts.begin(), parts.end(),
                                 [](const Part& a, const Part& b) { return a.rank < b.rank; }));
  std::string line;
  for (const auto& part : parts) line += (line.empty() ? "" : "  ") + part.text;
  return line;
}

std::string file_url(const std::string& path) {
  std::error_code ignored;
  const std::string absolute = std::filesystem::absolute(path, ignored).lexically_normal();
  std::string url = "file://";
  for (const char c : absolute) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || std::string_view("/-._~:").find(c) != std::string_view::npos)
      url += c;
    else
      url += fmt::format("%{:02X}", byte);
  }
  return url;
}

}  // namespace weir::cli
