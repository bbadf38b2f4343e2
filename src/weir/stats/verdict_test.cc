#include "weir/stats/verdict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace weir::stats {
namespace {

using ::testing::HasSubstr;
constexpr Nanos kStart(1'700'000'000'000'000'000);
constexpr Nanos kSecond = nanos_from_millis(1000);

// Back-to-back batches on a trigger grid of one second; each takes `seconds` of its number.
template <class F>
std::vector<Batch> batches(int n, F seconds) {
  std::vector<Batch> all;
  Nanos free = kStart;
  for (int i = 0; i < n; ++i) {
    const Nanos end = free + nanos_from_seconds(seconds(i));
    all.push_back({free, end});
    const int64_t grid = ((end - kStart).value + kSecond.value - 1) / kSecond.value;
    free = kStart + kSecond * grid;
  }
  return all;
}
Nanos after(const std::vector<Batch>& all) { return all.back().start + kSecond; }

TEST(Cadence, KeepsUpWhenBatchesAreShorterThanTheTrigger) {
  const auto all = batches(24, [](int i) { return 0.6 + 0.05 * (i % 3); });
  const Cadence c = judge_cadence(all, kSecond, kStart, after(all));
  EXPECT_EQ(c.verdict, Verdict::kKeepsUp);
  EXPECT_EQ(c.batches, 24);
  EXPECT_EQ(c.triggers, 24);
  EXPECT_EQ(c.ratio.n, 8);
  EXPECT_NEAR(*c.ratio.estimate, 0.65, 1e-9);
  EXPECT_EQ(c.reason, "batches take 0.65 triggers in the mean (0.65 to 0.65), less than one");
}

TEST(Cadence, FallsBehindWhenBatchesAreLongerThanTheTrigger) {
  const auto all = batches(20, [](int i) { return 1.2 + 0.04 * (i % 5); });
  const Cadence c = judge_cadence(all, kSecond, kStart, after(all));
  EXPECT_EQ(c.verdict, Verdict::kFallsBehind);
  EXPECT_GT(*c.ratio.low, 1);
}

TEST(Cadence, IsUndecidedNearOne) {
  const auto all = batches(24, [](int i) { return i % 7 < 3 ? 0.7 : 1.25; });
  const Cadence c = judge_cadence(all, kSecond, kStart, after(all));
  EXPECT_EQ(c.verdict, Verdict::kUndecided);
  EXPECT_THAT(c.reason, HasSubstr("does not exclude one"));
}

TEST(Cadence, UsesSixBlocksForTwelveToFifteenBatches) {
  for (const int n : {12, 15}) {
    const auto all = batches(n, [](int) { return 0.5; });
    EXPECT_EQ(judge_cadence(all, kSecond, kStart, after(all)).ratio.n, 6);
  }
  const auto all = batches(16, [](int) { return 0.5; });
  EXPECT_EQ(judge_cadence(all, kSecond, kStart, after(all)).ratio.n, 8);
}

TEST(Cadence, NeedsTwelveBatches) {
  const auto all = batches(11, [](int) { return 0.5; });
  const Cadence c = judge_cadence(all, kSecond, kStart, after(all));
  EXPECT_EQ(c.verdict, Verdict::kUndecided);
  EXPECT_EQ(c.reason, "11 batches after warm-up, 12 are needed");
}

TEST(Cadence, FallsBehindOnFewLongBatches) {
  const auto all = batches(5, [](int) { return 3.9; });
  const Cadence c = judge_cadence(all, kSecond, kStart, after(all) + kSecond * 3);
  EXPECT_EQ(c.verdict, Verdict::kFallsBehind);
  EXPECT_EQ(c.reason, "only 5 of 20 triggers gave a batch and one took 3.9 triggers");
}

TEST(Cadence, LeavesOutBatchesOfWarmUp) {
  auto all = batches(20, [](int i) { return i < 4 ? 5.0 : 0.5; });
  const Cadence c = judge_cadence(all, kSecond, all[4].start, after(all));
  EXPECT_EQ(c.batches, 16);
  EXPECT_EQ(c.verdict, Verdict::kKeepsUp);
}

std::vector<BacklogSample> backlog(int n, double level, double per_sample, double noise) {
  std::mt19937 random(7);
  std::normal_distribution<double> normal(0, 1);
  std::vector<BacklogSample> all;
  for (int i = 0; i < n; ++i)
    all.push_back({kStart + kSecond * i, level + per_sample * i + noise * normal(random)});
  return all;
}

TEST(Drift, KeepsUpOnALevelBacklog) {
  const auto samples = backlog(61, 500, 0, 20);
  const Drift d = judge_drift(samples, 1000, kStart, kStart + kSecond * 60);
  EXPECT_EQ(d.verdict, Verdict::kKeepsUp) << d.reason;
  EXPECT_EQ(d.drift.n, 8);
}

TEST(Drift, IsTheGrowthAsAShareOfTheLoad) {
  const auto samples = backlog(61, 0, 50, 0);
  const Drift d = judge_drift(samples, 1000, kStart, kStart + kSecond * 60);
  EXPECT_EQ(d.verdict, Verdict::kFallsBehind);
  EXPECT_NEAR(*d.drift.estimate, 0.05, 1e-12);
  EXPECT_EQ(d.backlog_start, 0);
  EXPECT_EQ(d.backlog_end, 3000);
}

TEST(Drift, EqualsTheDefinitionAlsoForUnevenCommits) {
  std::vector<BacklogSample> samples;
  std::mt19937 random(3);
  Nanos at = kStart;
  for (int i = 0; i < 40; ++i) {
    samples.push_back({at, double(random() % 5000)});
    at += nanos_from_millis(100 + int64_t(random() % 2000));
  }
  const Drift d = judge_drift(samples, 800, kStart, at);
  const double time = (samples.back().at - samples.front().at).seconds();
  EXPECT_NEAR(*d.drift.estimate, (samples.back().events - samples.front().events) / (800 * time),
              1e-12);
}

TEST(Drift, OfLessThanOnePercentIsNeverCalledBehind) {
  const auto samples = backlog(61, 0, 8, 0);
  EXPECT_EQ(judge_drift(samples, 1000, kStart, kStart + kSecond * 60).verdict, Verdict::kKeepsUp);
}

TEST(Drift, NeedsNineReadings) {
  const auto eight = backlog(8, 0, 50, 0), nine = backlog(9, 0, 50, 0);
  const Drift d = judge_drift(eight, 1000, kStart, kStart + kSecond * 60);
  EXPECT_EQ(d.verdict, Verdict::kUndecided);
  EXPECT_EQ(d.reason, "8 readings of the backlog do not fill 8 blocks");
  EXPECT_EQ(judge_drift(nine, 1000, kStart, kStart + kSecond * 60).verdict, Verdict::kFallsBehind);
}

// An integrated process without drift must rarely be called one, whatever its noise.
TEST(Drift, RarelyCallsARandomWalkADrift) {
  int called = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    std::mt19937 random(seed);
    std::normal_distribution<double> normal(0, 60);
    std::vector<BacklogSample> samples;
    double level = 1000;
    for (int i = 0; i <= 80; ++i, level += normal(random))
      samples.push_back({kStart + kSecond * i, level});
    called +=
        judge_drift(samples, 1000, kStart, kStart + kSecond * 80).verdict == Verdict::kFallsBehind;
  }
  EXPECT_LE(called, 400 * 4 / 100) << called;
}

