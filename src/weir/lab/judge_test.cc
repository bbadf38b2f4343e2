#include "weir/lab/judge.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "weir/lab/experiments.h"
#include "weir/sys/clock.h"

namespace weir::lab {
namespace {

// A step as a perfect micro-batch engine leaves it: each batch takes `work` and holds what was due
// until its trigger. With `silence`, no batch begins in [silence_from, silence_from + silence).
struct PerfectEngine {
  double rate = 10'000;
  Nanos trigger = nanos_from_millis(200), work = nanos_from_millis(50);
  Nanos length = nanos_from_seconds(10);
  Nanos silence_from, silence;

  StepData run() const;
};

StepData PerfectEngine::run() const {
  StepData data;
  data.spec.label = "test";
  data.spec.rate_eps = rate;
  data.spec.length = length;
  data.spec.warmup = nanos_from_seconds(2);
  data.spec.trigger = trigger;
  data.start = kFakeStart, data.end = kFakeStart + length;
  data.window = trigger;
  std::string batches = "batch_id,planned_us,acked_us,committed_us\n";
  std::string offered = "second,scheduled,handed_over,refused,late,send_lag_p50_ms,ack_p50_ms\n";
  for (int64_t s = 0; s < length.second(); ++s)
    offered += fmt::format("{},{},{},0,0,0.1,1\n", s, rate, rate);
  int64_t id = 0;
  Nanos done_until = kFakeStart;
  for (Nanos at = kFakeStart + trigger; at < data.end + trigger * 2; at += trigger, ++id) {
    if (at >= silence_from && at < silence_from + silence) continue;
    const Nanos until = std::min(at, data.end);
    const Nanos visible = at + work;
    Visible seen{visible, id, 1, int64_t((until - done_until).seconds() * rate), until};
    for (Nanos due = done_until; due < until; due += nanos_from_millis(1)) {
      const size_t window = size_t((due - kFakeStart).value / data.window.value);
      if (data.observed.windows.size() <= window) data.observed.windows.resize(window + 1);
      data.observed.windows[window].record((visible - due).micros(), int64_t(rate / 1000));
    }
    seen.worst_ms = double((visible - done_until).value) / 1e6;
    seen.mean_age_ms = seen.worst_ms - double((until - done_until).value) / 2e6;
    data.observed.results.push_back(seen);
    batches += fmt::format("{},{},{},{}\n", id, at.micros(), visible.micros(), visible.micros());
    done_until = until;
  }
  data.batches = run::Table::parse(batches);
  data.offered = run::Table::parse(offered);
  data.drained = data.end + trigger * 2;
  data.drain_complete = true;
  return data;
}

TEST(JudgeStep, AnEngineWithinItsTriggerKeepsUp) {
  const auto step = judge_step(PerfectEngine{}.run(), true);
  EXPECT_EQ(step.verdict, "keeps_up") << step.reason;
  EXPECT_NEAR(*step.processed_eps, 10'000, 1);
  ASSERT_TRUE(step.latency);
  EXPECT_NEAR(*step.latency->p50, 150, 2);  // work + half a trigger
  EXPECT_NEAR(*step.latency->p99, 248, 2);
  EXPECT_NEAR(*step.stages.computing, 50, 1);
  EXPECT_NEAR(*step.stages.waiting_for_batch, 99, 2);  // half a trigger, less the way to the broker
}

TEST(JudgeStep, OutsideQuickModeItsPercentilesHaveIntervals) {
  PerfectEngine engine;
  engine.length = nanos_from_seconds(12);
  const auto data = engine.run();
  EXPECT_FALSE(judge_step(data, true).intervals.contains("p99_ms"));
  const auto step = judge_step(data, false);
  for (const char* key : {"p50_ms", "p95_ms", "p99_ms", "processed_eps"}) {
    ASSERT_TRUE(step.intervals.contains(key)) << key;
    const auto& interval = step.intervals.at(key);
    ASSERT_TRUE(interval.low && interval.high) << key;
    EXPECT_LE(*interval.low, *interval.estimate);
    EXPECT_GE(*interval.high, *interval.estimate);
    EXPECT_LT(*interval.high / *interval.low, 1.05);  // it is the same in every batch
  }
  EXPECT_EQ(step.intervals.at("p99_ms").estimate, step.latency->p99);
}

TEST(JudgeStep, EventsThatWereNeverSeenLeaveNoInterval) {
  auto data = PerfectEngine{}.run();
  data.audit.pending = 5;
  EXPECT_FALSE(judge_step(data, false).intervals.contains("p99_ms"));
}

TEST(JudgeStep, AnEngineThatMissesItsTriggersFallsBehindAndHasNoLatency) {
  PerfectEngine slow;
  slow.work = nanos_from_millis(260);
  auto data = slow.run();
  // What it could not finish stays behind: each result holds 200 / 260 of what became due.
  for (auto& seen : data.observed.results) seen.distinct = seen.distinct * 200 / 260;
  const auto step = judge_step(data, true);
  EXPECT_EQ(step.verdict, "falls_behind") << step.reason;
  EXPECT_FALSE(step.latency);
  EXPECT_TRUE(step.why.contains("latency_ms"));
}

TEST(JudgeStep, AGeneratorThatSentTooLittleWithRoomInItsQueueMakesTheStepInvalid) {
  auto data = PerfectEngine{}.run();
  data.offered = run::Table::parse("second,scheduled,handed_over,refused,late\n0,1000,900,0,100\n");
  const auto step = judge_step(data, true);
  EXPECT_EQ(step.verdict, "invalid");
  EXPECT_EQ(step.limited_by, "generator");
}

TEST(JudgeStep, WhatTheWarmUpLeftDoesNotCountAsProcessed) {
  auto data = PerfectEngine{}.run();
  // A backlog of 6,000 events from the warm-up is worked off in the measured time.
  for (auto& seen : data.observed.results)
    if (seen.at > kFakeStart + nanos_from_seconds(3) &&
        seen.at < kFakeStart + nanos_from_seconds(6))
      seen.distinct += 400;
  EXPECT_EQ(*judge_step(data, true).processed_eps, 10'000);
}

TEST(JudgeStep, AProcessThatDiedMakesTheStepInvalid) {
  auto data = PerfectEngine{}.run();
  data.trouble = "the engine ended with status 1";
  EXPECT_EQ(judge_step(data, true).reason, "the engine ended with status 1");
}

TEST(JudgeFault, ASilenceIsFoundWithinATrigger) {
  PerfectEngine engine;
  engine.length = nanos_from_seconds(12);
  engine.silence_from = kFakeStart + nanos_from_seconds(5);
  engine.silence = nanos_from_millis(1000);
  auto data = engine.run();
  data.spec.fault = FaultSpec{"engine:kill", nanos_from_seconds(5), 0};
  data.fault.injected = data.fault.death_proved = engine.silence_from;
  data.fault.noticed = engine.silence_from + nanos_from_millis(2);
  data.fault.proof = "pid 1 gone";
  const auto fault = judge_fault(data, 1, true);
  EXPECT_TRUE(fault.valid) << fault.reason;
  EXPECT_NEAR(*fault.noticed_s, 0.002, 1e-6);
  EXPECT_NEAR(*fault.first_output_s, 1.05, 0.001);
  EXPECT_NEAR(*fault.gap_s, 1.2, 0.001);
  ASSERT_TRUE(fault.in_band_s) << fault.why.at("in_band_s");
  EXPECT_NEAR(*fault.in_band_s, 1.05, 0.2);
}

TEST(JudgeFault, AFaultThatWasNotProvedIsNotValid) {
  auto data = PerfectEngine{}.run();
  data.spec.fault = FaultSpec{"engine:kill", nanos_from_seconds(5), 0};
  const auto fault = judge_fault(data, 1, true);
  EXPECT_FALSE(fault.valid);
}

run::RunResult measured() {
  run::RunResult result;
  run::Step kept = judge_step(PerfectEngine{}.run(), true), fell;
  fell.offered_eps = 20'000;
  fell.verdict = "falls_behind";
  kept.audit.complete = fell.audit.complete = true;
  result.load = run::Load{{kept, fell}, {}, {}, {}};
  return result;
}

TEST(Findings, SayWhereItHoldsAndWhereNot) {
  const auto sentences = findings_of(measured());
  ASSERT_EQ(sentences.size(), 1u);
  EXPECT_EQ(sentences[0],
            "This pipeline keeps up at 10.0k events/s (p99 248 ms); at 20.0k its backlog grows.");
}

TEST(Findings, HoldTheTargetToWhatItClaims) {
  auto result = measured();
  for (auto& step : result.load->steps) {
    step.audit.guarantee = "exactly once";
    step.audit.complete = true;
    step.audit.acked = step.audit.processed = 10;
    judge_guarantee(step.audit);
  }
  ASSERT_EQ(findings_of(result).size(), 2u);
  EXPECT_EQ(findings_of(result)[1], "Claimed: exactly once; kept in 2 of 2 audits.");
  result.load->steps[1].audit.duplicated = 3;
  judge_guarantee(result.load->steps[1].audit);
  EXPECT_EQ(findings_of(result)[1], "\"exactly once\" was not kept: 3 copies, none lost.");
}

TEST(Objectives, AreMetMissedOrUntold) {
  Plan plan;
  plan.objectives = {"p99_ms <= 300", "p50_ms <= 10", "lost == 0", "first_output_s <= 2"};
  auto judged = judge_objectives(plan, measured());
  ASSERT_TRUE(judged);
  ASSERT_EQ(judged->size(), 3u);  // no faults were run
  EXPECT_EQ((*judged)[0].met, true);
  EXPECT_EQ((*judged)[1].met, false);
  EXPECT_EQ((*judged)[2].met, true);
  auto result = measured();
  result.load->steps.erase(result.load->steps.begin());
  EXPECT_FALSE((*judge_objectives(plan, result))[0].met);
}

TEST(Objectives, AMisspeltOneIsRefused) {
  Plan plan;
  plan.objectives = {"p99_sm <= 300"};
  auto judged = judge_objectives(plan, {});
  ASSERT_FALSE(judged);
  EXPECT_EQ(judged.error().remedy, "did you mean p99_ms?");
  plan.objectives = {"p99_ms about 3"};
  EXPECT_FALSE(judge_objectives(plan, {}));
}

TEST(RateText, KeepsThreeDigits) {
  EXPECT_EQ(rate_text(412'345), "412k");
  EXPECT_EQ(rate_text(41'234), "41.2k");
  EXPECT_EQ(rate_text(1'234'567), "1.23M");
  EXPECT_EQ(rate_text(950), "950");
}

TEST(Budget, QuickSharesAreTheDemosLimits) {
  Plan plan;
  plan.trigger = nanos_from_millis(200);
  const auto budget = share_budget(plan, true);
  EXPECT_EQ(budget.load, nanos_from_seconds(40));
  EXPECT_EQ(budget.scale, nanos_from_seconds(20));
  EXPECT_EQ(budget.faults, nanos_from_seconds(28));
  const auto length = load_step_length(plan, true);
  EXPECT_EQ(length.length, nanos_from_seconds(6));
  EXPECT_EQ(length.warmup, nanos_from_millis(1200));
}

TEST(Budget, TheDefaultHoldsFiveFaultsOfTwoKinds) {
  const Plan plan;
  // What weir run was seen to take beside the load of a fault's step, rest included.
  const Nanos beside = nanos_from_millis(12'500);
  const Nanos nine = (fault_step_length(plan, false) + beside) * 9;
  const Nanos last = fault_step_length(plan, false) + step_overhead(plan, false);
  EXPECT_LE(nine + last, share_budget(plan, false).faults);
  EXPECT_GE(fault_windows(plan), 15);
}

}  // namespace
}  // namespace weir::lab
