#include "weir/lab/plan_keys.h"

#include <gmock/gmock.h>

#include <sstream>

namespace weir::lab {
namespace {

std::vector<std::string> keys_that_a_plan_writes() {
  std::vector<std::string> found;
  std::istringstream text(plan_text(Plan{}));
  std::string section;
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with("["))
      section = line.substr(1, line.size() - 2) + ".";
    else if (const size_t at = line.find(" = "); at != std::string::npos)
      found.push_back(section + line.substr(0, at));
  }
  found.erase(found.begin());  // schema
  return found;
}

TEST(PlanKeys, SayWhatEachKeyOfAPlanMeansInItsOrder) {
  std::vector<std::string> told;
  for (const auto& key : plan_keys()) {
    told.push_back(key.path);
    EXPECT_FALSE(key.meaning.empty()) << key.path;
    EXPECT_FALSE(key.type.empty()) << key.path;
  }
  EXPECT_EQ(told, keys_that_a_plan_writes());
}

TEST(PlanKeys, FindAValueInItsOwnSection) {
  Plan plan;
  plan.partitions = 7;
  EXPECT_EQ(plan_value(plan, "topic.partitions"), "7");
  EXPECT_EQ(plan_value(plan, "scale.partitions"), "[1, 2, 4]");
  EXPECT_EQ(plan_value(plan, "seed"), "42");
  EXPECT_EQ(plan_value(plan, "none.such"), "");
}

TEST(PlanKeys, StandOnALineOfAPlansText) {
  const auto lines =
      plan_lines("seed = 1\n\n[engine]\ntrigger = \"1s\"\nconf = {\"a.b\" = \"c\"}\n");
  EXPECT_EQ(lines,
            (std::map<std::string, int>{{"seed", 1}, {"engine.trigger", 4}, {"engine.conf", 5}}));
  EXPECT_TRUE(plan_lines("[[").empty());
}

TEST(PlanKeys, HaveANameInTheEnvironment) {
  EXPECT_EQ(environment_name("engine.driver_memory"), "WEIR_ENGINE_DRIVER_MEMORY");
}

}  // namespace
}  // namespace weir::lab
