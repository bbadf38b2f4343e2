#include "weir/lab/objectives.h"

#include <gtest/gtest.h>

#include "weir/lab/until.h"

namespace weir::lab {
namespace {

TEST(Requirement, IsReadWithAndWithoutBlanks) {
  for (const char* expr : {"p99_ms <= 250", "p99_ms<=250", "  p99_ms  <=  250.0 "}) {
    const auto found = parse_requirement(expr);
    ASSERT_TRUE(found) << expr;
    EXPECT_EQ(found->figure, "p99_ms");
    EXPECT_EQ(found->relation, "<=");
    EXPECT_EQ(found->limit, 250);
  }
}

TEST(Requirement, HoldsByItsRelation) {
  const auto holds = [](const char* expr, double value) {
    return parse_requirement(expr)->holds(value);
  };
  EXPECT_TRUE(holds("lost == 0", 0));
  EXPECT_FALSE(holds("lost == 0", 1));
  EXPECT_TRUE(holds("p50_ms < 5", 4.9) && !holds("p50_ms < 5", 5));
  EXPECT_TRUE(holds("sustainable_eps >= 5", 5) && !holds("sustainable_eps > 5", 5));
}

TEST(Requirement, WhatCannotBeReadIsRefusedWithARemedy) {
  for (const char* expr : {"", "p99_ms", "p99_ms <=", "<= 3", "p99_ms => 3", "p99_ms <= 3 4",
                           "p99_ms <= nan", "p99_ms <= 1e999", "p99_ms = 3"}) {
    const auto refused = parse_requirement(expr);
    ASSERT_FALSE(refused) << expr;
    EXPECT_EQ(refused.error().code, Code::kUsage);
    EXPECT_FALSE(refused.error().remedy.empty());
  }
  EXPECT_EQ(parse_requirement("sustainable_esp >= 1").error().remedy,
            "did you mean sustainable_eps?");
}

TEST(Requirement, EveryFigureThatIsDocumentedCanBeNamed) {
  for (const auto& figure : requirement_figures()) {
    EXPECT_TRUE(parse_requirement(figure.name + " <= 1")) << figure.name;
    EXPECT_FALSE(figure.meaning.empty());
    (void)measure_figure({}, {}, figure.name);
  }
}

TEST(Fate, NeedsTheWholeIntervalOnOneSide) {
  const auto bound = *parse_requirement("sustainable_eps >= 100");
  EXPECT_EQ(fate_of(bound, {true, 120, 110, 130, {}}), true);
  EXPECT_EQ(fate_of(bound, {true, 80, 70, 90, {}}), false);
  EXPECT_EQ(fate_of(bound, {true, 105, 95, 115, {}}), std::nullopt);
  EXPECT_EQ(fate_of(bound, {true, 105, {}, {}, {}}), true);  // an indication has no interval
  EXPECT_EQ(fate_of(bound, {true, {}, {}, {}, "none"}), std::nullopt);
}

run::Step step_with_cpu() {
  run::Step step;
  step.cpu_seconds = {{"broker", 2}, {"engine", 1}, {"generator", 9}, {"generator-2", 9}};
  step.audit.processed = 6'000'000;
  return step;
}

TEST(CpuPerMillion, CountsThePipelineAlone) {
  EXPECT_DOUBLE_EQ(*cpu_per_million(step_with_cpu()), 0.5);
  EXPECT_DOUBLE_EQ(*cpu_per_million(step_with_cpu(), "broker"), 2.0 / 6);
  EXPECT_FALSE(cpu_per_million(step_with_cpu(), "driver"));
  run::Step unknown = step_with_cpu();
  unknown.audit.processed = 0;
  EXPECT_FALSE(cpu_per_million(unknown));
  unknown.processed_eps = 1e6, unknown.warmup_s = 1, unknown.measured_s = 2;
  EXPECT_DOUBLE_EQ(*cpu_per_million(unknown), 1);
}

TEST(MeasureFigure, TakesTheWorstOfRatesThatWereGiven) {
  Plan plan;
  plan.rates = {1, 2};
  run::RunResult result;
  result.load = run::Load{};
  for (const double p99 : {10.0, 30.0}) {
    run::Step step = step_with_cpu();
    step.offered_eps = step.processed_eps = p99;
    step.latency = run::Latency{};
    step.latency->p99 = p99;
    result.load->steps.push_back(step);
  }
  EXPECT_EQ(measure_figure(plan, result, "p99_ms").value, 30);
  EXPECT_EQ(measure_figure(plan, result, "processed_eps").value, 10);
  result.load->steps[1].latency.reset();
  result.load->steps[1].label = "2";
  EXPECT_EQ(measure_figure(plan, result, "p99_ms").why, "the step 2 has none");
  EXPECT_FALSE(measure_figure(plan, result, "first_output_s").applies);
}

run::Step step_with_p99(double low, double value, double high) {
  run::Step step = step_with_cpu();
  step.offered_eps = step.processed_eps = 1000;
  step.verdict = "keeps_up";
  step.latency = run::Latency{};
  step.latency->p99 = value;
  step.intervals["p99_ms"] = {.estimate = value, .low = low, .high = high};
  return step;
}

TEST(MeasureFigure, HoldsTheIntervalOfTheStep) {
  run::RunResult result;
  result.load = run::Load{};
  result.load->steps = {step_with_p99(180, 200, 220)};
  const auto fate = [&](const char* expr) {
    return fate_of(*parse_requirement(expr), measure_figure({}, result, "p99_ms"));
  };
  EXPECT_EQ(fate("p99_ms <= 221"), true);
  EXPECT_EQ(fate("p99_ms <= 210"), std::nullopt);
  EXPECT_EQ(fate("p99_ms <= 179"), false);
}

TEST(MeasureFigure, TakesTheWorstEndsOfRatesThatWereGiven) {
  Plan plan;
  plan.rates = {1, 2, 3};
  run::RunResult result;
  result.load = run::Load{};
  result.load->steps = {step_with_p99(100, 110, 260), step_with_p99(180, 200, 220),
                        step_with_p99(1, 50, 60)};
  result.load->steps[2].intervals.clear();
  const auto worst = measure_figure(plan, result, "p99_ms");
  EXPECT_EQ(worst.value, 200);
  EXPECT_EQ(worst.low, 180);
  EXPECT_EQ(worst.high, 260);
}

TEST(Until, CannotTellWhereTheLimitLiesInTheInterval) {
  std::string why;
  const auto step = step_with_p99(180, 200, 220);
  EXPECT_EQ(meets(step, {"p99_ms <= 220"}, why), true);
  EXPECT_EQ(meets(step, {"p99_ms <= 170"}, why), false);
  EXPECT_EQ(why, "\"p99_ms <= 170\" is missed: 200");
  EXPECT_EQ(meets(step, {"p99_ms <= 210"}, why), std::nullopt);
  EXPECT_EQ(why, "\"p99_ms <= 210\" cannot be told: 180 to 220");
  EXPECT_EQ(meets(step, {"p99_ms <= 210", "p99_ms <= 170"}, why), false);
}

TEST(MeasureFigure, TellsNothingOfLossWhereAuditsAreNotComplete) {
  run::RunResult result;
  result.load = run::Load{};
  result.load->steps = {step_with_cpu()};
  EXPECT_FALSE(measure_figure({}, result, "lost").value);
  EXPECT_EQ(measure_figure({}, result, "duplicated").value, 0);
  result.load->steps[0].audit.complete = true;
  EXPECT_EQ(measure_figure({}, result, "lost").value, 0);
}

}  // namespace
}  // namespace weir::lab
