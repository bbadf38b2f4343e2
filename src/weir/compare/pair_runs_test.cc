#include "weir/compare/pair_runs.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "weir/compare/noise.h"
#include "weir/compare/test_runs.h"
#include "weir/sys/disk.h"

namespace weir::compare {
namespace {

namespace fs = std::filesystem;

class PairFolder : public testing::Test {
 protected:
  PairFolder() {
    std::string path = fs::temp_directory_path() / "weir-pairs-XXXXXX";
    base_ = mkdtemp(path.data());
    real_disk()->make_folders(base_ + "/log");
    real_disk()->make_folders(base_ + "/runs");
    real_disk()->write_whole(base_ + "/base.toml", "");
    real_disk()->write_whole(base_ + "/head.toml", "");
  }
  ~PairFolder() override { fs::remove_all(base_); }

  // A program that writes down how it was called and leaves a result as `weir run` does.
  std::string program(const std::string& also = "") {
    const std::string path = base_ + "/measured";
    const auto run = TestRun{}.make();
    real_disk()->write_whole(base_ + "/result.json", run::to_json(run.result));
    real_disk()->write_whole(base_ + "/plan.toml", lab::plan_text(run.plan));
    real_disk()->write_whole(path, "#!/bin/sh\nfor out; do :; done\necho \"$@\" >> " + base_ +
                                       "/calls\n" + also + "\nmkdir -p \"$out\"\ncp " + base_ +
                                       "/result.json " + base_ +
                                       "/plan.toml \"$out\"\necho '{}' "
                                       "> \"$out/machine.json\"\n");
    fs::permissions(path, fs::perms::owner_all);
    return path;
  }
  PairPlan plan(int pairs, const std::string& program) {
    PairPlan plan;
    plan.before = {"base.toml", program, {}};
    plan.after = {"head.toml", program, {"engine.trigger=2s"}};
    plan.pairs = pairs;
    plan.seed = 5;
    plan.rate_eps = 1000;
    draw_order(plan);
    return plan;
  }
  PairRunner runner(const PairPlan& plan) {
    return PairRunner(
        base_, plan, clock_,
        {[this] { return signal_; }, [](const std::string&) {}, [this] { ++pairs_done_; }, false});
  }
  std::vector<std::string> calls() {
    std::vector<std::string> lines;
    std::string text = real_disk()->read(base_ + "/calls").value_or("");
    for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
      lines.push_back(text.substr(at, text.find('\n', at) - at));
    return lines;
  }

