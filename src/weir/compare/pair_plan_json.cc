// pairs.json (schema weir.pairs/1).
#include <nlohmann/json.hpp>

#include "weir/compare/pair_runs.h"

namespace weir::compare {
namespace {

using Json = nlohmann::ordered_json;
constexpr const char* kPairsSchema = "weir.pairs/1";

Json side_json(const SidePlan& side) {
  return {{"name", side.name}, {"program", side.program}, {"settings", side.settings}};
}

template <class T>
bool take(const Json& json, const char* key, T& into) {
  const auto found = json.find(key);
  if (found == json.end()) return false;
  if constexpr (std::is_same_v<T, std::string>) {
    if (!found->is_string()) return false;
  } else if constexpr (std::is_same_v<T, bool>) {
    if (!found->is_boolean()) return false;
  } else if constexpr (std::is_same_v<T, double>) {
    if (!found->is_number()) return false;
  } else {
    if (!found->is_number_integer()) return false;
  }
  into = found->template get<T>();
  return true;
}

bool take_side(const Json& json, const char* key, SidePlan& side) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_object()) return false;
  if (!take(*found, "name", side.name) || !take(*found, "program", side.program)) return false;
  const auto settings = found->find("settings");
  if (settings == found->end() || !settings->is_array()) return false;
  for (const auto& each : *settings) {
    if (!each.is_string()) return false;
    side.settings.push_back(each.get<std::string>());
  }
  return true;
}

}  // namespace

std::string to_json(const PairPlan& plan) {
  Json json;
  json["schema"] = kPairsSchema;
  json["base"] = side_json(plan.before);
  json["head"] = side_json(plan.after);
  json["same"] = plan.same;
  json["quick"] = plan.quick;
  json["pairs"] = plan.pairs;
  json["seed"] = plan.seed;
  json["rate_eps"] = plan.rate_eps;
  json["head_first"] = plan.head_first;
  return json.dump(1) + "\n";
}

Result<PairPlan> pair_plan_from_json(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  PairPlan plan;
  std::string schema;
  bool right = json.is_object() && take(json, "schema", schema) && schema == kPairsSchema &&
               take_side(json, "base", plan.before) && take_side(json, "head", plan.after) &&
               take(json, "same", plan.same) && take(json, "quick", plan.quick) &&
               take(json, "pairs", plan.pairs) && take(json, "seed", plan.seed) &&
               take(json, "rate_eps", plan.rate_eps) && plan.pairs > 0 &&
               plan.pairs <= kPairsAsked && json.contains("head_first") &&
               json.find("head_first")->is_array() &&
               json.find("head_first")->size() == size_t(plan.pairs);
  if (right)
    for (const auto& each : *json.find("head_first")) {
      right = right && each.is_boolean();
      if (right) plan.head_first.push_back(each.get<bool>());
    }
  if (right) return plan;
  return fail(Code::kCorrupt, "pairs.json does not say what is to be compared",
              "it is no weir.pairs/1, or a field is missing or has the wrong type",
              "begin a new comparison in another folder");
}

}  // namespace weir::compare
