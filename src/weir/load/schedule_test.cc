// Schedules: exact dues, counts that invert them, walks and shares; and what they look like.
#include "weir/load/schedule.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "weir/load/random_stream.h"
#include "weir/sys/clock.h"

namespace weir::load {
namespace {

const Nanos kLength = nanos_from_seconds(10);

Arrivals arrivals(const std::string& text) { return Arrivals::parse(text, "test").value(); }
Schedule schedule(const std::string& text, double rate, uint64_t seed = 7) {
  return {kFakeStart, rate, arrivals(text), kLength, seed};
}

const std::string kForms[] = {
    "constant",          "poisson",          "ramp:0.1..1",      "ramp:3..0",
    "ramp:0..0.001",     "ramp:1..1",        "steps:0.25,0.5,1", "steps:0,1,0,1000,0",
    "burst:4x/200ms/2s", "burst:0x/50us/1ms"};

TEST(Schedule, DueTimesDoNotDrift) {
  const Schedule even(kFakeStart, 3);
  EXPECT_EQ(even.due(0), kFakeStart);
  EXPECT_EQ(even.due(1), kFakeStart + Nanos(333'333'333));
  EXPECT_EQ(even.due(3'000'000'000), kFakeStart + nanos_from_seconds(1e9));
}

TEST(Schedule, CountIsTheInverseOfDue) {
  std::mt19937_64 random(7);
  for (const auto& form : kForms)
    for (const double rate : {0.5, 1.0, 7.0, 999.999, 123'456.0, 3'000'000.0}) {
      const Schedule made = schedule(form, rate);
      for (int i = 0; i < 300; ++i) {
        const uint64_t index = random() % uint64_t(rate * 12 + 2);
        const Nanos due = made.due(index);
        ASSERT_GE(made.due_count(due), index + 1) << form << ' ' << rate << ' ' << index;
        ASSERT_LE(made.due_count(due - Nanos(1)), index) << form << ' ' << rate << ' ' << index;
      }
      EXPECT_EQ(made.due_count(kFakeStart - Nanos(1)), 0u) << form;
    }
}

TEST(Schedule, AWalkMeetsTheSameDues) {
  for (const auto& form : kForms) {
    const Schedule made = schedule(form, 777.777);
    const Share share{2, 3};
    Schedule::Walk walk(made, share, 5);
    for (uint64_t k = 5; k < 2600; ++k, walk.advance()) {
      ASSERT_EQ(walk.index(), share.index(k)) << form;
      ASSERT_EQ(walk.due(), made.due(share.index(k))) << form << ' ' << k;
    }
  }
}

TEST(Schedule, DuesNeverGoBack) {
  for (const auto& form : kForms) {
    const Schedule made = schedule(form, 20'000);
    Schedule::Walk walk(made, {}, 0);
    for (Nanos before = kFakeStart; walk.index() < 210'000; walk.advance()) {
      ASSERT_LE(before, walk.due()) << form << ' ' << walk.index();
      before = walk.due();
    }
  }
}

TEST(Schedule, SharesSendEachEventOnce) {
  for (const auto& form : kForms) {
    const Schedule made = schedule(form, 1000);
    const uint64_t events = made.due_count(kFakeStart + kLength - Nanos(1));
    uint64_t shared = 0;
    for (uint64_t first = 0; first < 3; ++first)
      for (Schedule::Walk walk(made, {first, 3}, 0); walk.index() < events; walk.advance()) {
        EXPECT_EQ(walk.index() % 3, first);
        ++shared;
      }
    EXPECT_EQ(shared, events) << form;
  }
}

TEST(Schedule, EveryFormHasTheRateInTheMean) {
  const Nanos last = kFakeStart + kLength - Nanos(1);
  for (const auto& form : kForms) {
    const uint64_t events = schedule(form, 12'345).due_count(last);
    if (form == "poisson")
      EXPECT_NEAR(double(events), 123'450, 5 * std::sqrt(123'450.0));
    else
      EXPECT_EQ(events, 123'450u) << form;
  }
}

double rate_within(const Schedule& made, double from_s, double to_s) {
  const auto count = [&](double s) {
    return double(made.due_count(kFakeStart + nanos_from_seconds(s)));
  };
  return (count(to_s) - count(from_s)) / (to_s - from_s);
}

TEST(Schedule, ARampGoesInALine) {
  const Schedule made = schedule("ramp:0.1..1", 55'000);
  EXPECT_NEAR(rate_within(made, 0, 0.1), 10'450, 20);
  EXPECT_NEAR(rate_within(made, 4.95, 5.05), 55'000, 20);
  EXPECT_NEAR(rate_within(made, 9.9, 10), 99'550, 20);
}

TEST(Schedule, StepsAreOfEqualLength) {
  const Schedule made = schedule("steps:1,2,5,0", 20'000);
  const double expected[] = {10'000, 20'000, 50'000, 0};
  for (int i = 0; i < 4; ++i)
    EXPECT_NEAR(rate_within(made, 2.5 * i + 0.01, 2.5 * i + 2.49), expected[i], 2) << i;
}

TEST(Schedule, BurstsComeAtTheStartOfEveryPeriod) {
  // Four times as many for a tenth of the time: 4 x 0.1 + 0.9 = 1.3 of the rate between bursts.
  const Schedule made = schedule("burst:4x/200ms/2s", 13'000);
  for (int i = 0; i < 5; ++i) {
    EXPECT_NEAR(rate_within(made, 2 * i, 2 * i + 0.2), 40'000, 10) << i;
    EXPECT_NEAR(rate_within(made, 2 * i + 0.2, 2 * i + 2), 10'000, 2) << i;
  }
}

TEST(Poisson, TheSeedFixesIt) {
  const Schedule one = schedule("poisson", 5000, 1), again = schedule("poisson", 5000, 1),
                 other = schedule("poisson", 5000, 2);
  int alike = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(one.due(i), again.due(i));
    alike += one.due(i) == other.due(i);
  }
  EXPECT_LT(alike, 5);
}

// Kolmogorov's statistic of gaps against the exponential; 1.63 / sqrt(n) is the bound at 1%.
TEST(Poisson, GapsAreExponential) {
  for (const uint64_t seed : {1, 2, 3}) {
    const double rate = 40'000;
    const Schedule made = schedule("poisson", rate, seed);
    std::vector<double> gaps;
    Schedule::Walk walk(made, {}, 0);
    for (Nanos before = kFakeStart; gaps.size() < 200'000; walk.advance()) {
      gaps.push_back((walk.due() - before).seconds());
      before = walk.due();
    }
    std::sort(gaps.begin(), gaps.end());
    double distance = 0;
    const double n = double(gaps.size());
    for (size_t i = 0; i < gaps.size(); ++i) {
      const double model = 1 - std::exp(-rate * gaps[i]);
      distance = std::max(
          {distance, std::abs(model - double(i) / n), std::abs(model - double(i + 1) / n)});
    }
    EXPECT_LT(distance, 1.63 / std::sqrt(n)) << seed;
  }
}

TEST(Poisson, GapsDoNotPredictEachOther) {
  const Schedule made = schedule("poisson", 40'000, 4);
  std::vector<double> gaps;
  Schedule::Walk walk(made, {}, 0);
  for (Nanos before = kFakeStart; gaps.size() < 200'000; walk.advance()) {
    gaps.push_back((walk.due() - before).seconds() * 40'000 - 1);
    before = walk.due();
  }
  for (const size_t lag : {1, 2, 137, 256}) {
    double product = 0;
    for (size_t i = lag; i < gaps.size(); ++i) product += gaps[i] * gaps[i - lag];
    EXPECT_LT(std::abs(product / double(gaps.size())), 3.5 / std::sqrt(double(gaps.size()))) << lag;
  }
}

// Variance over mean of the counts in windows far below and far above a leaf: 1 for a Poisson
// process, with a deviation of sqrt(2 / windows).
TEST(Poisson, CountsOfLongAndShortWindowsAreAsDispersedAsTheirMean) {
  for (const double window_s : {0.0005, 0.02, 0.5}) {
    const int windows = 2000;
    const Schedule made(kFakeStart, 5000, arrivals("poisson"), Nanos(INT64_MAX), 11);
    double sum = 0, squares = 0;
    uint64_t before = 0;
    for (int i = 1; i <= windows; ++i) {
      const uint64_t until = made.due_count(kFakeStart + nanos_from_seconds(window_s * i));
      const double n = double(until - before);
      before = until;
      sum += n, squares += n * n;
    }
    const double mean = sum / windows, variance = squares / windows - mean * mean;
    EXPECT_NEAR(mean, 5000 * window_s, 4 * std::sqrt(5000 * window_s / windows)) << window_s;
    EXPECT_NEAR(variance / mean, 1, 4 * std::sqrt(2.0 / windows)) << window_s;
  }
}

TEST(Poisson, ReachesABillionEventsAtOnce) {
  const Schedule made(kFakeStart, 1e6, arrivals("poisson"), Nanos(INT64_MAX), 3);
  const Nanos due = made.due(1'000'000'000);
  EXPECT_NEAR((due - kFakeStart).seconds(), 1000, 5 * std::sqrt(1e9) / 1e6);
  EXPECT_GE(made.due_count(due), 1'000'000'001u);
  EXPECT_LE(made.due_count(due - Nanos(1)), 1'000'000'000u);
}

// Means and variances of many draws, and a chi-square of the middle against the exact chances.
TEST(Poisson, DrawsHaveTheirDistributions) {
  for (const uint64_t n : {7ull, 64ull, 500ull, 513ull, 4'000ull, 1'000'000'000ull}) {
    double sum = 0, squares = 0;
    const int draws = 40'000;
    for (int i = 0; i < draws; ++i) {
      RandomStream stream(n, uint64_t(i));
      const double centred = double(draw_half(n, stream)) - double(n) / 2;
      sum += centred, squares += centred * centred;
    }
    const double variance = double(n) / 4;
    EXPECT_LT(std::abs(sum / draws), 4 * std::sqrt(variance / draws)) << n;
    EXPECT_NEAR(squares / draws / variance, 1, 4 * std::sqrt(2.0 / draws)) << n;
  }
  const double mean = 150;
  std::vector<int> seen(400);
  const int draws = 200'000;
  for (int i = 0; i < draws; ++i) {
    RandomStream stream(99, uint64_t(i));
    ++seen[draw_poisson(mean, stream)];
  }
  double chi = 0;
  int cells = 0;
  for (int k = 110; k <= 190; ++k, ++cells) {
    const double expected = draws * std::exp(k * std::log(mean) - mean - std::lgamma(k + 1.0));
    chi += (seen[size_t(k)] - expected) * (seen[size_t(k)] - expected) / expected;
  }
  EXPECT_LT(chi, cells + 3.3 * std::sqrt(2.0 * cells));
}

TEST(Arrivals, ReadsBackWhatItTells) {
  for (const auto& form : kForms) EXPECT_EQ(arrivals(form).text(), form);
}

TEST(Arrivals, RefusesWhatItDoesNotUnderstand) {
  for (const char* text :
       {"", "even", "poisson:3", "ramp", "ramp:1", "ramp:0..0", "ramp:1..2..3", "ramp:-1..1",
        "steps:", "steps:1,,2", "steps:0,0", "steps:nan", "burst:4/200ms/2s", "burst:4x/2s/2s",
        "burst:4x/0s/2s", "burst:4x/200ms", "burst:4x/200ms/2y", "burst:1001x/1ms/2ms"}) {
    const auto parsed = Arrivals::parse(text, "load.schedule");
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().code, Code::kUsage);
    EXPECT_NE(parsed.error().what.find("load.schedule"), std::string::npos);
    EXPECT_FALSE(parsed.error().why.empty() || parsed.error().remedy.empty()) << text;
  }
}

TEST(Share, CountsItsEvents) {
  EXPECT_EQ((Share{0, 1}.count_below(10)), 10u);
  EXPECT_EQ((Share{1, 3}.count_below(10)), 3u);  // 1, 4, 7
  EXPECT_EQ((Share{9, 3}.count_below(10)), 1u);
  EXPECT_EQ((Share{10, 3}.count_below(10)), 0u);
}

}  // namespace
}  // namespace weir::load
