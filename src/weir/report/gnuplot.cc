#include "weir/report/gnuplot.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

#include "weir/report/numbers.h"
#include "weir/report/scale.h"
#include "weir/sys/disk.h"
#include "weir/sys/process.h"

namespace weir::report {
namespace {

constexpr double kFontPoints = 8;
constexpr const char* kColours[] = {"#0067a5", "#c04f00", "#007a5a",
                                    "#a34b86", "#8a6100", "#45535e"};
constexpr const char* kGrey = "#5b666e";
constexpr int kSolid[] = {7, 5, 9, 13}, kHollow[] = {6, 4, 8, 12};  // circle, square, triangle ...
constexpr int kDashes[] = {1, 2, 3, 4};

const char* colour_of(const Series& series) {
  return series.colour < 0 ? kGrey : kColours[size_t(series.colour) % std::size(kColours)];
}

// Text as a string of gnuplot: in single quotes nothing is special but the quote itself, which
// becomes a typographic one; control characters, which could end the line, become blanks.
std::string literal(std::string_view text) {
  std::string out = "'";
  for (const char c : text)
    out += c == '\''                            ? std::string("\u2019")
           : static_cast<unsigned char>(c) < 32 ? std::string(" ")
                                                : std::string(1, c);
  return out + "'";
}
// The same for the name of a tick, which gnuplot takes for a format of numbers.
std::string tick_name(std::string_view text) {
  std::string out;
  for (const char c : literal(text)) out += c == '%' ? std::string("%%") : std::string(1, c);
  return out;
}

std::string tick_text(const Axis& axis, double value) {
  if (axis.scale == AxisScale::kNines) {
    if (value <= 0) return "0%";
    const double p = 100 * (1 - std::pow(10, -value));
    return fmt::format("{:.{}f}%", p, std::max(0, int(std::lround(value)) - 2));
  }
  switch (axis.unit) {
    case Unit::kMillis:
      return value >= 1000 ? fmt::format("{:g} s", value / 1e3) : fmt::format("{:g} ms", value);
    case Unit::kRate:
    case Unit::kCount:
      return short_number(value);
    case Unit::kPercent:
      return fmt::format("{:g}%", value);
    default:
      return fmt::format("{:g}", value);
  }
}

// The range of an axis and the ticks written on it.
struct Range {
  double low = 0, high = 1;
  std::vector<double> ticks;
  Scale scale;
};

Range range_of(const Axis& axis, const std::vector<double>& values, bool across, double inches) {
  Range range;
  if (axis.scale == AxisScale::kCategory) {
    range.low = -0.6, range.high = double(axis.categories.size()) - 0.4;
    for (size_t i = 0; i < axis.categories.size(); ++i) range.ticks.push_back(double(i));
    return range;
  }
  const bool exact = across && axis.unit != Unit::kRate;
  range.scale = Scale::over(values, axis.scale == AxisScale::kLog, axis.low, axis.high, exact);
  range.low = range.scale.low(), range.high = range.scale.high();
  if (axis.scale == AxisScale::kNines)
    for (const double nines : {0.0, 0.30103, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0}) {
      if (nines <= range.high) range.ticks.push_back(nines);
    }
  else
    range.ticks = range.scale.ticks(inches * 72, across ? 48 : 22);
  return range;
}

std::string name_of(const Axis& axis, double tick) {
  return axis.scale == AxisScale::kCategory ? axis.categories[size_t(tick)] : tick_text(axis, tick);
}
double inches_of(std::string_view text) { return double(text.size()) * kFontPoints * 0.55 / 72; }

// Names of categories that would touch are written slanted.
bool slanted(const Axis& axis, double inches) {
  double all = 0;
  for (const auto& name : axis.categories) all += inches_of(name) + 0.08;
  return axis.scale == AxisScale::kCategory && all > inches;
}

std::string tics(const char* which, const Axis& axis, const Range& range, double inches,
                 bool named) {
  std::string list;
  const bool across = which[0] == 'x', log = axis.scale == AxisScale::kLog;
  const bool slant = across && slanted(axis, inches);
  double end = -HUGE_VAL;
  for (const double tick : range.ticks) {
    std::string name = name_of(axis, tick + 0.0);
    if (across && !slant) {  // names of ticks that would touch are left out
      const double middle = (tick - range.low) / (range.high - range.low) * inches;
      if (middle - inches_of(name) / 2 < end)
        name.clear();
      else
        end = middle + inches_of(name) / 2 + 0.06;
    }
    list +=
        fmt::format("{}{} {}", list.empty() ? "" : ", ", tick_name(named ? name : ""), tick + 0.0);
  }
  // A tick on the very end of a logarithmic axis is dropped for rounding: a hair of room keeps it.
  return fmt::format("set {0}range [{1}:{2}]\nset {0}tics scale 0.4 nomirror {3} ({4})\n", which,
                     log ? range.low * 0.999 : range.low, log ? range.high * 1.001 : range.high,
                     slant ? "rotate by 25 right" : "norotate", list);
}

std::vector<double> y_values(const Panel& panel) {
  std::vector<double> values;
  std::map<double, double> tops;
  for (const auto& series : panel.series) {
    for (const auto* list : {&series.y, &series.low, &series.high})
      if (series.mark != Mark::kBars) values.insert(values.end(), list->begin(), list->end());
    if (series.mark == Mark::kBars)
      for (size_t i = 0; i < series.y.size(); ++i)
        if (std::isfinite(series.y[i])) values.push_back(tops[series.x[i]] += series.y[i]);
  }
  if (panel.heat) values.insert(values.end(), panel.heat->bounds.begin(), panel.heat->bounds.end());
  return values;
}

std::vector<double> x_values(const Figure& figure) {
  std::vector<double> values;
  for (const auto& panel : figure.panels) {
    for (const auto& series : panel.series)
      values.insert(values.end(), series.x.begin(), series.x.end());
    if (panel.heat) values.insert(values.end(), panel.heat->x.begin(), panel.heat->x.end());
  }
  return values;
}

// The plots of one series: rows first to last of the table.
void plot_series(const Series& s, const std::string& rows, std::vector<std::string>& plots) {
  const std::string style = fmt::format("lc rgb '{}'", colour_of(s));
  const size_t shape = s.colour < 0 ? 0 : size_t(s.colour) % std::size(kSolid);
  const bool has_hollow = std::find(s.hollow.begin(), s.hollow.end(), true) != s.hollow.end();
  const char* solid_y = has_hollow ? "(strcol(7) eq '1' ? NaN : column(4))" : "(column(4))";
  const auto plot = [&](const std::string& what) { plots.push_back(rows + " using " + what); };
  if (s.mark == Mark::kBars) {
    plot(fmt::format("3:4:($3-0.31):($3+0.31):5:6 with boxxyerror fs solid noborder {}", style));
    return;
  }
  if (s.mark != Mark::kDots)
    plot(fmt::format("3:{} with {} lw 1.4 dt {} {}", solid_y,
                     s.mark == Mark::kSteps ? "steps" : "lines", kDashes[size_t(s.dash) % 4],
                     style));
  if (s.mark == Mark::kDots || s.mark == Mark::kBoth)
    plot(fmt::format("3:{} with points pt {} ps 0.55 {}", solid_y, kSolid[shape], style));
  if (has_hollow)
    plot(fmt::format("3:(strcol(7) eq '1' ? column(4) : NaN) with points pt {} ps 0.55 {}",
                     kHollow[shape], style));
  if (!s.low.empty()) plot(fmt::format("3:4:5:6 with yerrorbars pt 0 {}", style));
}

// Names beside the ends of their series, moved apart where they would touch.
std::string names(const Panel& panel, const Range& x, const Range& y, double inches) {
  struct Name {
    const Series* series;
    double at;
  };
  std::vector<Name> list;
  std::map<double, double> tops;
  for (const auto& series : panel.series) {
    double end = kMissing;
    for (size_t i = 0; i < series.x.size(); ++i) {
      if (!std::isfinite(series.y[i]) || series.x[i] > x.high) continue;
      end = series.y[i];
      if (series.mark == Mark::kBars) {
        const double from = tops[series.x[i]];
        tops[series.x[i]] = from + series.y[i], end = from + series.y[i] / 2;
      }
    }
    if (series.name.empty() || !std::isfinite(end)) continue;
    list.push_back({&series, std::clamp(y.scale.position(end, 0, 1), 0.0, 1.0)});
  }
  std::stable_sort(list.begin(), list.end(), [](auto& a, auto& b) { return a.at < b.at; });
  const double step = kFontPoints * 1.25 / 72 / inches;
  for (size_t i = 1; i < list.size(); ++i) list[i].at = std::max(list[i].at, list[i - 1].at + step);
  double room = 1 + step / 2;
  std::string script;
  for (size_t i = list.size(); i-- > 0; room = list[i].at - step)
    list[i].at = std::min(list[i].at, room);
  for (const auto& name : list)
    script += fmt::format("set label {} at graph 1.02, graph {:.3f} left tc rgb '{}'\n",
                          literal(name.series->name), name.at, colour_of(*name.series));
  return script;
}

std::string marks(const Figure& figure, const Range& x, bool first) {
  std::string script;
  int number = 0;
  for (const auto& band : figure.bands) {
    const double from = std::max(band.from, x.low), to = std::min(band.to, x.high);
    if (to > from)
      script += fmt::format(
          "set object {} rectangle from first {}, graph 0 to first {}, graph 1 behind fc rgb '{}' "
          "fs solid 1 noborder\n",
          ++number, from, to,
          band.kind == Band::kFault    ? "#f9e3d3"
          : band.kind == Band::kWarmup ? "#ededed"
                                       : "#dbe8f2");
  }
  int row = int(figure.markers.size());
  for (const auto& marker : figure.markers) {
    --row;
    if (marker.at < x.low || marker.at > x.high) continue;
    script +=
        fmt::format("set arrow from first {}, graph 0 to first {}, graph 1 nohead dt 3 lw 1\n",
                    marker.at, marker.at);
    if (first && !marker.label.empty())
      script += fmt::format("set label {} at first {}, graph 1 left offset 0.2, {:.1f}\n",
                            literal(marker.label), marker.at, 0.6 + row * 0.95);
  }
  return script;
}

struct Layout {
  double width, height, left, right, top, bottom, each;  // inches; of the whole and its margins
};

Layout layout_of(const Figure& figure, int columns) {
  Layout layout{.width = columns == 2 ? 7.0 : 3.4, .left = 0.8, .bottom = 0.52};
  size_t longest = 0;
  for (const auto& panel : figure.panels)
    for (const auto& series : panel.series) longest = std::max(longest, series.name.size());
  layout.right = std::min(0.1 + double(longest) * kFontPoints * 0.55 / 72, layout.width * 0.3);
  if (slanted(figure.x, layout.width - layout.left - layout.right)) layout.bottom += 0.2;
  layout.top = 0.1 + double(figure.markers.size()) * 0.125;
  layout.each = figure.panels.size() > 1 ? 1.05 : columns == 2 ? 2.6 : 1.75;
  constexpr double kBetween = 0.14;
  layout.height = layout.top + layout.bottom +
                  double(figure.panels.size()) * (layout.each + kBetween) - kBetween;
  return layout;
}

std::string script_head(const Figure& figure, const Layout& layout) {
  constexpr int kSvgDots = 96, kPngDots = 300;
  const auto size = [&](double dots) {
    return fmt::format("{:.0f},{:.0f}", layout.width * dots, layout.height * dots);
  };
  std::string script = fmt::format(
      "# {0}: draws {0}.csv as {0}.svg; for others: gnuplot -e \"format='pdf'\" {0}.gp\n"
      "if (!exists('format')) format = 'svg'\n"
      "if (format eq 'svg') set terminal svg noenhanced size {1} font 'Helvetica,{2:.1f}' "
      "background 'white'\n"
      "if (format eq 'pdf') set terminal pdfcairo noenhanced size {3:.2f}in,{4:.2f}in font "
      "'Helvetica,{5:g}'\n"
      "if (format eq 'png') set terminal pngcairo noenhanced size {6} font 'Helvetica,{7:.1f}' "
      "linewidth 3 pointscale 2.5\n",
      figure.id, size(kSvgDots), kFontPoints * kSvgDots / 72, layout.width, layout.height,
      kFontPoints, size(kPngDots), kFontPoints * kPngDots / 96);
  script += fmt::format("set output '{}.'.format\n", figure.id);
  return script +
         "set encoding utf8\nset datafile separator ','\nunset key\nunset colorbox\n"
         "set border 3 lw 0.6\nset palette defined (0 '#e8eef3', 1 '#5f7f96')\n";
}

}  // namespace

std::string gnuplot_script(const Figure& figure, int columns) {
  const Layout layout = layout_of(figure, columns);
  const double across = layout.width - layout.left - layout.right;
  const Range x = range_of(figure.x, x_values(figure), true, across);
  std::string script = script_head(figure, layout);
  const size_t count = figure.panels.size();
  if (count > 1) script += "set multiplot\n";
  size_t row = 0;
  double top = layout.height - layout.top;
  for (size_t i = 0; i < count; ++i, top -= layout.each + 0.14) {
    const Panel& panel = figure.panels[i];
    const Range y = range_of(panel.y, y_values(panel), false, layout.each);
    const bool last = i + 1 == count;
    script += fmt::format(
        "set lmargin at screen {:.4f}\nset rmargin at screen {:.4f}\n"
        "set tmargin at screen {:.4f}\nset bmargin at screen {:.4f}\n",
        layout.left / layout.width, 1 - layout.right / layout.width, top / layout.height,
        (top - layout.each) / layout.height);
    script += "unset label\nunset arrow\nunset object\nunset logscale\n";
    if (panel.y.scale == AxisScale::kLog) script += "set logscale y\n";
    if (panel.heat) script += "set logscale cb\n";
    script += tics("x", figure.x, x, across, last) + tics("y", panel.y, y, layout.each, true);
    script += "set xlabel " + literal(last ? figure.x.label : "") + "\nset ylabel " +
              literal(panel.y.label) + " offset 0.8,0\n";
    script += marks(figure, x, i == 0) + names(panel, x, y, layout.each);
    std::vector<std::string> plots;
    const auto rows = [&](size_t n) {
      const std::string words =
          fmt::format("'{}.csv' skip 1 every ::{}::{}", figure.id, row, row + n - 1);
      row += n;
      return words;
    };
    if (panel.heat && !panel.heat->count.empty())
      plots.push_back(rows(panel.heat->count.size()) +
                      fmt::format(" using 3:5:3:($3+{}):5:6:4 with boxxyerror fs solid noborder "
                                  "lc palette",
                                  panel.heat->width));
    for (const auto& series : panel.series)
      if (!series.x.empty()) plot_series(series, rows(series.x.size()), plots);
    if (plots.empty()) plots.push_back("NaN");
    for (size_t k = 0; k < plots.size(); ++k)
      script += (k == 0 ? "plot " : ", \\\n     ") + plots[k];
    script += "\n";
  }
  return script + (count > 1 ? "unset multiplot\n" : "") + "unset output\n";
}

std::string find_gnuplot(const std::string& path) {
  for (size_t at = 0; at <= path.size();) {
    const size_t end = std::min(path.find(':', at), path.size());
    const std::string program = path.substr(at, end - at) + "/gnuplot";
    if (end > at && access(program.c_str(), X_OK) == 0) return program;
    at = end + 1;
  }
  return {};
}

namespace {

// One gnuplot draws them all; what it says goes to a file that is removed when it was nothing.
Status draw(const std::vector<Figure>& figures, const std::string& folder,
            const std::vector<std::string>& formats, const std::string& gnuplot) {
  const std::string said = folder + "/gnuplot.log";
  std::error_code ignored;
  std::filesystem::remove(said, ignored);
  Child child = WEIR_TRY_IN(
      "gnuplot",
      Child::start(
          {.arguments = {gnuplot}, .stdout_path = said, .stderr_path = said, .stdin_pipe = true}));
  std::string place;  // a quote is doubled, which a path that begins with / allows
  for (const char c : std::filesystem::absolute(folder, ignored).string())
    place += c == '\'' ? std::string("''") : std::string(1, c);
  if (place.find('\n') != std::string::npos)
    return fail(Code::kUsage, "the folder's name has a line break", "gnuplot cannot go there");
  std::string commands = "cd '" + place + "'\n";
  for (const auto& figure : figures)
    for (const auto& format : formats)
      commands += fmt::format("reset session\nformat = '{}'\nload '{}.gp'\n", format, figure.id);
  commands += "exit\n";
  for (size_t at = 0; at < commands.size();) {
    const ssize_t n = write(child.stdin_fd(), commands.data() + at, commands.size() - at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;  // it ended early: its status and its words say why
    at += size_t(n);
  }
  const double limit_s = 30 + 5.0 * double(figures.size() * formats.size());
  const auto status = child.wait(nanos_from_seconds(limit_s));
  std::string words = real_disk()->read(said).value_or("");
  if (status && *status == 0) {
    std::filesystem::remove(said, ignored);
    return {};
  }
  if (words.size() > 800) words = words.substr(words.size() - 800);
  return fail(Code::kFailed, "gnuplot could not draw the figures",
              status ? "it said: " + words : "it took too long",
              "look at " + said + "; the .csv and .gp files beside it are whole");
}

}  // namespace

Result<PaperFigures> write_figures(const std::vector<Figure>& figures, const std::string& folder,
                                   const std::vector<std::string>& formats, int columns,
                                   const std::string& gnuplot) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return tl::unexpected(error_from_errno(error.value(), "make the folder", folder));
  const auto disk = real_disk();
  PaperFigures done;
  for (const auto& figure : figures) {
    WEIR_TRY(disk->write_whole(folder + "/" + figure.id + ".csv", to_csv(figure)));
    WEIR_TRY(disk->write_whole(folder + "/" + figure.id + ".gp", gnuplot_script(figure, columns)));
    ++done.count;
  }
  if (formats.empty() || figures.empty()) return done;
  if (gnuplot.empty()) {
    done.remark =
        "gnuplot is not installed, so there are tables and scripts (.csv, .gp) and no pictures; "
        "apt-get install gnuplot-nox, then again";
    return done;
  }
  WEIR_TRY(draw(figures, folder, formats, gnuplot));
  return done;
}

}  // namespace weir::report
