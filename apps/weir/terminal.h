// The terminal behind a stream: how wide it is, what it understands, and text that fits it.
//
// Colour needs a terminal without NO_COLOR; redrawing and links need one that is not "dumb", and
// redrawing none of CI's. Text counts columns as UTF-8 code points, escape sequences as nothing.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace weir::cli {

struct Terminal {
  static constexpr int kWidest = 1 << 20;  // of what is no terminal: nothing is folded there
  int width = kWidest;
  bool colour = false, redraw = false, links = false;

  // As the environment and the file descriptor say now; the width may change at any time.
  static Terminal behind(int fd);
  std::string painted(const char* code, std::string_view text) const;
  // The text as a link to `url`, where links are understood; else the text.
  std::string linked(const std::string& url, std::string_view text) const;
};

int columns(std::string_view text);

// The text in lines of at most `width` columns, broken at blanks but never between a number and its
// unit; lines after the first begin with `indent` blanks. A longer word has a line for itself.
std::string folded(std::string_view text, int width, int indent);

// A part of a line that can be left out.
struct Part {
  std::string text;
  int rank = 0;  // parts of the highest rank go first
};
// The parts in their order with two blanks between them, without those that do not fit.
std::string fitted(std::vector<Part> parts, int width);

// "file:///folder/report.html" of a path, made absolute.
std::string file_url(const std::string& path);

}  // namespace weir::cli
