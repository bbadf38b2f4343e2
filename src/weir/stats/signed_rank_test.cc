#include "weir/stats/signed_rank.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "weir/stats/change_goldens.h"

namespace weir::stats {
namespace {

// Hollander & Wolfe, Nonparametric Statistical Methods, table 3.1: the Hamilton depression scale of
// nine patients before and after a tranquilizer. Their T+ is 5 for after - before (example 3.1,
// one-sided p 0.0195), their estimate -0.46 (example 3.3), their 96.1% interval (-0.786, -0.010)
// (example 3.4).
const std::vector<double> kDepression = {0.878 - 1.83, 0.647 - 0.50, 0.598 - 1.62,
                                         2.05 - 2.48,  1.06 - 1.68,  1.29 - 1.88,
                                         1.06 - 1.55,  3.14 - 3.06,  1.29 - 1.30};

TEST(SignedRank, ReproducesHollanderAndWolfe) {
  const SignedRank test = signed_rank(kDepression);
  EXPECT_EQ(test.n, 9);
  EXPECT_DOUBLE_EQ(test.plus, 5);
  EXPECT_NEAR(test.p / 2, 0.0195, 0.00005);
  const Estimate shift = hodges_lehmann(kDepression, 0.95);
  EXPECT_NEAR(*shift.estimate, -0.46, 0.005);
  EXPECT_NEAR(shift.level, 0.961, 0.0005);
  EXPECT_NEAR(*shift.low, -0.786, 0.0005);
  EXPECT_NEAR(*shift.high, -0.010, 0.0005);
}

TEST(SignedRank, AgreesWithScipy) {
  std::vector<double> logs;
  for (size_t i = 0; i < std::size(golden::kBefore); ++i)
    logs.push_back(std::log(golden::kAfter[i]) - std::log(golden::kBefore[i]));
  const SignedRank test = signed_rank(logs);
  EXPECT_NEAR(test.p, golden::kWilcoxon[0].p, 1e-12);
  EXPECT_NEAR(test.p_positive, golden::kWilcoxon[0].p_positive, 1e-12);
}

TEST(SignedRank, IsExactWithTiesAndLeavesZerosOut) {
  const SignedRank test = signed_rank(golden::kTied);
  EXPECT_EQ(test.n, 9);
  EXPECT_EQ(test.zeros, 1);
  EXPECT_DOUBLE_EQ(test.plus, golden::kTiedRanks[0].plus);
  EXPECT_NEAR(test.p, golden::kTiedRanks[0].p, 1e-12);
  EXPECT_NEAR(test.p_positive, golden::kTiedRanks[0].p_positive, 1e-12);
}

TEST(SignedRank, SaysNothingOfNothing) {
  EXPECT_EQ(signed_rank({}).p, 1);
  const std::vector<double> zeros(5, 0.0), many(kSignedRankMax + 1, 1.0);
  EXPECT_EQ(signed_rank(zeros).p, 1);
  EXPECT_EQ(signed_rank(many).n, 0);
  EXPECT_FALSE(hodges_lehmann({}).estimate);
  EXPECT_FALSE(hodges_lehmann(many).estimate);
}

TEST(HodgesLehmann, FewerThanSixValuesGiveNoIntervalAt95Percent) {
  const std::vector<double> five = {1, 2, 3, 4, 5.5}, six = {1, 2, 3, 4, 5.5, 7};
  EXPECT_TRUE(hodges_lehmann(five).estimate);
  EXPECT_FALSE(hodges_lehmann(five).low);
  EXPECT_EQ(hodges_lehmann(five).why, "5 values cannot give 95% without assuming a distribution");
  EXPECT_EQ(hodges_lehmann(six).low, 1);
  EXPECT_EQ(hodges_lehmann(six).high, 7);
  EXPECT_NEAR(hodges_lehmann(six).level, 1 - 2.0 / 64, 1e-12);
}

// The interval holds the centre of any symmetric distribution as often as it says: here one with
// heavy tails.
TEST(HodgesLehmann, CoversWhatItSays) {
  std::mt19937_64 random(7);
  std::student_t_distribution<double> noise(3);
  constexpr int kTrials = 10'000;
  for (const int n : {6, 7, 12}) {
    int held = 0;
    double level = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      std::vector<double> values;
      for (int i = 0; i < n; ++i) values.push_back(0.3 + noise(random));
      const Estimate e = hodges_lehmann(values);
      level = e.level;
      held += *e.low <= 0.3 && 0.3 <= *e.high;
    }
    EXPECT_NEAR(double(held) / kTrials, level, 0.02) << n;
  }
}

// scipy.stats.binomtest(k, n, 0.5).pvalue.
TEST(SignTest, AgreesWithTheBinomialDistribution) {
  EXPECT_EQ(sign_test(0, 0), 1);
  EXPECT_EQ(sign_test(3, 3), 1);
  EXPECT_DOUBLE_EQ(sign_test(0, 6), 0.03125);
  EXPECT_DOUBLE_EQ(sign_test(6, 0), 0.03125);
  EXPECT_NEAR(sign_test(2, 9), 0.0654296875, 1e-12);
  EXPECT_NEAR(sign_test(30, 70), 7.85013964559563e-05, 1e-12);
}

}  // namespace
}  // namespace weir::stats
