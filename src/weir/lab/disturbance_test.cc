#include "weir/lab/disturbance.h"

#include <gtest/gtest.h>

namespace weir::lab {
namespace {

run::RunResult result_with(double others, double stolen) {
  run::RunResult result;
  result.load.emplace().steps = {{.label = "quiet", .surroundings = {0.0, 0.0}},
                                 {.label = "busy", .surroundings = {others, stolen}}};
  result.faults.emplace().faults = {{.label = "fault", .surroundings = {{}, {}}}};
  return result;
}

TEST(Disturbance, IsToldOfTheStepThatItTouchedMost) {
  auto result = result_with(0.5, 0.2);
  warn_of_disturbance(result, 2, true);
  ASSERT_EQ(result.warnings.size(), 2u);
  EXPECT_EQ(result.warnings[0].code, "W005");
  EXPECT_EQ(result.warnings[0].where, "busy");
  EXPECT_EQ(result.warnings[0].effect, "other programs used 0.50 of the 2 cores");
  EXPECT_EQ(result.warnings[1].code, "W006");
  EXPECT_EQ(result.warnings[1].effect, "the hypervisor kept 0.20 of the 2 cores");
}

TEST(Disturbance, IsNotToldOfWhatHardlyMatters) {
  auto result = result_with(0.19, 0.09);
  warn_of_disturbance(result, 2, true);
  EXPECT_TRUE(result.warnings.empty());
}

TEST(Disturbance, MayBeThePipelineWhereWeirDidNotStartIt) {
  auto result = result_with(1.5, 0);
  warn_of_disturbance(result, 2, false);
  EXPECT_TRUE(result.warnings.empty());
}

}  // namespace
}  // namespace weir::lab
