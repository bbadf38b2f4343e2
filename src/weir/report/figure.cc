#include "weir/report/figure.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "weir/run/text.h"

namespace weir::report {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kUnits[] = {"none", "rate", "ms", "s", "count", "percent"};
constexpr const char* kScales[] = {"linear", "log", "nines", "category"};
constexpr const char* kMarks[] = {"line", "steps", "dots", "both", "bars"};
constexpr const char* kBands[] = {"warmup", "fault", "range"};

Json numbers(const std::vector<double>& values) {
  Json json = Json::array();
  for (const double value : values)
    json.push_back(std::isfinite(value) ? Json(value) : Json(nullptr));
  return json;
}

Json json_of(const Axis& axis) {
  Json json{{"label", axis.label},
            {"unit", kUnits[size_t(axis.unit)]},
            {"scale", kScales[size_t(axis.scale)]}};
  if (axis.low) json["low"] = *axis.low;
  if (axis.high) json["high"] = *axis.high;
  if (!axis.categories.empty()) json["categories"] = axis.categories;
  return json;
}

Json json_of(const Series& series) {
  Json json{{"name", series.name}, {"colour", series.colour}, {"mark", kMarks[size_t(series.mark)]},
            {"dash", series.dash}, {"x", numbers(series.x)},  {"y", numbers(series.y)}};
  if (!series.low.empty()) json["low"] = numbers(series.low), json["high"] = numbers(series.high);
  if (!series.hollow.empty()) {
    Json hollow = Json::array();
    for (const bool value : series.hollow) hollow.push_back(int(value));
    json["hollow"] = std::move(hollow);
  }
  return json;
}

Json json_of(const Panel& panel) {
  Json json{{"y", json_of(panel.y)}, {"series", Json::array()}};
  for (const auto& series : panel.series) json["series"].push_back(json_of(series));
  if (panel.heat)
    json["heat"] = {{"width", panel.heat->width},  {"bounds", numbers(panel.heat->bounds)},
                    {"x", numbers(panel.heat->x)}, {"column", panel.heat->column},
                    {"row", panel.heat->row},      {"count", numbers(panel.heat->count)}};
  return json;
}

// A cell of CSV. A row is a line: control characters become blanks.
std::string cell(std::string text) {
  for (char& c : text) c = static_cast<unsigned char>(c) < 32 ? ' ' : c;
  return run::csv_text(text);
}
std::string cell(double value) { return std::isfinite(value) ? fmt::format("{}", value) : ""; }
double at(const std::vector<double>& values, size_t i) {
  return i < values.size() ? values[i] : kMissing;
}

std::string category(const Axis& axis, double x) {
  const bool named =
      axis.scale == AxisScale::kCategory && x > -0.5 && x < double(axis.categories.size()) - 0.5;
  return named ? axis.categories[size_t(std::lround(x))] : "";
}

void heat_rows(const std::string& panel, const Heat& heat, std::string& csv) {
  for (size_t i = 0; i < heat.count.size(); ++i)
    csv += fmt::format("{},events,{},{},{},{},,\n", panel, cell(heat.x[size_t(heat.column[i])]),
                       cell(heat.count[i]), cell(heat.bounds[size_t(heat.row[i])]),
                       cell(heat.bounds[size_t(heat.row[i]) + 1]));
}

bool joined(Mark mark) { return mark != Mark::kDots && mark != Mark::kBars; }

}  // namespace

bool has_data(const Figure& figure) {
  return std::any_of(figure.panels.begin(), figure.panels.end(), [](const Panel& panel) {
    return (panel.heat && !panel.heat->count.empty()) ||
           std::any_of(panel.series.begin(), panel.series.end(), [](const Series& series) {
             return std::any_of(series.y.begin(), series.y.end(),
                                [](double y) { return std::isfinite(y); });
           });
  });
}

std::string to_json(const Figure& figure) {
  Json json{{"id", figure.id},           {"title", figure.title},     {"caption", figure.caption},
            {"summary", figure.summary}, {"samples", figure.samples}, {"window", figure.window},
            {"notes", figure.notes},     {"x", json_of(figure.x)},    {"bands", Json::array()},
            {"markers", Json::array()},  {"panels", Json::array()}};
  for (const auto& band : figure.bands)
    json["bands"].push_back(
        {{"kind", kBands[band.kind]}, {"from", band.from}, {"to", band.to}, {"label", band.label}});
  for (const auto& marker : figure.markers)
    json["markers"].push_back({{"at", marker.at}, {"label", marker.label}});
  for (const auto& panel : figure.panels) json["panels"].push_back(json_of(panel));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string to_csv(const Figure& figure) {
  std::string csv = "panel,series,x,y,low,high,hollow,label\n";
  for (const auto& panel : figure.panels) {
    const std::string label = cell(panel.y.label);
    if (panel.heat) heat_rows(label, *panel.heat, csv);
    std::map<double, double> tops;  // of the bars at each x
    for (const auto& series : panel.series)
      for (size_t i = 0; i < series.x.size(); ++i) {
        double low = at(series.low, i), high = at(series.high, i);
        if (series.mark == Mark::kBars && std::isfinite(at(series.y, i))) {
          low = tops[series.x[i]];
          high = tops[series.x[i]] += series.y[i];
        }
        csv += fmt::format("{},{},{},{},{},{},{},{}\n", label, cell(series.name), cell(series.x[i]),
                           cell(at(series.y, i)), cell(low), cell(high),
                           i < series.hollow.size() && series.hollow[i] ? "1" : "",
                           cell(category(figure.x, series.x[i])));
      }
  }
  return csv;
}

std::vector<std::string> faults_of(const Figure& figure) {
  std::vector<std::string> found;
  const auto find = [&](const std::string& what) { found.push_back(figure.id + ": " + what); };
  for (const auto& panel : figure.panels) {
    const Axis& y = panel.y;
    const bool bars = std::any_of(panel.series.begin(), panel.series.end(),
                                  [](const Series& s) { return s.mark == Mark::kBars; });
    if (y.unit == Unit::kMillis && y.scale != AxisScale::kLog && !bars)
      find("a linear axis for latency in \"" + y.label + "\"");
    if (bars && y.scale == AxisScale::kLog)
      find("bars on a logarithmic axis in \"" + y.label + "\"");
    if (y.scale == AxisScale::kLinear && y.low && *y.low > 0)
      find("the axis of \"" + y.label + "\" does not start at 0");
    for (size_t i = 0; i < panel.series.size(); ++i) {
      const Series& s = panel.series[i];
      if (s.x.size() != s.y.size()) find("\"" + s.name + "\" has not a y for each x");
      if (!joined(s.mark)) continue;
      // A series without a name continues a named one of its colour, in another dash.
      bool twin = false, named = !s.name.empty();
      for (const Series& other : panel.series) {
        if (&other == &s || !joined(other.mark) || other.colour != s.colour) continue;
        twin = twin || other.dash == s.dash;
        named = named || !other.name.empty();
      }
      if (twin || (!named && panel.series.size() > 1))
        find("\"" + s.name + "\" cannot be told apart without its colour");
    }
  }
  return found;
}

}  // namespace weir::report