Cadence cadence_of(Verdict v) {
  Cadence c;
  c.verdict = v;
  c.reason = "cadence";
  return c;
}
Drift drift_of(Verdict v) {
  Drift d;
  d.verdict = v;
  d.reason = "drift";
  return d;
}

TEST(Step, DecidesByCadenceWithATriggerAndByDriftWithout) {
  using enum Verdict;
  EXPECT_EQ(judge_step({}, drift_of(kKeepsUp)).verdict, kKeepsUp);
  EXPECT_EQ(judge_step({}, drift_of(kUndecided)).verdict, kUndecided);
  EXPECT_EQ(judge_step(cadence_of(kKeepsUp), drift_of(kUndecided)).verdict, kKeepsUp);
  EXPECT_EQ(judge_step(cadence_of(kUndecided), drift_of(kKeepsUp)).verdict, kUndecided);
  EXPECT_EQ(judge_step(cadence_of(kFallsBehind), drift_of(kUndecided)).verdict, kFallsBehind);
}

TEST(Step, FallsBehindOnDriftOfTheWholeBacklogWhateverTheCadence) {
  const StepVerdict v = judge_step(cadence_of(Verdict::kKeepsUp), drift_of(Verdict::kFallsBehind));
  EXPECT_EQ(v.verdict, Verdict::kFallsBehind);
  EXPECT_EQ(v.reason, "drift");
}

