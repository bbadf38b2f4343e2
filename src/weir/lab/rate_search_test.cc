#include "weir/lab/rate_search.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "weir/lab/finished_steps.h"
#include "weir/lab/until.h"

namespace weir::lab {
namespace {

namespace fs = std::filesystem;

run::Step step_at(double rate, double limit) {
  run::Step step;
  step.offered_eps = rate;
  step.processed_eps = std::min(rate, limit);
  step.verdict = rate < limit ? "keeps_up" : "falls_behind";
  step.reason = "so it was planted";
  return step;
}

// A search for a limit of 1000 that is told to stop after `steps`.
run::Load searched(int steps) {
  run::Load load;
  RateSearchRun run;
  run.options = search_options(false, true, 3000);
  run.fits = [&](const stats::Probe&, int) { return steps-- > 0; };
  run.measure = [](const stats::Probe& probe, int) -> Result<run::Step> {
    return step_at(probe.rate_eps, 1000);
  };
  const auto done = search_rate(run, load);
  EXPECT_TRUE(done) << to_text(done.error());
  return load;
}

TEST(RateSearchRun, IsDoneAgainFromItsProbesHoweverItEnded) {
  for (int steps = 1; steps < 12; ++steps) {
    const run::Load load = searched(steps);
    const auto again = search_again(load, false, true);
    ASSERT_TRUE(again) << steps << ": " << to_text(again.error());
    EXPECT_EQ(again->sustainable.estimate, load.sustainable_eps.estimate) << steps;
    EXPECT_EQ(again->sustainable.low, load.sustainable_eps.low) << steps;
    EXPECT_EQ(again->sustainable.high, load.sustainable_eps.high) << steps;
  }
}

TEST(RateSearchRun, AChangedProbeIsNoticed) {
  run::Load load = searched(100);
  const auto low = load.sustainable_eps.low;
  ASSERT_TRUE(low);
  run::Load moved = load;
  moved.probes[2].rate_eps *= 1.01;
  EXPECT_FALSE(search_again(moved, false, true));
  run::Load turned = load;
  turned.probes.back().verdict = "keeps_up";  // the confirmation of the upper end
  const auto again = search_again(turned, false, true);
  EXPECT_TRUE(!again || again->sustainable.high != load.sustainable_eps.high);
}

TEST(RateSearchRun, NamesWhatThereWasNoTimeFor) {
  const run::Load load = searched(3);
  ASSERT_FALSE(load.not_measured.empty());
  EXPECT_TRUE(load.sustainable_eps.method.ends_with("the budget ended the search early"));
  EXPECT_TRUE(searched(100).not_measured.empty());
}

TEST(Sizing, TellsHeadroomAndDrainTimesOfTheMostThatWasProcessed) {
  run::Load load = searched(100);
  load.steps = {step_at(2000, 1000)};
  load.sustainable_eps.estimate = 800;
  const run::Sizing sizing = sizing_of(load);
  EXPECT_EQ(sizing.capacity_eps, 1000);
  const auto& half = sizing.rows[1];
  EXPECT_DOUBLE_EQ(half.rate_eps, 400);
  EXPECT_DOUBLE_EQ(half.headroom, 0.6);
  EXPECT_DOUBLE_EQ(*half.drains[1].drain_s, 60 * 400.0 / 600);
}

TEST(Until, TakesUpperBoundsOnFiguresOfAStep) {
  EXPECT_TRUE(check_until({"p99_ms <= 250", "lost <= 0"}));
  for (const char* wrong : {"p99_ms >= 250", "first_output_s <= 2", "p99", "p99_sm <= 1"}) {
    const auto checked = check_until({wrong});
    ASSERT_FALSE(checked) << wrong;
    EXPECT_EQ(checked.error().code, Code::kUsage);
  }
}

TEST(Until, IsMetMissedOrUntold) {
  run::Step step = step_at(1, 2);
  step.latency.emplace();
  step.latency->p50 = 100, step.latency->p99 = 300;
  step.latency->why["p95"] = "only 3 of 9 batches reach beyond it";
  std::string why;
  EXPECT_EQ(meets(step, {}, why), true);
  EXPECT_EQ(meets(step, {"p50_ms <= 100"}, why), true);
  EXPECT_EQ(meets(step, {"p50_ms <= 100", "p99_ms <= 250"}, why), false);
  EXPECT_EQ(why, "\"p99_ms <= 250\" is missed: 300");
  EXPECT_EQ(meets(step, {"p95_ms <= 250"}, why), std::nullopt);
  EXPECT_NE(why.find("only 3 of 9"), std::string::npos) << why;
}

TEST(FinishedSteps, AreTakenInTheirOrderAndTheOthersMovedAside) {
  std::string pattern = (fs::temp_directory_path() / "weir-finished-XXXXXX").string();
  const fs::path base = mkdtemp(pattern.data());
  const auto folder = run::Folder::create(base / "run", "load", Nanos(1));
  ASSERT_TRUE(folder) << to_text(folder.error());
  const auto write = [&](const std::string& name, const std::string& text) {
    fs::create_directories(base / "run/steps" / name);
    if (!text.empty()) std::ofstream(base / "run/steps" / name / "step.json") << text;
  };
  write("02-9k", R"({"label": "9k", "reason": "", "n": 2})");
  write("100-9k", R"({"label": "9k", "reason": "", "n": 100})");
  write("03-8k", R"({"label": "8k", "reason": "the run was interrupted"})");
  write("04-7k", "");
  write("05-6k", R"({"label": "6k", "rea)");
  auto finished = FinishedSteps::collect(*folder);
  ASSERT_TRUE(finished) << to_text(finished.error());
  EXPECT_FALSE(finished->has("8k") || finished->has("7k") || finished->has("6k"));
  for (const char* name : {"03-8k", "04-7k", "05-6k"})
    EXPECT_TRUE(fs::exists(base / "run/broken" / name)) << name;
  EXPECT_NE(finished->take("9k")->find("\"n\": 2"), std::string::npos);
  EXPECT_NE(finished->take("9k")->find("\"n\": 100"), std::string::npos);
  EXPECT_FALSE(finished->take("9k"));
  // Numbers count on behind those that were moved aside.
  std::ofstream(base / "run/result.json") << "{}";
  EXPECT_FALSE(run::Folder::resume(base / "run"));  // this process holds it
  fs::remove_all(base);
}

}  // namespace
}  // namespace weir::lab
