#include "weir/stats/percentile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
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

// Windows of exponential waits, whose mean follows from window to window an AR(1) process of the
// logs.
std::vector<Histogram> windows_of(std::mt19937_64& random, size_t count, double correlation) {
  std::normal_distribution<double> normal;
  std::exponential_distribution<double> wait;
  std::vector<Histogram> windows(count);
  double level = normal(random);
  for (auto& window : windows) {
    level = correlation * level + std::sqrt(1 - correlation * correlation) * normal(random);
    for (int i = 0; i < 200; ++i)
      window.record(std::llround(1e4 * std::exp(0.2 * level) * wait(random)));
  }
  return windows;
}

Histogram merged(const std::vector<Histogram>& windows) {
  Histogram all;
  for (const auto& window : windows) all.merge(window);
  return all;
}

TEST(Sections, TakeEveryWindowInTenEvenParts) {
  std::vector<Histogram> windows(47);
  for (size_t i = 0; i < windows.size(); ++i) windows[i].record(int64_t(i + 1));
  const auto sections = sections_of(windows);
  ASSERT_EQ(sections.size(), 10u);
  int64_t next = 1;
  for (const auto& section : sections) {
    EXPECT_GE(section.total(), 4);
    EXPECT_LE(section.total(), 5);
    EXPECT_EQ(section.min(), next);
    next = section.max() + 1;
  }
  EXPECT_EQ(next, 48);
  EXPECT_TRUE(sections_of(std::span(windows).first(9)).empty());
}

TEST(QuantileInterval, IsStudentsAroundTheWhole) {
  std::vector<Histogram> sections(10);
  for (size_t i = 0; i < 10; ++i) sections[i].record(100 + int64_t(i));
  // Squares of the distances from 104: 16 9 4 1 0 1 4 9 16 25, in all 85; t(9, 0.975) = 2.262157.
  const Estimate found = quantile_interval(104, sections, 0.5);
  const double half = 2.262157 * std::sqrt(85.0 / 90);
  EXPECT_NEAR(*found.low, 104 - half, 1e-5);
  EXPECT_NEAR(*found.high, 104 + half, 1e-5);
  EXPECT_EQ(found.n, 10);
}

TEST(QuantileInterval, IsNoneWhereThereIsTooLittle) {
  EXPECT_FALSE(quantile_interval(5, {}, 0.5).low);
  EXPECT_FALSE(quantile_interval(5, {}, 0.5).why.empty());
  std::vector<Histogram> holed(10);
  for (size_t i = 1; i < 10; ++i) holed[i].record(5);
  EXPECT_FALSE(quantile_interval(5, holed, 0.5).low);
  EXPECT_FALSE(quantile_interval(5, holed, 0.5).why.empty());
}

// How often of 1,000 steps of 60 windows the interval holds the quantile of all of them together.
double coverage(double quantile, double correlation) {
  std::mt19937_64 random(7);
  Histogram all;
  std::vector<Estimate> found;
  for (int step = 0; step < 1000; ++step) {
    const auto windows = windows_of(random, 60, correlation);
    const Histogram whole = merged(windows);
    all.merge(whole);
    found.push_back(
        quantile_interval(double(whole.quantile(quantile)), sections_of(windows), quantile));
  }
  const double truth = double(all.quantile(quantile));
  const auto holds = [truth](const Estimate& e) { return *e.low <= truth && truth <= *e.high; };
  return double(std::count_if(found.begin(), found.end(), holds)) / double(found.size());
}

TEST(QuantileInterval, HoldsTheTruthAsOftenAsItSays) {
  for (const double quantile : {0.5, 0.95, 0.99}) {
    EXPECT_NEAR(coverage(quantile, 0), 0.95, 0.02) << quantile;
    EXPECT_NEAR(coverage(quantile, 0.3), 0.95, 0.02) << quantile;
  }
}

}  // namespace
}  // namespace weir::stats
