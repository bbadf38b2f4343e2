#include "weir/stats/scaling.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "weir/stats/scaling_goldens.h"

namespace weir::stats {
namespace {

std::vector<ScalingPoint> points_of(std::span<const double> n, std::span<const double> x) {
  std::vector<ScalingPoint> points;
  for (size_t i = 0; i < n.size(); ++i) points.push_back({n[i], x[i]});
  return points;
}

void expect_near_share(std::optional<double> value, double wanted, double share) {
  ASSERT_TRUE(value);
  EXPECT_NEAR(*value, wanted, share * std::abs(wanted));
}

void expect_interval(const Estimate& estimate, double low, double high) {
  expect_near_share(estimate.low, low, 1e-5);
  expect_near_share(estimate.high, high, 1e-5);
}

// Gunther's own example, as the R package usl fits it (its README: gamma 89.995, alpha
// 0.0277285, beta 0.0001044, residual standard error 82.8 on 4 degrees of freedom, peak 1884 at
// 96.52).
TEST(ScalingFit, EqualsThePublishedFitOfSdm91) {
  const auto fit = ScalingFit::of(points_of(golden::kSdm91N, golden::kSdm91X),
                                  ScalingLaw::kUniversal, Residuals::kAbsolute);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->lambda(), 89.995, 0.0005);
  EXPECT_NEAR(fit->sigma(), 0.0277285, 5e-8);
  EXPECT_NEAR(fit->kappa(), 0.0001044, 5e-8);
  EXPECT_EQ(fit->degrees(), 4);
  EXPECT_NEAR(std::sqrt(fit->sum_of_squares() / 4), 82.8, 0.05);
  ASSERT_TRUE(fit->peak());
  EXPECT_NEAR(*fit->peak(), 96.52, 0.005);
  EXPECT_NEAR(fit->throughput(*fit->peak()), 1884, 0.5);
  const double fitted[] = {90, 1078, 1541, 1850, 1879, 1822, 1646};
  for (size_t i = 0; i < 7; ++i) EXPECT_NEAR(fit->throughput(golden::kSdm91N[i]), fitted[i], 0.5);
}

TEST(ScalingFit, EqualsScipysCurveFit) {
  const auto fit = ScalingFit::of(points_of(golden::kSdm91N, golden::kSdm91X),
                                  ScalingLaw::kUniversal, Residuals::kAbsolute);
  ASSERT_TRUE(fit);
  expect_near_share(fit->lambda(), golden::kSdm91Fit[0], 1e-6);
  expect_near_share(fit->sigma(), golden::kSdm91Fit[1], 1e-6);
  expect_near_share(fit->kappa(), golden::kSdm91Fit[2], 1e-6);
}

TEST(ScalingFit, EqualsScipyWithProfileIntervals) {
  const double* wanted = golden::kUniversalFit;
  const auto fit =
      ScalingFit::of(points_of(golden::kUniversalN, golden::kUniversalX), ScalingLaw::kUniversal);
  ASSERT_TRUE(fit);
  expect_near_share(fit->lambda(), wanted[0], 1e-6);
  expect_near_share(fit->sigma(), wanted[1], 1e-6);
  expect_near_share(fit->kappa(), wanted[2], 1e-6);
  expect_near_share(fit->sum_of_squares(), wanted[3], 1e-8);
  expect_interval(fit->lambda_interval(), wanted[4], wanted[5]);
  expect_interval(fit->sigma_interval(), wanted[6], wanted[7]);
  expect_interval(fit->kappa_interval(), wanted[8], wanted[9]);
  expect_interval(fit->throughput_interval(12), wanted[10], wanted[11]);
}

TEST(ScalingFit, EqualsScipyForAmdahlFromFourSingleRuns) {
  const double* wanted = golden::kAmdahlFit;
  const auto fit =
      ScalingFit::of(points_of(golden::kAmdahlN, golden::kAmdahlX), ScalingLaw::kAmdahl);
  ASSERT_TRUE(fit);
  expect_near_share(fit->lambda(), wanted[0], 1e-6);
  expect_near_share(fit->sigma(), wanted[1], 1e-6);
  EXPECT_EQ(fit->kappa(), 0);
  EXPECT_EQ(fit->degrees(), 2);
  expect_interval(fit->lambda_interval(), wanted[4], wanted[5]);
  expect_interval(fit->sigma_interval(), wanted[6], wanted[7]);
  expect_interval(fit->throughput_interval(8), wanted[10], wanted[11]);
  EXPECT_FALSE(fit->kappa_interval().estimate);
  EXPECT_FALSE(fit->peak());
}

TEST(ScalingFit, KeepsToTheAllowedSideWhereTheBestLiesOutside) {
  const double* wanted = golden::kLinearFit;
  const auto fit =
      ScalingFit::of(points_of(golden::kLinearN, golden::kLinearX), ScalingLaw::kUniversal);
  ASSERT_TRUE(fit);
  EXPECT_EQ(fit->sigma(), 0);
  expect_near_share(fit->lambda(), wanted[0], 1e-6);
  expect_near_share(fit->kappa(), wanted[2], 1e-5);
  expect_interval(fit->lambda_interval(), wanted[4], wanted[5]);
  EXPECT_EQ(fit->sigma_interval().low, 0);
  expect_near_share(fit->sigma_interval().high, wanted[7], 1e-5);
  EXPECT_EQ(fit->kappa_interval().low, 0);
  expect_near_share(fit->kappa_interval().high, wanted[9], 1e-5);
  expect_interval(fit->throughput_interval(8), wanted[10], wanted[11]);
}

TEST(ScalingFit, FindsALawThatHoldsExactly) {
  std::vector<ScalingPoint> points;
  for (const double n : {1.0, 2.0, 4.0, 6.0, 8.0, 12.0})
    points.push_back({n, 700 * n / (1 + 0.05 * (n - 1) + 0.002 * n * (n - 1))});
  const auto fit = ScalingFit::of(points, ScalingLaw::kUniversal);
  ASSERT_TRUE(fit);
  EXPECT_NEAR(fit->lambda(), 700, 1e-4);
  EXPECT_NEAR(fit->sigma(), 0.05, 1e-6);
  EXPECT_NEAR(fit->kappa(), 0.002, 1e-7);
}

TEST(ScalingFit, TakesNoValueThatIsNoThroughput) {
  std::vector<ScalingPoint> points{{1, 10}, {2, 19}, {4, 30}, {8, 0}};
  EXPECT_FALSE(ScalingFit::of(points, ScalingLaw::kAmdahl));
  points[3].throughput = std::nan("");
  EXPECT_FALSE(ScalingFit::of(points, ScalingLaw::kAmdahl));
  EXPECT_FALSE(ScalingFit::of({}, ScalingLaw::kAmdahl));
  EXPECT_FALSE(
      ScalingFit::of(std::vector<ScalingPoint>{{1, 10}, {1, 11}, {1, 9}}, ScalingLaw::kAmdahl));
}

struct Truth {
  double lambda, sigma, kappa;
  double at(double n) const { return lambda * n / (1 + sigma * (n - 1) + kappa * n * (n - 1)); }
};

std::vector<ScalingPoint> simulate(const Truth& truth, std::span<const double> widths, int runs,
                                   double spread, std::mt19937_64& random) {
  std::normal_distribution<double> noise(0, spread);
  std::vector<ScalingPoint> points;
  for (const double n : widths)
    for (int run = 0; run < runs; ++run)
      points.push_back({n, truth.at(n) * std::exp(noise(random))});
  return points;
}

bool holds(const Estimate& estimate, double truth) {
  return estimate.low && estimate.high && *estimate.low <= truth && truth <= *estimate.high;
}

constexpr int kSimulations = 2000;

TEST(ScalingFit, IntervalsOfTheUniversalLawHoldTheTruthAsOftenAsTheySay) {
  const Truth truth{20'000, 0.06, 0.004};
  const double widths[] = {1, 2, 3, 4, 6, 8};
  std::mt19937_64 random(1);
  int lambda = 0, sigma = 0, kappa = 0, at_most = 0;
  for (int i = 0; i < kSimulations; ++i) {
    const auto fit =
        ScalingFit::of(simulate(truth, widths, 3, 0.02, random), ScalingLaw::kUniversal);
    ASSERT_TRUE(fit);
    lambda += holds(fit->lambda_interval(), truth.lambda);
    sigma += holds(fit->sigma_interval(), truth.sigma);
    kappa += holds(fit->kappa_interval(), truth.kappa);
    at_most += holds(fit->throughput_interval(8), truth.at(8));
  }
  for (const int held : {lambda, sigma, kappa, at_most})
    EXPECT_NEAR(double(held) / kSimulations, 0.95, 0.02);
}

TEST(ScalingFit, IntervalsOfAmdahlsLawHoldTheTruthAsOftenAsTheySay) {
  const Truth truth{20'000, 0.1, 0};
  const double widths[] = {1, 2, 4, 8};
  for (const int runs : {1, 3}) {
    std::mt19937_64 random(2);
    int lambda = 0, sigma = 0, at_most = 0;
    for (int i = 0; i < kSimulations; ++i) {
      const auto fit =
          ScalingFit::of(simulate(truth, widths, runs, 0.02, random), ScalingLaw::kAmdahl);
      ASSERT_TRUE(fit);
      lambda += holds(fit->lambda_interval(), truth.lambda);
      sigma += holds(fit->sigma_interval(), truth.sigma);
      at_most += holds(fit->throughput_interval(8), truth.at(8));
    }
    for (const int held : {lambda, sigma, at_most})
      EXPECT_NEAR(double(held) / kSimulations, 0.95, 0.02) << runs << " runs";
  }
}

TEST(FitScaling, ShowsKappaWhereThereIsNoneInAtMostTheShareThatItsIntervalAllows) {
  const Truth truth{20'000, 0.1, 0};
  const double widths[] = {1, 2, 3, 4, 6, 8};
  std::mt19937_64 random(3);
  int universal = 0, refused = 0;
  for (int i = 0; i < kSimulations; ++i) {
    const auto answer = fit_scaling(simulate(truth, widths, 3, 0.02, random));
    universal += answer.fit && answer.law == ScalingLaw::kUniversal;
    refused += !answer.fit;
  }
  EXPECT_LE(double(universal) / kSimulations, 0.045);  // one side of 5%, and the noise of counting
  EXPECT_LE(double(refused) / kSimulations, 0.02);     // lack of fit at 1%
}

TEST(FitScaling, RefusesFewerThanFourWidths) {
  const std::vector<ScalingPoint> points{{1, 10}, {1, 11}, {2, 19}, {4, 30}, {4, 31}};
  const auto answer = fit_scaling(points);
  EXPECT_FALSE(answer.fit);
  EXPECT_EQ(answer.why, "a law takes at least 4 distinct n, and these runs have 3 (1, 2, 4)");
  EXPECT_EQ(fit_scaling({}).why, "no run can be used");
}

TEST(FitScaling, SaysWhatTheUniversalLawLacks) {
  std::mt19937_64 random(4);
  const Truth truth{20'000, 0.1, 0.005};
  const double few[] = {1, 2, 4, 6};
  const auto answer = fit_scaling(simulate(truth, few, 1, 0.01, random));
  ASSERT_TRUE(answer.fit);
  EXPECT_EQ(answer.law, ScalingLaw::kAmdahl);
  EXPECT_EQ(
      answer.why,
      "the universal scalability law needs 6 distinct n (these are 4), an n of 8 or more (the "
      "largest is 6), 3 runs of each (these have 1)");
}

TEST(FitScaling, FitsTheUniversalLawWhereThroughputTurnsBack) {
  std::mt19937_64 random(5);
  const Truth truth{20'000, 0.05, 0.02};
  const double widths[] = {1, 2, 3, 4, 6, 8, 12};
  const auto answer = fit_scaling(simulate(truth, widths, 3, 0.02, random));
  ASSERT_TRUE(answer.fit);
  EXPECT_EQ(answer.law, ScalingLaw::kUniversal);
  EXPECT_TRUE(holds(answer.fit->kappa_interval(), truth.kappa));
  EXPECT_EQ(answer.n_max, 12);
  EXPECT_EQ(answer.why, "");
}

TEST(FitScaling, RefusesALawThatItsRepetitionsContradict) {
  // Throughput that stops at a wall follows neither law.
  std::mt19937_64 random(6);
  std::normal_distribution<double> noise(0, 0.005);
  std::vector<ScalingPoint> points;
  for (const double n : {1.0, 2.0, 3.0, 4.0, 6.0, 8.0})
    for (int run = 0; run < 3; ++run)
      points.push_back({n, 1000 * std::min(n, 4.0) * std::exp(noise(random))});
  const auto answer = fit_scaling(points);
  EXPECT_FALSE(answer.fit);
  EXPECT_NE(answer.why.find("lack of fit"), std::string::npos) << answer.why;
}

}  // namespace
}  // namespace weir::stats
