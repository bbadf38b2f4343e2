#include "weir/live/snapshot.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "weir/report/numbers.h"

namespace weir::live {
namespace {
using Json = nlohmann::ordered_json;

// Four significant digits: more than a chart shows, and half the bytes.
double rounded(double value) {
  if (!std::isfinite(value) || value == 0) return 0;
  const double scale = std::pow(10, 3 - std::floor(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}
Json figure(const run::Figure& value) { return value ? Json(rounded(*value)) : Json(nullptr); }
double tenths(double seconds) { return std::round(seconds * 10) / 10; }
Json seconds(const run::Figure& value) {
  return value ? Json(std::round(*value * 1000) / 1000) : Json(nullptr);
}

Json points_json(const View& view) {
  Json columns = {{"t", Json::array()},       {"step", Json::array()},
                  {"offered", Json::array()}, {"processed", Json::array()},
                  {"backlog", Json::array()}, {"p50", Json::array()},
                  {"p99", Json::array()},     {"max", Json::array()}};
  for (const auto& point : view.points) {
    columns["t"].push_back(tenths(point.at_s));
    columns["step"].push_back(point.step);
    columns["offered"].push_back(rounded(point.offered_eps));
    columns["processed"].push_back(rounded(point.processed_eps));
    columns["backlog"].push_back(rounded(point.backlog));
    columns["p50"].push_back(figure(point.p50_ms));
    columns["p99"].push_back(figure(point.p99_ms));
    columns["max"].push_back(figure(point.max_ms));
  }
  return columns;
}

Json now_json(const View& view) {
  if (!view.now) return nullptr;
  const Reading& now = *view.now;
  return {{"at_s", tenths(view.now_s)},
          {"experiment", now.experiment},
          {"step", now.step},
          {"phase", now.phase},
          {"left_s", tenths(now.left_s)},
          {"offered_eps", rounded(now.offered_eps)},
          {"processed_eps", rounded(now.processed_eps)},
          {"p99_ms", figure(view.last_p99_ms)},
          {"backlog", rounded(now.backlog)},
          {"fault", now.fault},
          {"send_lag_p99_ms", figure(now.send_lag_p99_ms)},
          {"send_lag_max_ms", figure(now.send_lag_max_ms)},
          {"late", now.late},
          {"refused", now.refused}};
}

}  // namespace

std::string verdict_so_far(const View& view) {
  double kept = 0, fell = 0;
  for (const auto& step : view.judged) {
    if (step.experiment != "load" || !step.offered_eps) continue;
    const double rate = *step.offered_eps;
    if (step.verdict == "keeps_up") kept = std::max(kept, rate);
    if (step.verdict == "falls_behind" && (fell == 0 || rate < fell)) fell = rate;
  }
  std::string text;
  if (kept > 0) text = "keeps up at " + report::short_number(kept) + " ev/s";
  if (fell > 0)
    text +=
        (text.empty() ? "" : ", ") + ("falls behind at " + report::short_number(fell)) + " ev/s";
  return text;
}

std::string snapshot_json(const View& view) {
  Json json = {{"schema", "weir.live/1"},
               {"run", view.about.run},
               {"experiment", view.about.experiment},
               {"broker", view.about.broker},
               {"engine", view.about.engine},
               {"workload", view.about.workload},
               {"version", view.about.version},
               {"planned_s", tenths(view.about.planned_s)},
               {"newest", view.newest},
               {"now", now_json(view)},
               {"verdict", verdict_so_far(view)},
               {"points", points_json(view)}};
  json["steps"] = Json::array();
  for (const auto& step : view.judged)
    json["steps"].push_back({{"experiment", step.experiment},
                             {"step", step.step},
                             {"verdict", step.verdict},
                             {"offered_eps", figure(step.offered_eps)},
                             {"processed_eps", figure(step.processed_eps)},
                             {"p50_ms", figure(step.p50_ms)},
                             {"p99_ms", figure(step.p99_ms)}});
  json["faults"] = Json::array();
  for (const auto& fault : view.faults)
    json["faults"].push_back({{"fault", fault.fault},
                              {"target", fault.target},
                              {"step", fault.step},
                              {"from_s", tenths(fault.from_s)},
                              {"to_s", seconds(fault.to_s)},
                              {"noticed_s", seconds(fault.noticed_s)},
                              {"first_output_s", seconds(fault.first_output_s)},
                              {"current_s", seconds(fault.current_s)}});
  json["ended"] = nullptr;
  if (view.ending)
    json["ended"] = {{"code", view.ending->code},
                     {"reason", view.ending->reason},
                     {"report", view.ending->report},
                     {"findings", view.ending->findings}};
  // Text from outside (a topic's name, an error) may hold bytes that are no UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace weir::live
