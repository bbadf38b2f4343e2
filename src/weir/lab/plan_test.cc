#include "weir/lab/plan.h"

#include <gtest/gtest.h>

namespace weir::lab {
namespace {

std::string error_of(std::string_view toml) {
  Plan plan;
  auto read = read_plan(toml, "plan.toml", plan);
  return read ? "" : to_text(read.error());
}

TEST(Plan, TextReadsBack) {
  Plan plan;
  plan.rates = {1000, 5000.5};
  plan.objectives = {"p99_ms <= 1500"};
  plan.trigger = nanos_from_millis(200);
  Plan again;
  ASSERT_TRUE(read_plan(plan_text(plan), "plan.toml", again));
  EXPECT_EQ(plan_text(again), plan_text(plan));
  EXPECT_TRUE(check_plan(again));
}

TEST(Plan, AWrongTypeNamesLineAndColumn) {
  EXPECT_EQ(
      error_of("seed = 1\n[engine]\ntrigger = 5\n"),
      "plan.toml:3:11: engine.trigger has the wrong type\n  why: it must be a span of time in "
      "quotes such as \"1s\" or \"5 seconds\"\n  try: weir run --dry-run prints a plan with "
      "every key");
}

TEST(Plan, AnUnknownKeyNamesTheNearest) {
  EXPECT_NE(error_of("[topic]\npartitons = 3\n").find("did you mean topic.partitions?"),
            std::string::npos);
}

TEST(Plan, BrokenTomlNamesItsPlace) {
  EXPECT_TRUE(error_of("seed = \n").starts_with("plan.toml:1:")) << error_of("seed = \n");
}

TEST(Plan, SetTakesTomlAndBareWords) {
  Plan plan;
  EXPECT_TRUE(set_key("engine.trigger=200ms", plan));
  EXPECT_TRUE(set_key("load.rates=[1000, 2000]", plan));
  EXPECT_TRUE(set_key("engine.workload=forward", plan));
  EXPECT_TRUE(set_key("faults.rate=100000", plan));
  EXPECT_EQ(plan.trigger, nanos_from_millis(200));
  EXPECT_EQ(plan.rates.size(), 2u);
  EXPECT_EQ(plan.workload, "forward");
  EXPECT_EQ(plan.fault_rate, 100000);
  EXPECT_FALSE(set_key("engine.trigger", plan));
  EXPECT_FALSE(set_key("topic.partitions=many", plan));
}

TEST(Plan, SenselessValuesAreRefused) {
  Plan plan;
  plan.fault_kinds = {"engine:kil"};
  EXPECT_FALSE(check_plan(plan));
  plan = {};
  plan.search = false;
  EXPECT_FALSE(check_plan(plan));
  plan = {};
  plan.event_size = 100;
  EXPECT_FALSE(check_plan(plan));
}

}  // namespace
}  // namespace weir::lab