TEST(Step, IsUndecidedWhenTheBacklogSeemsToGrowThoughTheCadenceHolds) {
  Drift drift = drift_of(Verdict::kUndecided);
  drift.drift.estimate = 0.2;
  const StepVerdict v = judge_step(cadence_of(Verdict::kKeepsUp), drift);
  EXPECT_EQ(v.verdict, Verdict::kUndecided);
  EXPECT_EQ(v.reason, "cadence; yet drift");
  drift.drift.estimate = 0.03;
  Cadence cadence = cadence_of(Verdict::kKeepsUp);
  cadence.triggers = 24;  // within what a batch more or less makes of it
  EXPECT_EQ(judge_step(cadence, drift).verdict, Verdict::kKeepsUp);
  cadence.triggers = 60;
  EXPECT_EQ(judge_step(cadence, drift).verdict, Verdict::kUndecided);
  drift.drift.estimate = 0.019;
  EXPECT_EQ(judge_step(cadence, drift).verdict, Verdict::kKeepsUp);
}

TEST(Step, IsStretchedWhenOnlyTheCadenceIsLost) {
  const StepVerdict v = judge_step(cadence_of(Verdict::kFallsBehind), drift_of(Verdict::kKeepsUp));
  EXPECT_EQ(v.verdict, Verdict::kStretched);
  EXPECT_EQ(v.reason, "cadence; yet drift");
}

TEST(Step, IsInvalidByEvidenceAlone) {
  const auto judge = [](const Validity& v) {
    return judge_step(cadence_of(Verdict::kKeepsUp), drift_of(Verdict::kKeepsUp), v);
  };
  EXPECT_EQ(judge({}).verdict, Verdict::kKeepsUp);
  EXPECT_EQ(judge({.handed_over_share = 0.98}).verdict, Verdict::kInvalid);
  EXPECT_EQ(judge({.handed_over_share = 0.98, .queue_had_room = false}).verdict, Verdict::kKeepsUp);
  EXPECT_EQ(judge({.send_lag_shift = 0.06}).verdict, Verdict::kInvalid);
  EXPECT_EQ(judge({.observer_behind_s = 1.2}).reason, "the observer was 1.2 s behind");
  EXPECT_EQ(judge({.observer_core_share = 0.95}).verdict, Verdict::kInvalid);
}

TEST(Verdict, HasItsNameInResults) {
  for (const Verdict v : {Verdict::kKeepsUp, Verdict::kStretched, Verdict::kFallsBehind,
                          Verdict::kUndecided, Verdict::kInvalid})
    EXPECT_EQ(verdict_from_text(to_text(v)), v);
  EXPECT_EQ(verdict_from_text("fine"), std::nullopt);
}

}  // namespace
}  // namespace weir::stats
