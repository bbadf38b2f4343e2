// What a figure shows, as data: the one description from which the report, the live page and the
// figures for papers are drawn. docs/formats/figure.md draws its JSON form.
//
// A figure has one x axis and one panel or several stacked above it. What was not measured is NaN:
// a line is broken there, never drawn through. Pure data and pure functions.
#pragma once
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/result.h"

namespace weir::report {

inline constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

// How numbers on an axis are written.
enum class Unit { kNone, kRate, kMillis, kSeconds, kCount, kPercent };
// kNines holds -log10(1 - p) for the percentile p: 1 is 90%, 2 is 99%. kCategory holds the index of
// a name.
enum class AxisScale { kLinear, kLog, kNines, kCategory };

struct Axis {
  std::string label;  // with its unit in words
  Unit unit = Unit::kNone;
  AxisScale scale = AxisScale::kLinear;
  std::optional<double> low, high;      // else from the data, linear y axes from 0
  std::vector<std::string> categories;  // of kCategory
};

enum class Mark {
  kLine,   // points joined
  kSteps,  // each value holds until the next x
  kDots,   // points alone
  kBoth,   // points, joined
  kBars,   // stacked upon the bars of the series before it
};

struct Series {
  std::string name;
  int colour = 0;  // of the palette, counted round; -1: grey, for what is only a reference
  Mark mark = Mark::kLine;
  int dash = 0;                   // 0 solid, 1 dashed, 2 dotted, 3 dash-dot
  std::vector<double> x, y;       // of the same length
  std::vector<double> low, high;  // interval of each y: empty, or as long as y (NaN: none there)
  std::vector<bool> hollow;       // true: does not count; drawn hollow, joined with nothing

  void add(double at, double value) { x.push_back(at), y.push_back(value); }
};

// Counts over x and y, of events in cells: columns of equal width, rows between `bounds`.
struct Heat {
  double width = 0;              // of a column
  std::vector<double> bounds;    // ascending; one more than there are rows
  std::vector<double> x;         // where each column begins
  std::vector<int> column, row;  // of each cell that is not empty
  std::vector<double> count;
};

struct Panel {
  Axis y;
  std::vector<Series> series;
  std::optional<Heat> heat;
};

// A stretch of x that something explains.
struct Band {
  enum Kind { kWarmup, kFault, kRange } kind = kRange;
  double from = 0, to = 0;
  std::string label;
};

// A line across all panels: a moment.
struct Marker {
  double at = 0;
  std::string label;
};

struct Figure {
  std::string id;  // [a-z0-9_]+, the name of its files
  std::string title;
  std::string caption;             // one sentence: what it shows
  std::string summary;             // what is seen, in words, for those who cannot see it
  std::string samples;             // "24 to 31 batches at each load": what stands behind it
  std::string window;              // "after warm-up, 4.8 s of each step"
  std::vector<std::string> notes;  // warnings that touch it
  Axis x;
  std::vector<Band> bands;
  std::vector<Marker> markers;
  std::vector<Panel> panels;
};

// True when any panel has a value to draw.
bool has_data(const Figure& figure);
// One JSON object; NaN becomes null.
std::string to_json(const Figure& figure);
// Columns panel,series,x,y,low,high,hollow,label, a row for each point; missing values are empty
// cells; label is the name of a category. A bar reaches from low to high. A heat map's rows have
// the series "events", the count as y and its cell between low and high. Text is quoted where CSV
// needs it. The page's CSV button writes the same.
std::string to_csv(const Figure& figure);

// What a figure must never do: a linear axis for latency, a rate or a bar that does not start at 0,
// a line through a point that does not keep up, series that differ by colour alone. Each sentence
// names one such place; empty when there is none.
std::vector<std::string> faults_of(const Figure& figure);

}  // namespace weir::report
