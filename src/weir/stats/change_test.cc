#include "weir/stats/change.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "weir/stats/change_goldens.h"

namespace weir::stats {
namespace {

std::vector<double> powers_of_e(std::vector<double> logs) {
  for (double& each : logs) each = std::exp(each);
  return logs;
}

// Pairs whose logs share a drift of the machine and differ by `effect` and noise of `spread`.
struct Pairs {
  std::vector<double> before, after;
};
Pairs draw_pairs(std::mt19937_64& random, int n, double effect, double spread) {
  std::normal_distribution<double> drift(0, 0.2), noise(0, spread / std::sqrt(2.0));
  Pairs pairs;
  for (int i = 0; i < n; ++i) {
    const double shared = drift(random);
    pairs.before.push_back(std::exp(shared + noise(random)));
    pairs.after.push_back(std::exp(shared + effect + noise(random)));
  }
  return pairs;
}

// Student, "The probable error of a mean", Biometrika 1908: additional hours of sleep by two drugs
// in ten patients. The difference is 1.58 h with t = 4.06 and 9 degrees of freedom; the data set
// `sleep` of R and its t.test() give the interval 0.70 to 2.46.
TEST(PairedChange, ReproducesStudentsSleep) {
  const auto first = powers_of_e({0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0});
  const auto second = powers_of_e({1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4});
  const auto change = paired_change(first, second);
  ASSERT_TRUE(change);
  EXPECT_NEAR(change->mean, 1.58, 1e-12);
  EXPECT_NEAR(change->mean / change->error, 4.0621, 0.00005);
  EXPECT_EQ(change->degrees, 9);
  const Estimate ratio = ratio_interval(*change);
  EXPECT_NEAR(std::log(*ratio.low), 0.7001, 0.0001);
  EXPECT_NEAR(std::log(*ratio.high), 2.4599, 0.0001);
  EXPECT_NEAR(test_change(*change, 1e-12, true).p, 0.002833, 0.000001);
}

TEST(PairedChange, AgreesWithScipy) {
  const auto change = paired_change(golden::kBefore, golden::kAfter);
  ASSERT_TRUE(change);
  const auto& want = golden::kPairedT[0];
  const Estimate ratio = ratio_interval(*change);
  EXPECT_NEAR(change->mean / change->error, want.t, 1e-9);
  EXPECT_NEAR(*ratio.estimate, want.ratio, 1e-12);
  EXPECT_NEAR(*ratio.low, want.low, 1e-9);
  EXPECT_NEAR(*ratio.high, want.high, 1e-9);
  EXPECT_NEAR(test_change(*change, 0.03, true).p, golden::kBeyond[0].p, 1e-10);
}

TEST(UnpairedChange, AgreesWithScipysWelch) {
  const auto change = unpaired_change(golden::kBefore, golden::kOther);
  ASSERT_TRUE(change);
  const auto& want = golden::kWelchT[0];
  const Estimate ratio = ratio_interval(*change);
  EXPECT_NEAR(change->mean / change->error, want.t, 1e-9);
  EXPECT_NEAR(change->degrees, want.degrees, 1e-9);
  EXPECT_NEAR(*ratio.low, want.low, 1e-9);
  EXPECT_NEAR(*ratio.high, want.high, 1e-9);
}

TEST(Change, NeedsThreePositiveValuesOfEach) {
  const std::vector<double> two = {1, 2}, zero = {1, 0, 2}, three = {1, 2, 3};
  EXPECT_FALSE(paired_change(two, two));
  EXPECT_FALSE(paired_change(three, zero));
  EXPECT_FALSE(paired_change(three, two));
  EXPECT_FALSE(unpaired_change(two, three));
}

TEST(TestChange, NamesTheSideAndItsDirection) {
  const LogChange up{0.2, 0.01, 6, 0.03, 7}, none{0.001, 0.005, 6, 0.013, 7};
  EXPECT_EQ(test_change(up, 0.03, true).side, ChangeVerdict::kWorse);
  EXPECT_EQ(test_change(up, 0.03, false).side, ChangeVerdict::kBetter);
  EXPECT_LT(test_change(up, 0.03, true).p, 0.001);
  EXPECT_EQ(test_change(none, 0.03, true).side, ChangeVerdict::kWithin);
  EXPECT_LT(test_change(none, 0.03, true).p, 0.05);
  // The same mean with more noise is no evidence of anything.
  EXPECT_GT(test_change({0.001, 0.05, 6, 0.13, 7}, 0.03, true).p, 0.05);
  const LogChange exact{0, 0, 6, 0, 7};
  EXPECT_EQ(test_change(exact, 0.03, true).p, 0);
}

// The p value says at which level the interval leaves the side that the estimate lies on.
TEST(TestChange, ItsPIsWhereTheIntervalTouchesTheEdge) {
  const auto change = *paired_change(golden::kBefore, golden::kAfter);
  const auto test = test_change(change, 0.03, true);
  const Estimate touching = ratio_interval(change, 1 - test.p);
  EXPECT_EQ(test.side, ChangeVerdict::kWorse);
  EXPECT_NEAR(*touching.low, 1.03, 1e-9);
}

TEST(Bounds, AreComparedByTheirEnds) {
  Estimate a, b;
  a.estimate = 100, a.low = 98, a.high = 110;
  b.estimate = 125, b.low = 122, b.high = 133;
  const Estimate ratio = bounds_ratio(a, b);
  EXPECT_DOUBLE_EQ(*ratio.low, 122.0 / 110);
  EXPECT_DOUBLE_EQ(*ratio.high, 133.0 / 98);
  EXPECT_NEAR(ratio.level, 0.90, 1e-12);
  EXPECT_EQ(place_interval(ratio, 0.03, false), ChangeVerdict::kBetter);
  EXPECT_EQ(place_interval(bounds_ratio(b, a), 0.03, false), ChangeVerdict::kWorse);
  EXPECT_EQ(place_interval(bounds_ratio(a, a), 0.03, false), ChangeVerdict::kCannotTell);
  b.low.reset();
  EXPECT_EQ(place_interval(bounds_ratio(a, b), 0.03, false), ChangeVerdict::kCannotTell);
}

// Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 1979: four p
// values as in its usual worked example.
TEST(Holm, ReproducesTheWorkedExampleAndStatsmodels) {
  const std::vector<double> p = {0.01, 0.04, 0.03, 0.005};
  const auto adjusted = holm(p);
  const std::vector<double> want = {0.03, 0.06, 0.06, 0.02};
  for (size_t i = 0; i < p.size(); ++i) EXPECT_NEAR(adjusted[i], want[i], 1e-12);
  const auto more = holm(golden::kPValues);
  for (size_t i = 0; i < more.size(); ++i) EXPECT_NEAR(more[i], golden::kHolm[i], 1e-12);
  EXPECT_TRUE(holm({}).empty());
}

TEST(Power, AgreesWithScipysNoncentralT) {
  for (const auto& row : golden::kPower)
    EXPECT_NEAR(t_power(row.distance, row.spread, int64_t(row.n)), row.power, 1e-7)
        << row.distance << " " << row.spread << " " << row.n;
}

// Cohen, Statistical Power Analysis: a paired effect of half a standard deviation needs 34 pairs at
// 80% power; statsmodels gives the others.
TEST(Power, PairsNeededAgreeWithStatsmodels) {
  for (const auto& row : golden::kPairsNeeded) {
    const LogChange change{row.effect, 1 / std::sqrt(20.0), 19, 1, 20};
    const auto needed = pairs_to_decide(change, 1e-12);
    ASSERT_TRUE(needed);
    EXPECT_EQ(*needed, int64_t(row.n)) << row.effect;
    if (row.effect == 0.5) {
      EXPECT_EQ(*needed, 34);
    }
  }
}

TEST(Power, TheSmallestChangeIsDecidedAsOftenAsItSays) {
  const double ratio = smallest_change(0.03, 7, 0.03);
  std::mt19937_64 random(3);
  int worse = 0;
  constexpr int kTrials = 4000;
  for (int trial = 0; trial < kTrials; ++trial) {
    const Pairs pairs = draw_pairs(random, 7, std::log(ratio), 0.03);
    const auto test = test_change(*paired_change(pairs.before, pairs.after), 0.03, true);
    worse += test.side == ChangeVerdict::kWorse && test.p < 0.05;
  }
  EXPECT_NEAR(double(worse) / kTrials, 0.8, 0.03) << ratio;
}

TEST(Intervals, CoverTheTruthAsOftenAsTheySay) {
  std::mt19937_64 random(11);
  constexpr int kTrials = 10'000;
  const double truth = std::log(1.2);
  for (const int n : {6, 7, 14}) {
    int paired = 0, unpaired = 0, predicted = 0;
    std::normal_distribution<double> few(0, 0.05), many(0, 0.2);
    for (int trial = 0; trial < kTrials; ++trial) {
      const Pairs pairs = draw_pairs(random, n, truth, 0.05);
      const Estimate ratio = ratio_interval(*paired_change(pairs.before, pairs.after));
      paired += *ratio.low <= 1.2 && 1.2 <= *ratio.high;
      std::vector<double> a, b;
      for (int i = 0; i < n; ++i) a.push_back(std::exp(few(random)));
      for (int i = 0; i < n + 3; ++i) b.push_back(std::exp(truth + many(random)));
      const Estimate other = ratio_interval(*unpaired_change(a, b));
      unpaired += *other.low <= 1.2 && 1.2 <= *other.high;
      const Estimate next = log_prediction(a);
      const double value = std::exp(few(random));
      predicted += *next.low <= value && value <= *next.high;
    }
    EXPECT_NEAR(double(paired) / kTrials, 0.95, 0.02) << n;
    EXPECT_NEAR(double(unpaired) / kTrials, 0.95, 0.02) << n;
    EXPECT_NEAR(double(predicted) / kTrials, 0.95, 0.02) << n;
  }
}

// What a comparison does: one primary measure and four others, all of one noise.
TEST(Verdicts, OfASystemAgainstItselfAreHardlyEverDifferent) {
  std::mt19937_64 random(5);
  constexpr int kTrials = 2000;
  for (const double spread : {0.01, 0.03, 0.1}) {
    int primary_different = 0, any_other_different = 0;
    for (int trial = 0; trial < kTrials; ++trial) {
      std::vector<ChangeTest> tests;
      for (int measure = 0; measure < 5; ++measure) {
        const Pairs pairs = draw_pairs(random, 7, 0, spread);
        tests.push_back(test_change(*paired_change(pairs.before, pairs.after), 0.03, true));
      }
      std::vector<double> others;
      for (int i = 1; i < 5; ++i) others.push_back(tests[size_t(i)].p);
      const auto adjusted = holm(others);
      const auto differs = [](const ChangeTest& test, double p) {
        return test.side != ChangeVerdict::kWithin && p < 0.05;
      };
      primary_different += differs(tests[0], tests[0].p);
      bool any = false;
      for (size_t i = 1; i < 5; ++i) any = any || differs(tests[i], adjusted[i - 1]);
      any_other_different += any;
    }
    EXPECT_LE(primary_different, kTrials / 20) << spread;
    EXPECT_LE(any_other_different, kTrials / 20) << spread;
  }
}

// 3% between pairs is what an unloaded machine gives for CPU per event.
TEST(Verdicts, TwentyPercentIsDecidedBySevenPairsAndFivePercentIsNot) {
  std::mt19937_64 random(9);
  constexpr int kTrials = 1000;
  int large_worse = 0, small_worse = 0, small_within = 0, told_how_many = 0;
  for (int trial = 0; trial < kTrials; ++trial) {
    const Pairs large = draw_pairs(random, 7, std::log(1.2), 0.03);
    const auto worse = test_change(*paired_change(large.before, large.after), 0.03, true);
    large_worse += worse.side == ChangeVerdict::kWorse && worse.p < 0.05;
    const Pairs small = draw_pairs(random, 7, std::log(1.05), 0.03);
    const auto change = *paired_change(small.before, small.after);
    const auto test = test_change(change, 0.03, true);
    small_worse += test.side == ChangeVerdict::kWorse && test.p < 0.05;
    small_within += test.side == ChangeVerdict::kWithin && test.p < 0.05;
    const auto needed = pairs_to_decide(change, 0.03);
    told_how_many += test.p >= 0.05 && needed && *needed > 3;
  }
  EXPECT_GE(large_worse, 990);
  EXPECT_LE(small_within, 25);  // that would be wrong
  EXPECT_LE(small_worse, 500);  // mostly it cannot be told
  EXPECT_GE(told_how_many, 400);
}

TEST(Swaps, OfPlainNoiseAreCalledDifferentOnceInTwenty) {
  std::mt19937_64 random(13);
  std::normal_distribution<double> noise(0, 0.02);
  double sum = 0;
  for (int trial = 0; trial < 200; ++trial) {
    std::vector<double> logs;
    for (int i = 0; i < 10; ++i) logs.push_back(noise(random));
    sum += swapped_called_different(logs, 0.95, 1);
  }
  EXPECT_NEAR(sum / 200, 0.05, 0.01);
}

TEST(Prediction, NeedsThreePositiveValues) {
  const std::vector<double> two = {1, 2}, zero = {1, 2, 0};
  EXPECT_EQ(log_prediction(two).why, "fewer than 3 values");
  EXPECT_FALSE(log_prediction(zero).low);
}

}  // namespace
}  // namespace weir::stats
