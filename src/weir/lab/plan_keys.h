// What each key of a plan means, for people: `weir init`, `weir config`, completion and the
// reference page say it with these words. plan.cc reads and writes the keys; a test holds both
// lists against each other.
#pragma once
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "weir/lab/plan.h"

namespace weir::lab {

struct PlanKey {
  std::string path;  // "load.rates"
  std::string type;  // "list of numbers"
  std::string meaning;
};
// In the order of plan_text().
const std::vector<PlanKey>& plan_keys();

// A key's value in `plan` as TOML.
std::string plan_value(const Plan& plan, const std::string& path);

// Where in a plan's text each of its keys stands, lines counted from 1; empty for what is not TOML.
std::map<std::string, int> plan_lines(std::string_view toml);

// The environment's name of a key: WEIR_LOAD_RATES for load.rates.
std::string environment_name(const std::string& path);

}  // namespace weir::lab
