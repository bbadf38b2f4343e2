#include "weir/report/comparison.h"

#include <gtest/gtest.h>

#include "weir/report/sample_run.h"

namespace weir::report {
namespace {

TEST(Comparison, NamesUnlikeConditionsAndOnlyThese) {
  auto a = sample_result(), b = sample_result();
  EXPECT_TRUE(differences({&a, &b}).empty());
  b.target.broker = "localhost:9092";  // what is compared, no condition
  EXPECT_TRUE(differences({&a, &b}).empty());
  b.trigger_ms = 1000, b.target.workload = "forward";
  EXPECT_EQ(differences({&a, &b}).size(), 2u);
}

TEST(Comparison, CannotTellWithoutBounds) {
  auto a = sample_result(), b = sample_result();
  b.load->sustainable_eps.estimate = 2 * *a.load->sustainable_eps.estimate;
  const auto found = changes(a, b);
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0].verdict, "cannot tell");
  EXPECT_FALSE(found[0].low);
}

TEST(Comparison, IsWorseOnlyWhenTheWholeIntervalIs) {
  auto a = sample_result(), b = sample_result();
  a.load->sustainable_eps.low = 98, a.load->sustainable_eps.high = 110;
  b.load->sustainable_eps.low = 80, b.load->sustainable_eps.high = 99;
  EXPECT_EQ(changes(a, b)[0].verdict, "cannot tell");
  b.load->sustainable_eps.high = 97;
  EXPECT_EQ(changes(a, b)[0].verdict, "worse");
  EXPECT_EQ(changes(b, a)[0].verdict, "better");
}

}  // namespace
}  // namespace weir::report
