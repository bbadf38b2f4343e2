#include "weir/stats/interval.h"

#include <gtest/gtest.h>

#include <vector>

#include "weir/stats/assurance.h"
#include "weir/stats/scipy_goldens.h"
#include "weir/stats/student.h"

namespace weir::stats {
namespace {

TEST(Student, QuantilesAgreeWithMpmath) {
  for (const auto& row : golden::kTQuantiles)
    EXPECT_NEAR(student_t_quantile(row.p, row.degrees) / row.t, 1, 1e-12)
        << "p " << row.p << " degrees " << row.degrees;
}

TEST(Student, CdfAgreesWithScipy) {
  for (const auto& row : golden::kTCdf)
    EXPECT_NEAR(student_t_cdf(row.t, row.degrees), row.p, 1e-13)
        << "t " << row.t << " degrees " << row.degrees;
}

TEST(Student, IncompleteBetaAgreesWithScipy) {
  for (const auto& row : golden::kBeta)
    EXPECT_NEAR(regularized_incomplete_beta(row.a, row.b, row.x) / row.value, 1, 1e-11)
        << row.a << " " << row.b << " " << row.x;
  EXPECT_EQ(regularized_incomplete_beta(2, 3, 0), 0);
  EXPECT_EQ(regularized_incomplete_beta(2, 3, 1), 1);
}

// The printed table of every textbook.
TEST(Student, QuantilesAgreeWithThePrintedTable) {
  EXPECT_NEAR(student_t_quantile(0.975, 7), 2.365, 0.0005);
  EXPECT_NEAR(student_t_quantile(0.975, 1), 12.706, 0.0005);
  EXPECT_NEAR(student_t_quantile(0.95, 4), 2.132, 0.0005);
}

TEST(Quantile, InterpolatesAsNumpy) {
  const std::vector<double> sample(std::begin(golden::kSample), std::end(golden::kSample));
  for (const auto& row : golden::kSampleQuantiles)
    EXPECT_DOUBLE_EQ(*quantile(sample, row.q), row.value) << row.q;
  EXPECT_EQ(quantile({}, 0.5), std::nullopt);
  EXPECT_EQ(quantile({3}, 0.95), 3);
}

TEST(Moments, AgreeWithNumpyAndSurviveALargeMean) {
  EXPECT_NEAR(moments(golden::kSample).variance, golden::kSampleInterval[0].variance, 1e-12);
  const std::vector<double> shifted = {1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16};
  EXPECT_DOUBLE_EQ(moments(shifted).variance, 30);
  EXPECT_EQ(moments({}).n, 0);
}

TEST(Interval, OfTheMeanAgreesWithScipy) {
  const auto& want = golden::kSampleInterval[0];
  const Estimate e = mean_interval(golden::kSample);
  EXPECT_NEAR(*e.estimate, want.mean, 1e-12);
  EXPECT_NEAR(*e.low, want.low, 1e-9);
  EXPECT_NEAR(*e.high, want.high, 1e-9);
  EXPECT_EQ(e.n, 7);
}

TEST(Interval, OfTheLogAgreesWithScipy) {
  const auto& want = golden::kSampleInterval[0];
  const Estimate e = log_interval(golden::kSample, 0.9);
  EXPECT_NEAR(*e.estimate, want.geometric, 1e-12);
  EXPECT_NEAR(*e.low, want.log_low, 1e-9);
  EXPECT_NEAR(*e.high, want.log_high, 1e-9);
}

// Law, Simulation Modeling and Analysis, chapter 4, the t interval: ten values, 90% interval
// 1.34 +- 0.24.
TEST(Interval, ReproducesLawsExample) {
  const std::vector<double> values = {1.20, 1.50, 1.68, 1.89, 0.95, 1.49, 1.58, 1.55, 0.50, 1.09};
  const Estimate e = mean_interval(values, 0.9);
  EXPECT_NEAR(*e.estimate, 1.34, 0.005);
  EXPECT_NEAR((*e.high - *e.low) / 2, 0.24, 0.005);
}

TEST(Interval, SaysWhatIsMissing) {
  EXPECT_EQ(mean_interval({}).why, "no values");
  const std::vector<double> one = {2}, two = {2, 8}, zero = {2, 0, 1};
  EXPECT_EQ(mean_interval(one).estimate, 2);
  EXPECT_EQ(mean_interval(one).low, std::nullopt);
  EXPECT_DOUBLE_EQ(*log_interval(two).estimate, 4);
  EXPECT_EQ(log_interval(two).why, "fewer than 3 values");
  EXPECT_EQ(log_interval(zero).why, "0 is not a positive number");
}

TEST(Blocks, LeaveOutTheOldestRemainder) {
  const std::vector<double> values = {100, 1, 3, 5, 7};
  EXPECT_EQ(block_means(values, 2), (std::vector<double>{2, 6}));
  EXPECT_TRUE(block_means(values, 6).empty());
}

TEST(Assurance, BoundsWhatNoLossInNTrialsProves) {
  for (const auto& row : golden::kNoLoss)
    EXPECT_NEAR(chance_below(int(row.n)), row.bound, 1e-12) << row.n;
  EXPECT_EQ(chance_below(0), 1);
}

TEST(Assurance, PlansTheFiftyNineTrialsOfWilks) {
  EXPECT_EQ(trials_needed(0.95, 0.95), 59);
  EXPECT_EQ(trials_needed(0.90, 0.95), 29);
  EXPECT_EQ(trials_needed(0.99, 0.99), 459);
}

}  // namespace
}  // namespace weir::stats
