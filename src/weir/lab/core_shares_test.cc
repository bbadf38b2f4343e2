#include "weir/lab/core_shares.h"

#include <gtest/gtest.h>

namespace weir::lab {
namespace {

TEST(CoreShares, AreNoneWhereThePlanNamesNone) {
  const auto shares = share_cores("", {0, 1});
  ASSERT_TRUE(shares);
  EXPECT_TRUE(shares->weir.empty() && shares->target.empty());
}

TEST(CoreShares, LeaveWeirTheOthers) {
  const auto shares = share_cores("2-3,5", {0, 1, 2, 3, 5, 6});
  ASSERT_TRUE(shares);
  EXPECT_EQ(shares->target, (Cores{2, 3, 5}));
  EXPECT_EQ(shares->weir, (Cores{0, 1, 6}));
}

TEST(CoreShares, RefuseCoresThatAreNotThere) {
  const auto refused = share_cores("1,4", {0, 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUsage);
  EXPECT_EQ(refused.error().what, "target.cores names core 4");
  EXPECT_EQ(refused.error().why, "weir may use 0-1 here");
}

TEST(CoreShares, RefuseToLeaveNoneForWeir) {
  const auto refused = share_cores("0-1", {0, 1});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kUsage);
  EXPECT_EQ(refused.error().what, "target.cores leaves no core for weir");
}

TEST(CoreShares, GiveWeirAQuarterWhenPinned) {
  EXPECT_EQ(*pinned_cores({0, 1}), "1");
  EXPECT_EQ(*pinned_cores({0, 1, 2, 3, 4, 5, 6, 7}), "2-7");
  EXPECT_EQ(*pinned_cores({4, 5, 6}), "5-6");
  EXPECT_EQ(pinned_cores({3}).error().code, Code::kUsage);
}

}  // namespace
}  // namespace weir::lab
