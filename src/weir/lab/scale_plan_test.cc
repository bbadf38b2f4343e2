#include "weir/lab/scale_plan.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weir::lab {
namespace {

using Numbers = std::vector<int64_t>;

TEST(ScalePlan, TakesMoreTasksWhereEventsWait) {
  Plan plan;
  settle_scale_cells(plan);
  EXPECT_EQ(plan.scale_partitions, (Numbers{1, 2, 4}));
  plan.wait_us = 50;
  settle_scale_cells(plan);
  EXPECT_EQ(plan.scale_partitions, (Numbers{1, 2, 4, 8}));
  EXPECT_EQ(plan.scale_parallelism, (Numbers{1, 2, 4, 8}));
}

TEST(ScalePlan, KeepsTheCellsThatAPlanNames) {
  Plan plan;
  ASSERT_TRUE(set_key("engine.wait_us=50", plan));
  ASSERT_TRUE(set_key("scale.partitions=[3]", plan));
  settle_scale_cells(plan);
  EXPECT_EQ(plan.scale_partitions, (Numbers{3}));
  EXPECT_EQ(plan.scale_parallelism, (Numbers{1, 2, 4, 8}));
}

TEST(ScalePlan, RepeatsEachCellThriceInAFullRun) {
  Plan plan;
  EXPECT_EQ(scale_repetitions(plan, false), 1);
  EXPECT_EQ(scale_repetitions(plan, true), 1);
  plan.budget = Nanos(0);
  EXPECT_EQ(scale_repetitions(plan, false), 3);
  plan.scale_repetitions = 5;
  EXPECT_EQ(scale_repetitions(plan, false), 5);
  EXPECT_EQ(scale_repetitions(plan, true), 5);
}

TEST(ScalePlan, BoundsWhatTasksCanDoByTheWorkAddedToEachEvent) {
  Plan plan;
  EXPECT_TRUE(std::isinf(added_work_bound(plan, 4, 2)));
  plan.wait_us = 50;
  EXPECT_EQ(added_work_bound(plan, 4, 2), 80'000);
  plan.cpu_us = 50;
  EXPECT_EQ(added_work_bound(plan, 1, 2), 10'000);
  EXPECT_EQ(added_work_bound(plan, 8, 2), 40'000);  // two cores
}

TEST(ScalePlan, AddsWorkToWeirsOwnEngineOnly) {
  Plan plan;
  plan.wait_us = 50;
  EXPECT_TRUE(check_plan(plan));
  plan.engine = "spark";
  const auto refused = check_plan(plan);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUsage);
  EXPECT_EQ(refused.error().what, "engine.wait_us needs weir's own engine");
  EXPECT_FALSE(refused.error().why.empty());
  EXPECT_FALSE(refused.error().remedy.empty());
  plan.engine = "native";
  plan.cpu_us = -1;
  EXPECT_FALSE(check_plan(plan));
}

}  // namespace
}  // namespace weir::lab
