#include "weir/run/answer.h"

#include <gtest/gtest.h>

namespace weir::run {
namespace {

Step step_of(const char* purpose, double rate, const char* verdict) {
  return {.purpose = purpose, .offered_eps = rate, .verdict = verdict};
}

TEST(AnswerStep, IsTheOneThatConfirmedTheRateFound) {
  Load load;
  load.steps = {step_of("step", 1000, "keeps_up"), step_of("step", 1200, "keeps_up"),
                step_of("confirm low", 1200, "undecided"), step_of("confirm low", 1000, "keeps_up"),
                step_of("curve", 1000, "keeps_up")};
  load.probes.resize(4);
  load.sustainable_eps.estimate = 1000.3;
  EXPECT_EQ(answer_step(load), &load.steps[3]);
}

TEST(AnswerStep, IsTheHighestThatKeptUpWithoutASearch) {
  Load load;
  EXPECT_EQ(answer_step(load), nullptr);
  load.steps = {step_of("given", 1000, "keeps_up"), step_of("given", 3000, "falls_behind"),
                step_of("given", 2000, "keeps_up")};
  load.sustainable_eps.estimate = 2000;
  EXPECT_EQ(answer_step(load), &load.steps[2]);
}

}  // namespace
}  // namespace weir::run
