// Trends for a terminal, a pull request and other programs.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "weir/compare/json_number.h"
#include "weir/compare/rows.h"
#include "weir/compare/trend.h"
#include "weir/run/text.h"

namespace weir::compare {
namespace {

constexpr const char* kNothing = "–";

const char* mark_word(Mark mark) {
  return mark == Mark::kBetter ? "better" : mark == Mark::kWorse ? "worse" : "";
}

// "41,000 (40,100 to 43,000) worse"
std::string point_text(const TrendPoint& point) {
  std::string text = value_text(point.value);
  if (point.low && point.high)
    text += fmt::format(" ({} to {})", value_text(*point.low), value_text(*point.high));
  if (point.mark != Mark::kNone) text += std::string(" ") + mark_word(point.mark);
  return text;
}

std::string cell_of(const TrendSeries& series, size_t run) {
  for (const auto& point : series.points)
    if (point.run == run) return point_text(point);
  return kNothing;
}

std::vector<Row> trend_rows(const TrendGroup& group) {
  std::vector<Row> rows(1, Row{"started", "run"});
  for (const auto& series : group.series)
    rows[0].push_back(series.key.text() + ", " + series.meaning.unit);
  for (size_t run = 0; run < group.runs.size(); ++run) {
    Row row{group.runs[run].started, group.runs[run].id};
    for (const auto& series : group.series) row.push_back(cell_of(series, run));
    rows.push_back(std::move(row));
  }
  Row last{"", ""};
  for (const auto& series : group.series) last.push_back(sparkline(series.points));
  rows.push_back(std::move(last));
  return rows;
}

std::string csv_number(const std::optional<double>& value) {
  return value ? fmt::format("{}", *value) : "";
}

}  // namespace

std::string sparkline(const std::vector<TrendPoint>& points) {
  static constexpr const char* kBars[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  if (points.empty()) return {};
  double low = points[0].value, high = low;
  for (const auto& point : points)
    low = std::min(low, point.value), high = std::max(high, point.value);
  std::string text;
  for (const auto& point : points)
    text += kBars[high > low ? std::lround((point.value - low) / (high - low) * 7) : 3];
  return text;
}

std::string terminal_text(const std::vector<TrendGroup>& groups) {
  std::string text;
  for (const auto& group : groups) {
    text += fmt::format("{}{}  [{}]\n", text.empty() ? "" : "\n", group.label, group.digest);
    const auto rows = trend_rows(group);
    std::vector<size_t> widths(rows[0].size());
    for (const auto& row : rows)
      for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], run::columns(row[i]));
    for (const auto& row : rows) {
      std::string line;
      for (size_t i = 0; i < row.size(); ++i)
        line += (i ? "  " : " ") + row[i] + std::string(widths[i] - run::columns(row[i]), ' ');
      text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
    }
    for (const auto& run : group.runs)
      for (const auto& change : run.changed) text += " " + run.id + "  " + change + "\n";
  }
  return text;
}

std::string markdown(const std::vector<TrendGroup>& groups) {
  std::string text;
  for (const auto& group : groups) {
    text += "### " + run::markdown_text(group.label) + "\n\n";
    bool head = true;
    for (const auto& row : trend_rows(group)) {
      text += markdown_row(row);
      if (!head) continue;
      text += "|---|---|";
      for (size_t i = 2; i < row.size(); ++i) text += "---:|";
      text += "\n";
      head = false;
    }
    text += "\n";
    for (const auto& run : group.runs)
      for (const auto& change : run.changed)
        text += "- `" + run::markdown_text(run.id) + "` " + run::markdown_text(change) + "\n";
  }
  return text;
}

std::string to_csv(const std::vector<TrendGroup>& groups) {
  std::string text = "group,started,run,metric,condition,unit,value,low,high,mark\n";
  for (const auto& group : groups)
    for (const auto& series : group.series)
      for (const auto& point : series.points)
        text += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", group.digest,
                            run::csv_text(group.runs[point.run].started),
                            run::csv_text(group.runs[point.run].id), series.key.name,
                            run::csv_text(series.key.condition), series.meaning.unit, point.value,
                            csv_number(point.low), csv_number(point.high), mark_word(point.mark));
  return text;
}

std::string to_json(const std::vector<TrendGroup>& groups) {
  using Json = nlohmann::ordered_json;
  Json json;
  json["schema"] = "weir.trend/1";
  json["groups"] = Json::array();
  for (const auto& group : groups) {
    Json one = {{"digest", group.digest}, {"label", group.label}};
    one["fingerprint"] = group.fingerprint;
    one["runs"] = Json::array();
    for (const auto& run : group.runs)
      one["runs"].push_back(
          {{"id", run.id}, {"path", run.path}, {"started", run.started}, {"changed", run.changed}});
    one["series"] = Json::array();
    for (const auto& series : group.series) {
      Json list = {{"metric", series.key.name},
                   {"condition", series.key.condition},
                   {"unit", series.meaning.unit},
                   {"better", series.meaning.less_is_better ? "less" : "more"}};
      list["points"] = Json::array();
      for (const auto& point : series.points)
        list["points"].push_back({{"run", group.runs[point.run].id},
                                  {"value", point.value},
                                  {"low", json_number(point.low)},
                                  {"high", json_number(point.high)},
                                  {"mark", mark_word(point.mark)}});
      one["series"].push_back(std::move(list));
    }
    json["groups"].push_back(std::move(one));
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace weir::compare
