#include "weir/run/results.h"

#include <gtest/gtest.h>

namespace weir::run {
namespace {

RunResult sample() {
  RunResult result;
  result.id = "a";
  result.experiment = "load";
  result.started = "2026-11-22T15:33:19Z";
  Step step;
  step.label = "100k";
  step.offered_eps = 100'000;
  step.latency = Latency{.p50 = 1.5, .why = {{"p999", "fewer than 10 batches reach beyond it"}}};
  step.cpu_seconds["engine"] = 1.25;
  step.verdict = "keeps_up";
  step.audit.sent = 5;
  Step falls = step;
  falls.latency.reset();
  result.load = Load{.steps = {step, falls}};
  result.load->sustainable_eps.estimate = 400'000;
  Fault fault;
  fault.kind = "engine:kill";
  fault.first_output_s = 0.4;
  result.faults = Faults{.faults = {fault}};
  result.faults->summary["engine:kill"]["first_output_s"].estimate = 0.4;
  return result;
}

TEST(RunResult, ReadsBackWhatItWrote) {
  const std::string text = to_json(sample());
  auto again = result_from_json(text);
  ASSERT_TRUE(again) << to_text(again.error());
  EXPECT_EQ(to_json(*again), text);
  EXPECT_EQ(again->load->steps[0].latency->p50, 1.5);
  EXPECT_FALSE(again->load->steps[1].latency);
  EXPECT_FALSE(again->exit_code);
  EXPECT_EQ(again->load->steps[0].audit.sent, 5u);
}

TEST(RunResult, SaysWhichFieldIsWrong) {
  auto wrong = result_from_json(R"({"schema":"weir.result/1","load":{"steps":3}})");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().why, "its field \"steps\" has the wrong type");
  EXPECT_FALSE(result_from_json("{}"));
  EXPECT_FALSE(result_from_json("no json"));
}

}  // namespace
}  // namespace weir::run
