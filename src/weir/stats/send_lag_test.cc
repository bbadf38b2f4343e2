#include "weir/stats/send_lag.h"

#include <gtest/gtest.h>

#include <random>

namespace weir::stats {
namespace {

constexpr double kAll[] = {0.5, 0.95, 0.99};

Histogram constant(int64_t micros) {
  Histogram made;
  made.record(micros, 1000);
  return made;
}

TEST(SendLagShift, AConstantLagMovesTheSmallestPercentileMost) {
  Histogram latency;
  for (int64_t us = 1; us <= 200'000; us += 10) latency.record(us);
  for (const auto joint : {LagJoint::kIndependent, LagJoint::kTogether})
    EXPECT_NEAR(send_lag_shift(latency, constant(2000), kAll, joint), 0.02, 0.001);
}

TEST(SendLagShift, IsNothingWhereNothingWasLateOrNothingSeen) {
  EXPECT_NEAR(send_lag_shift(constant(5000), constant(0), kAll, LagJoint::kIndependent), 0, 1e-3);
  EXPECT_EQ(send_lag_shift(constant(5000), constant(0), kAll, LagJoint::kTogether), 0);
  EXPECT_EQ(send_lag_shift(Histogram(), constant(9), kAll, LagJoint::kTogether), 0);
  EXPECT_EQ(send_lag_shift(constant(9), Histogram(), kAll, LagJoint::kTogether), 0);
}

// A micro-batch: what an event waits does not depend on its lag. The change is that of all events
// counted anew.
TEST(SendLagShift, OfABatchIsTheChangeOfItsEventsCountedAnew) {
  std::mt19937_64 random(5);
  Histogram from_due, from_hand_over, lags;
  for (int i = 0; i < 200'000; ++i) {
    const auto lag = int64_t(std::exponential_distribution<>(1 / 8000.0)(random));
    const auto wait = int64_t(random() % 100'000);
    const int64_t latency = 150'000 - wait;  // due to the result, whatever the lag
    if (latency < lag) continue;
    from_due.record(latency);
    from_hand_over.record(latency - lag);
    lags.record(lag);
  }
  for (const double q : kAll) {
    const auto with = double(from_due.quantile(q)), without = double(from_hand_over.quantile(q));
    const double one[] = {q};
    EXPECT_NEAR(send_lag_shift(from_due, lags, one, LagJoint::kIndependent),
                (with - without) / with, 0.005)
        << q;
  }
}

// Without a trigger the lag is part of the latency: the tails belong to the same events.
TEST(SendLagShift, TogetherFindsATailThatTheGeneratorMade) {
  Histogram latency, lags;
  latency.record(1000, 980), latency.record(51'000, 20);
  lags.record(0, 980), lags.record(50'000, 20);
  EXPECT_GT(send_lag_shift(latency, lags, kAll, LagJoint::kTogether), 0.95);
  EXPECT_LT(send_lag_shift(latency, lags, kAll, LagJoint::kIndependent), 0.1);
}

}  // namespace
}  // namespace weir::stats
