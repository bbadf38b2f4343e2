#include "weir/report/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "weir/report/scale.h"

namespace weir::report {
namespace {

constexpr double kLeft = 62, kTop = 26, kBottom = 44, kLabelRoom = 96, kTextHeight = 14;

// Where the plot lies within the picture, and how values map into it.
struct Frame {
  double left, right, top, bottom;
  Scale x, y;
  double at_x(double value) const { return x.position(value, left, right); }
  double at_y(double value) const { return y.position(value, bottom, top); }
};

// Rows that the names of the markers may need.
int marker_rows(const Chart& chart) {
  const auto named = std::count_if(chart.markers.begin(), chart.markers.end(),
                                   [](const Marker& marker) { return !marker.label.empty(); });
  return std::clamp(int(named), 1, 4);
}

bool drawable(const Chart& chart, const Point& point) {
  return point.y && std::isfinite(*point.y) && std::isfinite(point.x) &&
         point.x >= chart.x.low.value_or(point.x) && point.x <= chart.x.high.value_or(point.x) &&
         (!chart.y.logarithmic || *point.y > 0);
}

Frame frame_of(const Chart& chart, bool& any) {
  std::vector<double> xs, ys;
  bool names = false;
  for (const auto& series : chart.series)
    for (const auto& point : series.data)
      if (drawable(chart, point)) {
        xs.push_back(point.x), ys.push_back(*point.y);
        names = names || !series.name.empty();
      }
  any = !xs.empty();
  if (!chart.x.categories.empty()) xs = {-0.5, double(chart.x.categories.size()) - 0.5};
  Frame frame{kLeft,
              chart.width - (names ? kLabelRoom : 16.0),
              kTop + kTextHeight * (marker_rows(chart) - 1),
              chart.height - (chart.show_x_labels ? kBottom : 8.0),
              {},
              {}};
  frame.x =
      Scale::over(xs, chart.x.logarithmic, chart.x.low, chart.x.high, !chart.x.categories.empty());
  frame.y = Scale::over(ys, chart.y.logarithmic, chart.y.low, chart.y.high, false);
  return frame;
}

std::string text(double x, double y, const char* anchor, const char* classes,
                 std::string_view words) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" class=\"{}\">{}</text>", x,
                     y, anchor, classes, escape(words));
}

std::string tick_text(const Axis& axis, double value) {
  if (value == 0) return "0";  // never -0
  if (axis.rate) return short_number(value);
  return std::abs(value) >= 1000 ? grouped(value) : fmt::format("{:.4g}", value);
}

std::string axes(const Chart& chart, const Frame& f) {
  std::string svg;
  for (double value : f.y.ticks(f.bottom - f.top, 44)) {
    const double y = f.at_y(value);
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>", f.left,
        f.right, y, y);
    svg += text(f.left - 7, y + 4, "end", "tick", tick_text(chart.y, value));
  }
  svg += text(4, f.top - 11, "start", "axis", chart.y.label);
  svg +=
      fmt::format("<line class=\"base\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>",
                  f.left, f.right, f.bottom, f.bottom);
  if (!chart.show_x_labels) return svg;
  if (!chart.x.categories.empty()) {
    for (size_t i = 0; i < chart.x.categories.size(); ++i)
      svg += text(f.at_x(double(i)), f.bottom + 17, "middle", "tick", chart.x.categories[i]);
  } else {
    for (double value : f.x.ticks(f.right - f.left, 76))
      svg += text(f.at_x(value), f.bottom + 17, "middle", "tick", tick_text(chart.x, value));
  }
  svg += text((f.left + f.right) / 2, f.bottom + 36, "middle", "axis", chart.x.label);
  return svg;
}

std::string bands(const Chart& chart, const Frame& f) {
  std::string svg;
  for (const auto& band : chart.bands) {
    const double from = std::clamp(f.at_x(band.from), f.left, f.right);
    const double to = std::clamp(f.at_x(band.to), f.left, f.right);
    if (!(to > from)) continue;
    svg += fmt::format(
        "<rect class=\"{}\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{}"
        "</title></rect>",
        band.fault ? "fault" : "band", from, f.top, to - from, f.bottom - f.top,
        escape(band.label));
    if (to - from > 7.0 * double(band.label.size()))
      svg += text((from + to) / 2, f.top + 12, "middle", "note", band.label);
  }
  return svg;
}

