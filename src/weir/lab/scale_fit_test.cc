#include "weir/lab/scale_fit.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace weir::lab {
namespace {

run::Step cell_of(int32_t tasks, double processed, const char* side = "engine") {
  run::Step cell;
  cell.label = fmt::format("{}p-{}w", tasks, tasks);
  cell.partitions = cell.parallelism = tasks;
  cell.processed_eps = processed;
  cell.offered_eps = 1.3 * processed;
  cell.limits.push_back({side, 0.97, "as the test says"});
  cell.limited_by = std::string(side) + ": as the test says";
  return cell;
}

run::Scale waiting_cells() {
  run::Scale scale;
  scale.cores = 2;
  const double share[] = {1, 1.9, 3.5, 6.0};
  int32_t tasks = 1;
  for (const double each : share) scale.cells.push_back(cell_of(tasks, 15'000 * each)), tasks *= 2;
  return scale;
}

TEST(JudgeScale, FitsTasksThatWaitBeyondTheCores) {
  auto scale = waiting_cells();
  judge_scale(scale, 50);
  ASSERT_TRUE(scale.fit);
  EXPECT_EQ(scale.fit->law, "amdahl") << scale.fit->refused;
  EXPECT_EQ(scale.fit->runs, 4);
  EXPECT_EQ(scale.fit->n_max, 8);
  EXPECT_EQ(scale.fit->n_limit, 12);
  EXPECT_TRUE(scale.fit->left_out.empty());
  ASSERT_TRUE(scale.fit->sigma.low && scale.fit->sigma.high);
  EXPECT_LE(*scale.fit->sigma.low, *scale.fit->sigma.estimate);
  EXPECT_FALSE(scale.fit->kappa.estimate);
  EXPECT_NE(scale.fit->note.find("6 distinct n"), std::string::npos) << scale.fit->note;
  ASSERT_FALSE(scale.fit->curve.empty());
  EXPECT_EQ(scale.fit->curve.front().n, 1);
  EXPECT_EQ(scale.fit->curve.back().n, 8);
  EXPECT_LT(*scale.fit->curve.back().low, *scale.fit->curve.back().high);
  EXPECT_NE(scale.cores_note.find("not how computing does"), std::string::npos);
}

TEST(JudgeScale, RefusesTasksThatComputeBeyondTheCores) {
  auto scale = waiting_cells();
  judge_scale(scale, 0);
  ASSERT_TRUE(scale.fit);
  EXPECT_EQ(scale.fit->law, "");
  EXPECT_EQ(scale.fit->left_out, (std::vector<std::string>{"4p-4w: 4 tasks share 2 cores",
                                                           "8p-8w: 8 tasks share 2 "
                                                           "cores"}));
  EXPECT_EQ(scale.fit->refused, "a law takes at least 4 distinct n, and these runs have 2 (1, 2)");
  EXPECT_TRUE(scale.fit->curve.empty());
  EXPECT_NE(scale.cores_note.find("2 cores"), std::string::npos);
  EXPECT_NE(scale.cores_note.find("too few to show how computing scales"), std::string::npos);
  scale.cores = 6;
  judge_scale(scale, 0);
  EXPECT_NE(scale.cores_note.find("that 8 tasks do little more than 6"), std::string::npos);
}

TEST(JudgeScale, LeavesOutWhatTheEngineDidNotLimit) {
  auto scale = waiting_cells();
  scale.cells[1] = cell_of(2, 30'000, "generator");
  scale.cells[2] = cell_of(4, 30'000, "cores");
  scale.cells[3].limits.clear();
  scale.cells[3].limited_by.clear();
  judge_scale(scale, 50);
  ASSERT_EQ(scale.fit->left_out.size(), 3u);
  EXPECT_EQ(scale.fit->left_out[0], "2p-2w: the generator was the limit: as the test says");
  EXPECT_EQ(scale.fit->left_out[1], "4p-4w: the cores were the limit: as the test says");
  EXPECT_NE(scale.fit->left_out[2].find("kept up"), std::string::npos);
  EXPECT_EQ(scale.limited_by, "cores: as the test says");
}

TEST(JudgeScale, LeavesOutWhatWasNotMeasuredRight) {
  auto scale = waiting_cells();
  scale.cells[0].limits.clear();
  scale.cells[0].limited_by = "generator";
  scale.cells[0].reason = "92% of the load was handed over";
  scale.cells[1].limits.clear();
  scale.cells[1].limited_by.clear();
  scale.cells[1].verdict = "invalid";
  scale.cells[1].reason = "the engine ended";
  scale.cells[2].processed_eps.reset();
  judge_scale(scale, 50);
  EXPECT_EQ(scale.fit->left_out,
            (std::vector<std::string>{"1p-1w: its step is invalid: 92% of the load was handed over",
                                      "2p-2w: its step is invalid: the engine ended",
                                      "4p-4w: it has no rate"}));
}

TEST(JudgeScale, WritesItsAnswerIntoTheResult) {
  run::RunResult result;
  result.scale = waiting_cells();
  judge_scale(*result.scale, 50);
  const auto again = run::result_from_json(run::to_json(result));
  ASSERT_TRUE(again) << to_text(again.error());
  ASSERT_TRUE(again->scale->fit);
  EXPECT_EQ(again->scale->fit->law, "amdahl");
  EXPECT_EQ(again->scale->fit->curve.size(), result.scale->fit->curve.size());
  EXPECT_EQ(again->scale->cells[0].limits.size(), 1u);
  EXPECT_EQ(run::to_json(*again), run::to_json(result));
}

}  // namespace
}  // namespace weir::lab
