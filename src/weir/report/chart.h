// Charts as data, and their SVG: lines, points, bands and markers over linear or logarithmic axes.
//
// A chart never joins points across a missing value and never starts a rate axis elsewhere than at
// 0. Colours, dashes and fonts are classes that the page styles (light, dark, print). Pure
// functions.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace weir::report {

struct Axis {
  std::string label;  // with its unit
  bool logarithmic = false;
  std::optional<double> low, high;  // else from the data, linear axes from 0; x beyond is left out
  bool rate = false;                // ticks as 50 k, 1.2 M
  std::vector<std::string> categories;  // when set, x = 0, 1, ... name these
};

struct Point {
  double x = 0;
  std::optional<double> y;  // empty: the line is broken here
  bool hollow = false;
  std::string tip;  // what a pointer resting on it shows
};

struct Series {
  std::string name;  // written at its last point
  int colour = 0;    // 0..4 of the palette; -1: grey, for what is only a reference
  bool line = true, points = true, dashed = false;
  bool steps = false;  // each value holds until the next x: counts of a second
  std::vector<Point> data;
};

// A stretch of x that something explains: warm-up, the time a fault was felt.
struct Band {
  double from = 0, to = 0;
  std::string label;
  bool fault = false;
};

struct Marker {
  double at = 0;
  std::string label;
};

struct Chart {
  std::string summary;  // one sentence: what is seen, for those who cannot see it
  Axis x, y;
  std::vector<Series> series;
  std::vector<Band> bands;
  std::vector<Marker> markers;
  int width = 640, height = 300;
  bool show_x_labels = true;  // false where the panel below carries them
};

// The chart as one <svg> element. Values that are not finite or, on a logarithmic axis, not
// positive are left out. A chart without any value says "no data".
std::string to_svg(const Chart& chart);

// Text of HTML and its attributes: & < > " ' replaced.
std::string escape(std::string_view text);

// 12, 950, "50 k", "1.25 M": at most three significant digits, for axes.
std::string short_number(double value);
// 12.3, 1,234,567: `decimals` behind the point, thousands grouped, for tables and sentences.
std::string grouped(double value, int decimals = 0);

}  // namespace weir::report
