// compare.json.
#include <nlohmann/json.hpp>

#include "weir/compare/answer.h"
#include "weir/compare/json_number.h"

namespace weir::compare {
namespace {

using Json = nlohmann::ordered_json;

Json estimate(const stats::Estimate& e) {
  Json json = {{"estimate", json_number(e.estimate)},
               {"low", json_number(e.low)},
               {"high", json_number(e.high)},
               {"level", e.level},
               {"n", e.n},
               {"method", e.method}};
  if (!e.why.empty()) json["why"] = e.why;
  return json;
}

Json change_json(const Change& change) {
  Json json;
  json["metric"] = change.key.name;
  json["condition"] = change.key.condition;
  json["unit"] = change.meaning.unit;
  json["better"] = change.meaning.less_is_better ? "less" : "more";
  json["primary"] = change.primary;
  json["gates"] = change.gates;
  json["verdict"] = stats::to_text(change.verdict);
  json["why"] = change.why;
  json["pairs_needed"] = change.pairs_needed ? Json(*change.pairs_needed) : Json();
  json["allowed"] = change.allowed;
  json["paired"] = change.paired;
  json["base"] = estimate(change.before_mean);
  json["head"] = estimate(change.after_mean);
  json["ratio"] = estimate(change.ratio);
  json["p"] = json_number(change.p);
  json["p_holm"] = json_number(change.p_holm);
  json["spread"] = json_number(change.spread);
  if (change.rank_p)
    json["ranks"] = {{"p", *change.rank_p}, {"ratio", estimate(change.rank_ratio)}};
  else
    json["ranks"] = Json();
  json["left_out"] = change.left_out;
  json["base_values"] = change.before;
  json["head_values"] = change.after;
  return json;
}

const char* fate_word(Fate fate) {
  return fate == Fate::kPassed ? "passed" : fate == Fate::kFailed ? "failed" : "cannot tell";
}

}  // namespace

std::string to_json(const Answer& answer) {
  const auto& found = answer.comparison;
  Json json;
  json["schema"] = "weir.compare/1";
  json["command"] = answer.command;
  json["started"] = answer.started;
  json["verdict"] = stats::to_text(found.verdict);
  json["sentence"] = found.sentence;
  json["base"] = {{"name", answer.before_name}, {"runs", found.before}};
  json["head"] = {{"name", answer.after_name}, {"runs", found.after}};
  json["paired"] = found.paired;
  json["rate_eps"] = json_number(answer.rate_eps);
  json["seed"] = answer.seed ? Json(*answer.seed) : Json();
  json["pairs_left_out"] = answer.pairs_left_out;
  json["differences"] = Json::array();
  for (const auto& each : found.differences)
    json["differences"].push_back({{"key", each.key},
                                   {"base", each.before},
                                   {"head", each.after},
                                   {"allowed", each.allowed}});
  json["fallen"] = Json::array();
  for (const auto& each : found.fallen)
    json["fallen"].push_back({{"condition", each.condition},
                              {"runs", each.runs},
                              {"base", each.before},
                              {"head", each.after},
                              {"only_base", each.only_before},
                              {"only_head", each.only_after},
                              {"p", each.p}});
  json["changes"] = Json::array();
  for (const auto& change : found.changes) json["changes"].push_back(change_json(change));
  json["checks"] = Json::array();
  for (const auto& check : answer.checks)
    json["checks"].push_back({{"name", check.name},
                              {"objective", check.objective},
                              {"fate", fate_word(check.fate)},
                              {"detail", check.detail}});
  json["noise"] = answer.noise ? Json::parse(to_json(*answer.noise), nullptr, false) : Json();
  json["exit"] = {{"code", answer.exit_code}, {"reason", answer.exit_reason}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace weir::compare
