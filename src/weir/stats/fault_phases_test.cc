#include "weir/stats/fault_phases.h"

#include <gtest/gtest.h>

#include <cmath>

namespace weir::stats {
namespace {

constexpr Nanos kEpoch(1'700'000'000'000'000'000);
Nanos at(double seconds) { return kEpoch + nanos_from_seconds(seconds); }

// A run with known phases: results every second at 1,000 ev/s, the engine dead from `dead` to
// `back` (seconds from the start), then batches at `capacity` back to back until the backlog is
// gone.
struct Planted {
  double injected = 100.25, back = 106.5, end = 160;
  double rate = 1000, capacity = 3000, trigger = 1, work = 0.1;
  bool quick = false;

  FaultSeries series() const {
    FaultSeries s;
    s.injected = at(injected);
    s.death_proved = at(injected + 0.01);
    s.noticed = at(injected + 0.3);
    s.restarted = at(injected + 0.5);
    s.steady_from = at(20);
    s.observed_until = at(end);
    s.trigger = nanos_from_seconds(trigger);
    s.offered_eps = rate;
    s.attempt_before = 1;
    s.quick = quick;
    double committed = 20, now = 20 + trigger;
    while (now < end) {
      if (now + work > injected && now < back) now = back;
      const double due = now;
      // Mostly a fixed cost; a backlog of more than one trigger takes its time at capacity.
      const double size = due - committed;
      const double took = size > 1.5 * trigger ? size * rate / capacity : work;
      const double visible = now + took;
      if (visible >= end) break;
      s.results.push_back({at(visible), now >= back ? 2 : 1, at(due), int64_t(size * rate)});
      s.backlog.push_back({at(visible), std::round((visible - due) * rate)});
      committed = due;
      now = std::max(visible, (std::floor(now / trigger + 1e-9) + 1) * trigger);
    }
    return s;
  }
};

// p99 latency of each window of due time, from the planted results.
void add_latency(FaultSeries& s) {
  const double length = s.window_length().seconds();
  double covered = (s.results.front().newest_due - kEpoch).seconds();
  size_t r = 1;
  for (double from = covered; from + length <= (s.results.back().newest_due - kEpoch).seconds();
       from += length) {
    while (r < s.results.size() && s.results[r].newest_due < at(from + 0.01 * length)) ++r;
    s.latency.push_back(
        {at(from), double((s.results[r].visible - at(from + 0.01 * length)).millis())});
  }
}

TEST(FaultPhases, AreThoseThatWerePlanted) {
  FaultSeries s = Planted{}.series();
  add_latency(s);
  const FaultPhases p = judge_fault(s);
  // Last result 100.1, the next was expected at 101.1.
  EXPECT_NEAR(*p.silent_from_s.value, 0.85, 1e-6);
  EXPECT_NEAR(*p.noticed_s.value, 0.3, 1e-6);
  EXPECT_NEAR(*p.restarted_s.value, 0.5, 1e-6);
  // Back at 106.5 with 6.5 s of load, which takes 6.5 / 3 s.
  const double first = 106.5 + 6.5 / 3 - 100.25;
  EXPECT_NEAR(*p.first_output_s.value, first, 1e-6);
  EXPECT_NEAR(*p.gap_s.value, 106.5 + 6.5 / 3 - 100.1, 1e-6);
  EXPECT_NEAR(*p.gap_minus_trigger_s.value, *p.gap_s.value - 1, 1e-9);
  EXPECT_NEAR(*p.rate_regained_s.value, first, 1e-6);
  // 2.167 s of backlog take 0.722 s at capacity; then a short batch.
  EXPECT_GT(*p.drained_s.value, first);
  EXPECT_LT(*p.drained_s.value, first + 3);
  EXPECT_GE(*p.in_band_s.value, first);
  EXPECT_LT(*p.in_band_s.value, first + 3);
  // Just before the first commit after the fault everything due since 100 is missing.
  EXPECT_NEAR(*p.peak_backlog.value, (106.5 + 6.5 / 3 - 100) * 1000, 1);
}

TEST(FaultPhases, QuickUsesWindowsOfOneTriggerAsManyAsThereAre) {
  Planted planted{
      .injected = 24.05, .back = 24.7, .end = 28, .trigger = 0.2, .work = 0.02, .quick = true};
  FaultSeries s = planted.series();
  EXPECT_EQ(s.window_length(), nanos_from_millis(200));
  add_latency(s);
  const FaultPhases p = judge_fault(s);
  const double first = 24.7 + 0.7 / 3 - 24.05;
  EXPECT_NEAR(*p.first_output_s.value, first, 1e-6);
  ASSERT_TRUE(p.drained_s.value) << p.drained_s.why;
  EXPECT_GT(*p.drained_s.value, first);
  EXPECT_LT(*p.drained_s.value, first + 0.6);
  ASSERT_TRUE(p.in_band_s.value) << p.in_band_s.why;
  EXPECT_LT(*p.in_band_s.value, first + 0.6);
}

TEST(FaultPhases, CountOnlyResultsThatProveRecovery) {
  FaultSeries s = Planted{}.series();
  // A straggler of the dead attempt, visible after death but of older events.
  const SeenResult straggler{at(101), 1, at(100), 10};
  s.results.insert(std::find_if(s.results.begin(), s.results.end(),
                                [&](const SeenResult& r) { return r.visible > at(101); }),
                   straggler);
  EXPECT_GT(*judge_fault(s).first_output_s.value, 6);
  // The same, covering an event due after injection, is output.
  FaultSeries covering = s;
  for (SeenResult& r : covering.results)
    if (r.visible == at(101)) r.newest_due = at(100.9);
  EXPECT_NEAR(*judge_fault(covering).first_output_s.value, 0.75, 1e-6);
}

TEST(FaultPhases, RegainsTheRateWhereTheBacklogPeaksForTheLastTime) {
  FaultSeries s = Planted{}.series();
  // The first batch after the fault is the old one again: it makes almost nothing new visible.
  for (SeenResult& r : s.results)
    if (r.attempt == 2) {
      r.visible = at(107);
      r.distinct = 100;
      break;
    }
  const FaultPhases p = judge_fault(s);
  EXPECT_NEAR(*p.first_output_s.value, 6.75, 1e-6);
  EXPECT_GT(*p.rate_regained_s.value, *p.first_output_s.value);
  EXPECT_LE(*p.rate_regained_s.value, *p.drained_s.value);
}

TEST(FaultPhases, AreNullWithAReasonWhenThePipelineStaysDown) {
  FaultSeries s = Planted{.back = 1000}.series();
  add_latency(s);
  const FaultPhases p = judge_fault(s);
  EXPECT_NEAR(*p.silent_from_s.value, 0.85, 1e-6);
  for (const Figure* f : {&p.first_output_s, &p.rate_regained_s, &p.drained_s, &p.in_band_s,
                          &p.gap_s, &p.peak_backlog}) {
    EXPECT_FALSE(f->value);
    EXPECT_FALSE(f->why.empty());
  }
  EXPECT_EQ(p.first_output_s.why, "no output after the fault");
}

TEST(FaultPhases, AreNotSilentWhenNoResultStaysAway) {
  FaultSeries s = Planted{.injected = 100.25, .back = 101.3}.series();
  const FaultPhases p = judge_fault(s);
  EXPECT_FALSE(p.silent_from_s.value);
  EXPECT_EQ(p.silent_from_s.why, "no result was overdue by more than 3.000 s");
}

TEST(FaultPhases, NeedAProofOfEffect) {
  FaultSeries s = Planted{}.series();
  s.death_proved.reset();
  s.noticed.reset();
  const FaultPhases p = judge_fault(s);
  EXPECT_EQ(p.first_output_s.why, "the fault had no proven effect");
  EXPECT_EQ(p.noticed_s.why, "nobody noticed the fault");
}

TEST(FaultPhases, AreNotBackWhileMoreThanATenthOfTheWindowsLeaveTheBand) {
  FaultSeries s = Planted{.end = 200}.series();
  // From 110 to 120 every fifth second is slow; 20% of the windows from there on leave the band.
  for (BacklogSample& b : s.backlog)
    if (b.at > at(110) && b.at < at(150) && (b.at - kEpoch).second() % 5 == 0) b.events = 900;
  const FaultPhases p = judge_fault(s);
  ASSERT_TRUE(p.drained_s.value) << p.drained_s.why;
  // The last slow one is in second 145; three of the next 30 may be.
  EXPECT_GE(*p.drained_s.value, 130 - 100.25);
  EXPECT_LE(*p.drained_s.value, 138 - 100.25);
}

TEST(FaultPhases, AskForEnoughWindows) {
  FaultSeries s = Planted{.end = 125}.series();
  EXPECT_TRUE(judge_fault(s).drained_s.why.starts_with("not back in the band by the end"))
      << judge_fault(s).drained_s.why;
  s = Planted{}.series();
  s.steady_from = at(60);
  EXPECT_EQ(judge_fault(s).drained_s.why, "40 windows before the fault, 60 are needed");
}

TEST(FaultPhases, SurviveEmptySeries) {
  FaultSeries s;
  s.injected = s.observed_until = s.steady_from = kEpoch;
  const FaultPhases p = judge_fault(s);
  EXPECT_FALSE(p.gap_s.value);
  EXPECT_FALSE(p.silent_from_s.value);
}

}  // namespace
}  // namespace weir::stats