// Vertical lines with their names above the plot, each in the lowest row where it does not touch
// the one before.
std::string markers(const Chart& chart, const Frame& f) {
  std::string svg;
  std::vector<double> free_from(size_t(marker_rows(chart)),
                                10 + 6.2 * double(chart.y.label.size()));
  for (const auto& marker : chart.markers) {
    const double x = f.at_x(marker.at);
    if (!(x >= f.left && x <= f.right)) continue;
    svg += fmt::format(
        "<line class=\"marker\" x1=\"{:.1f}\" x2=\"{:.1f}\" y1=\"{:.1f}\" y2=\"{:.1f}\"><title>{} "
        "at "
        "{:.2f} s</title></line>",
        x, x, f.top, f.bottom, escape(marker.label), marker.at);
    if (marker.label.empty()) continue;
    const double half = 3.1 * double(marker.label.size());
    for (size_t row = 0; row < free_from.size(); ++row) {
      if (x - half < free_from[row]) continue;
      svg += text(x, f.top - 5 - kTextHeight * double(row), "middle", "note", marker.label);
      free_from[row] = x + half + 6;
      break;
    }
  }
  return svg;
}

std::string classes_of(const Series& series) {
  return (series.colour < 0 ? std::string("ref") : fmt::format("c{}", series.colour % 5)) +
         (series.dashed ? " dashed" : "");
}

std::string line_of(const Chart& chart, const Frame& f, const Series& series) {
  std::string path;
  bool pen_down = false;
  for (const auto& point : series.data) {
    if (!drawable(chart, point)) {
      pen_down = false;
      continue;
    }
    const double x = f.at_x(point.x), y = f.at_y(*point.y);
    path += !pen_down      ? fmt::format("M{:.1f} {:.1f}", x, y)
            : series.steps ? fmt::format("H{:.1f}V{:.1f}", x, y)
                           : fmt::format("L{:.1f} {:.1f}", x, y);
    pen_down = true;
  }
  return fmt::format("<path class=\"line {}\" d=\"{}\"/>", classes_of(series), path);
}

std::string points_of(const Chart& chart, const Frame& f, const Series& series) {
  std::string svg;
  for (const auto& point : series.data) {
    if (!drawable(chart, point)) continue;
    svg += fmt::format("<circle class=\"{} {}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\">",
                       point.hollow ? "hollow" : "dot", classes_of(series), f.at_x(point.x),
                       f.at_y(*point.y));
    if (!point.tip.empty()) svg += "<title>" + escape(point.tip) + "</title>";
    svg += "</circle>";
  }
  return svg;
}

// The names of the series right of their last points, moved apart where they would overlap.
std::string names_of(const Chart& chart, const Frame& f) {
  struct Label {
    double y;
    const Series* series;
  };
  std::vector<Label> labels;
  for (const auto& series : chart.series) {
    const auto last = std::find_if(series.data.rbegin(), series.data.rend(),
                                   [&](const Point& p) { return drawable(chart, p); });
    if (last != series.data.rend() && !series.name.empty())
      labels.push_back({std::max(f.at_y(*last->y), f.top + 4), &series});
  }
  std::sort(labels.begin(), labels.end(), [](auto& a, auto& b) { return a.y < b.y; });
  for (size_t i = 1; i < labels.size(); ++i)
    labels[i].y = std::max(labels[i].y, labels[i - 1].y + kTextHeight);
  // Pushed below the plot: move the lowest up, and those above it as far as needed.
  double limit = f.bottom;
  for (auto label = labels.rbegin(); label != labels.rend(); ++label) {
    label->y = std::min(label->y, limit);
    limit = label->y - kTextHeight;
  }
  std::string svg;
  for (const auto& label : labels)
    svg += text(f.right + 9, label.y + 4, "start", ("name " + classes_of(*label.series)).c_str(),
                label.series->name);
  return svg;
}

}  // namespace

std::string to_svg(const Chart& chart) {
  bool any = false;
  const Frame f = frame_of(chart, any);
  std::string svg = fmt::format(
      "<svg viewBox=\"0 0 {} {}\" style=\"max-width:{}px\" role=\"img\" aria-label=\"{}\" "
      "xmlns=\"http://www.w3.org/2000/svg\">",
      chart.width, chart.height, chart.width, escape(chart.summary));
  if (!any) {
    svg += text(chart.width / 2.0, chart.height / 2.0, "middle", "axis", "no data");
    return svg + "</svg>";
  }
  svg += bands(chart, f) + axes(chart, f) + markers(chart, f);
  for (const auto& series : chart.series)
    if (series.line) svg += line_of(chart, f, series);
  for (const auto& series : chart.series)
    if (series.points) svg += points_of(chart, f, series);
  svg += names_of(chart, f);
  return svg + "</svg>";
}

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

}  // namespace weir::report
