#include "weir/stats/percentile.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace weir::stats {
namespace {

std::vector<double> worst_of(int batches) {
  std::vector<double> worst(size_t(batches), 0);
  std::iota(worst.begin(), worst.end(), 1.0);
  return worst;
}

TEST(Percentile, IsPrintedWhenTenBatchesReachBeyondIt) {
  EXPECT_EQ(read_percentile(20, worst_of(30)).value, 20);
  EXPECT_EQ(to_text(read_percentile(20, worst_of(30))), "20.0");
}

TEST(Percentile, IsNullWithTheReasonOtherwise) {
  const Reading r = read_percentile(21, worst_of(30));
  EXPECT_EQ(r.value, std::nullopt);
  EXPECT_EQ(r.why, "only 9 of 30 batches reach beyond it, 10 are needed");
  EXPECT_EQ(to_text(r), "-");
}

TEST(Percentile, IsALowerBoundWhereCensoredEventsReachIt) {
  EXPECT_EQ(to_text(read_percentile(12.345, worst_of(30), 12.0), 2), "> 12.35");
  EXPECT_EQ(to_text(read_percentile(12.0, worst_of(30), 12.0)), "> 12.0");
  EXPECT_EQ(to_text(read_percentile(11.9, worst_of(30), 12.0)), "11.9");
}

}  // namespace
}  // namespace weir::stats
