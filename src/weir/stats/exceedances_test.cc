#include "weir/stats/exceedances.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace weir::stats {
namespace {

TEST(Exceedances, HaveTheChancesOfExactCounting) {
  // Of n + m observations in random order, m are the future ones: C(n + m, m) orders.
  EXPECT_DOUBLE_EQ(chance_of_exceedances(0, 15, 1, 30), 1.0 / 3);
  EXPECT_DOUBLE_EQ(chance_of_exceedances(1, 1, 1, 1), 0.5);
  // rank 2 of n = 3, m = 2: C(x + 1, x) C(3 - x, 2 - x) / C(5, 2) = 3, 4 and 3 of 10.
  EXPECT_DOUBLE_EQ(chance_of_exceedances(0, 3, 2, 2), 0.3);
  EXPECT_DOUBLE_EQ(chance_of_exceedances(1, 3, 2, 2), 0.4);
  EXPECT_DOUBLE_EQ(chance_of_exceedances(2, 3, 2, 2), 0.3);
}

TEST(Exceedances, AddUpToOne) {
  for (const auto& [n, rank, m] : {std::tuple{60, 2, 30}, {15, 1, 30}, {5, 3, 7}}) {
    double sum = 0;
    for (int x = 0; x <= m; ++x) sum += chance_of_exceedances(x, n, rank, m);
    EXPECT_NEAR(sum, 1, 1e-12) << n;
  }
}

TEST(Exceedances, WithinNineteenOfTwenty) {
  // The second largest of 60 windows may be left by a tenth of the next 30.
  EXPECT_EQ(exceedances_within(60, 2, 30, 0.05), 3);
  EXPECT_EQ(exceedances_within(15, 1, 30, 0.05), 6);
  EXPECT_EQ(exceedances_within(5, 1, 5, 0.05), 3);
  EXPECT_EQ(exceedances_within(5, 1, 0, 0.05), 0);
}

TEST(Exceedances, AreSurpassedAsOftenAsTold) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<> skewed;
  constexpr int kTrials = 20'000, n = 15, m = 30;
  const int within = exceedances_within(n, 1, m, 0.05);
  double told = 0;
  for (int x = within + 1; x <= m; ++x) told += chance_of_exceedances(x, n, 1, m);
  int surpassed = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    double largest = 0;
    for (int i = 0; i < n; ++i) largest = std::max(largest, skewed(random));
    int exceed = 0;
    for (int i = 0; i < m; ++i) exceed += skewed(random) > largest;
    surpassed += exceed > within;
  }
  EXPECT_NEAR(double(surpassed) / kTrials, told, 0.006);
}

}  // namespace
}  // namespace weir::stats
