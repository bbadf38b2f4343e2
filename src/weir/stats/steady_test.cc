#include "weir/stats/steady.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

namespace weir::stats {
namespace {

TEST(WarmUp, HasALeastLength) {
  EXPECT_EQ(least_warm_up(nanos_from_millis(200), false), nanos_from_seconds(5));
  EXPECT_EQ(least_warm_up(nanos_from_seconds(5), false), nanos_from_seconds(15));
  EXPECT_EQ(least_warm_up(nanos_from_millis(200), true), nanos_from_seconds(15));
  EXPECT_EQ(least_warm_up(nanos_from_seconds(1), true), nanos_from_seconds(20));
  EXPECT_EQ(fixed_warm_up(nanos_from_seconds(6)), nanos_from_millis(1200));
}

std::vector<double> noisy(size_t n, unsigned seed, double decay_from, double decay_over) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, 1);
  std::vector<double> values(n);
  for (size_t i = 0; i < n; ++i)
    values[i] = 100 + decay_from * std::exp(-double(i) / decay_over) + normal(random);
  return values;
}

TEST(WarmUp, EndsAtOnceWhenNothingChanges) {
  EXPECT_EQ(find_warm_up(std::vector<double>(40, 7.0), 0).cut, 0u);
  EXPECT_EQ(find_warm_up(std::vector<double>(40, 7.0), 5).cut, 5u);
}

TEST(WarmUp, EndsWhenADecayHasFaded) {
  const auto values = noisy(120, 1, 500, 6);
  const WarmUp w = find_warm_up(values, 5);
  ASSERT_TRUE(w.cut) << w.reason;
  // exp(-20 / 6) x 500 = 18, far outside the noise; exp(-45 / 6) x 500 = 0.3, within it.
  EXPECT_GE(*w.cut, 20u);
  EXPECT_LE(*w.cut, 45u);
}

TEST(WarmUp, NeverEndsOnATrend) {
  std::vector<double> values = noisy(120, 2, 0, 1);
  for (size_t i = 0; i < values.size(); ++i) values[i] += double(i);
  const WarmUp w = find_warm_up(values, 5);
  EXPECT_EQ(w.cut, std::nullopt);
  EXPECT_TRUE(w.reason.starts_with("did not settle")) << w.reason;
}

TEST(WarmUp, NeedsTenValues) {
  EXPECT_EQ(find_warm_up(std::vector<double>(9, 1.0), 0).reason,
            "did not settle: 9 values are too few after a warm-up of 0");
}

TEST(WarmUp, CutsNothingFromMostSteadySeries) {
  int at_once = 0;
  for (unsigned seed = 0; seed < 200; ++seed)
    at_once += find_warm_up(noisy(100, seed, 0, 1), 0).cut == size_t(0);
  EXPECT_GE(at_once, 180);
}

}  // namespace
}  // namespace weir::stats