  std::string base_;
  SystemClock clock_{Anchor::take()};
  int signal_ = 0, pairs_done_ = 0;
};

TEST(Order, IsOfTheSeedAndGivesEachSideHalfOfTheFirstPlaces) {
  PairPlan plan;
  plan.pairs = 10;
  std::map<std::vector<bool>, int> seen;
  for (plan.seed = 1; plan.seed <= 50; ++plan.seed) {
    draw_order(plan);
    EXPECT_EQ(std::count(plan.head_first.begin(), plan.head_first.end(), true), 5);
    ++seen[plan.head_first];
    const auto once = plan.head_first;
    draw_order(plan);
    EXPECT_EQ(plan.head_first, once);
  }
  EXPECT_GT(seen.size(), 40u);
  const auto steps = steps_of(plan);
  ASSERT_EQ(steps.size(), 20u);
  for (size_t i = 0; i < steps.size(); i += 2) {
    EXPECT_EQ(steps[i].pair, int(i / 2) + 1);
    EXPECT_NE(steps[i].head, steps[i + 1].head);
  }
}

TEST(PairPlanJson, ReadsWhatItWroteAndRefusesOtherThings) {
  PairPlan plan;
  plan.before = {"b", "/x/weir", {"a.b=1"}};
  plan.after = {"h", "/y/weir", {}};
  plan.quick = true;
  plan.seed = 18'446'744'073'709'551'615u;
  plan.rate_eps = 12'345;
  draw_order(plan);
  const auto again = pair_plan_from_json(to_json(plan));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->before, plan.before);
  EXPECT_EQ(again->seed, plan.seed);
  EXPECT_EQ(again->head_first, plan.head_first);
  EXPECT_TRUE(again->quick);
  for (const char* text : {"", "[]", "{}", R"({"schema": "weir.pairs/1", "pairs": -1})"})
    EXPECT_EQ(pair_plan_from_json(text).error().code, Code::kCorrupt) << text;
  std::string wrong = to_json(plan);
  wrong.replace(wrong.find("\"pairs\": 7"), 10, "\"pairs\": 9");
  EXPECT_FALSE(pair_plan_from_json(wrong));
}

TEST_F(PairFolder, MeasuresBothSidesOfEveryPairAtTheRate) {
  const auto planned = plan(3, program());
  ASSERT_TRUE(runner(planned).measure());
  EXPECT_EQ(pairs_done_, 3);
  const auto called = calls();
  ASSERT_EQ(called.size(), 6u);
  const auto steps = steps_of(planned);
  for (size_t i = 0; i < called.size(); ++i) {
    EXPECT_NE(called[i].find("load.rates=[1000]"), std::string::npos);
    EXPECT_TRUE(called[i].ends_with(steps[i].folder)) << called[i];
    EXPECT_EQ(called[i].find("engine.trigger=2s") != std::string::npos, steps[i].head);
    EXPECT_EQ(called[i].find("/head.toml") != std::string::npos, steps[i].head);
  }
  const auto runs = read_pairs(base_, planned);
  ASSERT_TRUE(runs) << to_text(runs.error());
  EXPECT_EQ(runs->before.size(), 3u);
  EXPECT_EQ(runs->after.size(), 3u);
}

TEST_F(PairFolder, GoesOnWhereItWasAndMeasuresACutPairAgain) {
  const auto planned = plan(3, program());
  ASSERT_TRUE(runner(planned).measure());
  const auto steps = steps_of(planned);
  // The second pair's second side was under way when everything was killed.
  auto cut = run::result_from_json(*real_disk()->read(base_ + "/result.json"));
  cut->exit_code.reset();
  real_disk()->write_whole(base_ + "/" + steps[3].folder + "/result.json", run::to_json(*cut));
  fs::remove_all(base_ + "/" + steps[4].folder);
  fs::remove_all(base_ + "/" + steps[5].folder);
  EXPECT_EQ(read_pairs(base_, planned)->before.size(), 1u);
  fs::remove(base_ + "/calls");
  ASSERT_TRUE(runner(planned).measure());
  const auto called = calls();
  ASSERT_EQ(called.size(), 4u);
  EXPECT_TRUE(called[0].ends_with(steps[2].folder));
  EXPECT_EQ(read_pairs(base_, planned)->before.size(), 3u);
}

TEST_F(PairFolder, LeavesOutAPairWhoseStepIsNotValid) {
  const auto planned = plan(3, program());
  ASSERT_TRUE(runner(planned).measure());
  auto invalid = run::result_from_json(*real_disk()->read(base_ + "/result.json"));
  invalid->valid = false;
  real_disk()->write_whole(base_ + "/runs/02-base/result.json", run::to_json(*invalid));
  const auto runs = read_pairs(base_, planned);
  EXPECT_EQ(runs->before.size(), 2u);
  EXPECT_EQ(runs->left_out, 1);
}

TEST_F(PairFolder, MeasuresAnInvalidPairOnceMore) {
  // Its first calls leave an invalid result.
  const auto planned = plan(3, program("if [ $(wc -l < " + base_ +
                                       "/calls) -le 2 ]; then sed -i "
                                       "'s/\"valid\": true/\"valid\": false/' " +
                                       base_ +
                                       "/result.json; else sed -i 's/\"valid\": false/\"valid\": "
                                       "true/' " +
                                       base_ + "/result.json; fi"));
  ASSERT_TRUE(runner(planned).measure());
  EXPECT_EQ(calls().size(), 8u);
  EXPECT_TRUE(fs::exists(base_ + "/runs/01-head-invalid/result.json"));
  EXPECT_EQ(read_pairs(base_, planned)->before.size(), 3u);
  EXPECT_EQ(read_pairs(base_, planned)->left_out, 0);
  // What was tried twice is left as it is.
  fs::copy(base_ + "/runs/01-head-invalid", base_ + "/runs/01-head",
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  ASSERT_TRUE(runner(planned).measure());
  EXPECT_EQ(calls().size(), 8u);
  EXPECT_EQ(read_pairs(base_, planned)->left_out, 1);
}

TEST_F(PairFolder, SaysWhichRunFailedWithItsLastLines) {
  const auto measured = runner(plan(2, program("echo it broke >&2; exit 1"))).measure();
  ASSERT_FALSE(measured);
  EXPECT_EQ(measured.error().code, Code::kFailed);
  EXPECT_EQ(measured.error().why, "it broke");
  EXPECT_NE(measured.error().remedy.find("--resume"), std::string::npos);
}

TEST_F(PairFolder, AnInterruptionReachesTheRunAndEndsIt) {
  signal_ = SIGTERM;
  const auto measured = runner(plan(2, program("exec tail -f /dev/null"))).measure();
  ASSERT_FALSE(measured);
  EXPECT_EQ(measured.error().code, Code::kInterrupted);
  EXPECT_EQ(pairs_done_, 0);
}

TEST_F(PairFolder, TakesTheRateOfTheBasePlanOrOfASearch) {
  auto planned = plan(1, program());
  planned.rate_eps = 0;
  real_disk()->write_whole(base_ + "/base.toml", "load.rates = [4321]\n");
  auto given = runner(planned);
  ASSERT_TRUE(given.find_rate());
  EXPECT_EQ(given.plan().rate_eps, 4321);
  EXPECT_TRUE(calls().empty());

  real_disk()->write_whole(base_ + "/base.toml", "");
  const std::string searching = program();
  auto result = run::result_from_json(*real_disk()->read(base_ + "/result.json"));
  result->load->sustainable_eps.estimate = 176'543;
  real_disk()->write_whole(base_ + "/result.json", run::to_json(*result));
  auto searched = runner(planned);
  ASSERT_TRUE(searched.find_rate());
  EXPECT_EQ(searched.plan().rate_eps, 120'000);  // 0.7 x, two digits
  EXPECT_EQ(pair_plan_from_json(*real_disk()->read(base_ + "/pairs.json"))->rate_eps, 120'000);
}

TEST_F(PairFolder, FindsRunsBesideAndBelow) {
  ASSERT_TRUE(runner(plan(2, program())).measure());
  EXPECT_EQ(find_runs(base_ + "/runs").size(), 4u);
  EXPECT_EQ(find_runs(base_ + "/runs/01-base").size(), 1u);
  fs::remove(base_ + "/result.json");
  EXPECT_EQ(find_runs(base_).size(), 4u);
  EXPECT_TRUE(find_runs(base_ + "/nowhere").empty());
}

TEST_F(PairFolder, KeepsTheNoiseOfAMachine) {
  std::vector<StoredRun> before, after;
  for (int i = 0; i < 10; ++i) {
    before.push_back(TestRun{.minute = 2 * i, .cpu = 0.7 + 0.01 * (i % 3)}.make());
    after.push_back(TestRun{.minute = 2 * i + 1, .cpu = 0.7 + 0.01 * (i % 4)}.make());
  }
  const Noise noise = noise_of(*compare_runs(before, after, {}), "2026-11-22T00:00:00Z", 1e5);
  ASSERT_FALSE(noise.metrics.empty());
  EXPECT_EQ(noise.metrics[0].log_ratios.size(), 10u);
  EXPECT_LT(noise.metrics[0].called_different, 0.1);
  EXPECT_FALSE(load_noise(base_, "key"));
  ASSERT_TRUE(store_noise(base_, "key", noise));
  const auto kept = load_noise(base_, "key");
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->metrics.size(), noise.metrics.size());
  EXPECT_DOUBLE_EQ(kept->metrics[0].spread, noise.metrics[0].spread);
  EXPECT_EQ(kept->rate_eps, 1e5);
  real_disk()->write_whole(base_ + "/noise/bad.json", "{\"schema\": \"weir.noise/1\"}");
  EXPECT_FALSE(load_noise(base_, "bad"));
  // Another rate or weir is the same noise; another trigger is not.
  const auto key = noise_key(before[0].fingerprint);
  EXPECT_EQ(noise_key(TestRun{.rate = 7, .version = "9"}.make().fingerprint), key);
  EXPECT_NE(noise_key(TestRun{.trigger = "3s"}.make().fingerprint), key);
}

}  // namespace
}  // namespace weir::compare
