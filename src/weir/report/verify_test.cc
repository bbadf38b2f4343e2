#include "weir/report/verify.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "weir/report/sample_run.h"

namespace weir::report {
namespace {

// What judging again gives when the raw files say exactly what was stored.
Recompute echo() {
  return {[](auto&, const run::Step& stored) { return Result<run::Step>(stored); },
          [](auto&, const run::Fault& stored) { return Result<run::Fault>(stored); },
          [](auto&, const run::RunResult&) {
            return Result<std::vector<run::Objective>>(sample_result().objectives);
          }};
}

class Verify : public testing::Test {
 protected:
  std::string path_ = testing::TempDir() + "weir-verify-" +
                      testing::UnitTest::GetInstance()->current_test_info()->name();
  void SetUp() override { std::filesystem::remove_all(path_); }
  void TearDown() override { std::filesystem::remove_all(path_); }

  Verification look(const Recompute& recompute = echo()) {
    auto found = verify(*run::Folder::open(path_), recompute);
    EXPECT_TRUE(found) << to_text(found.error());
    return found.value_or(Verification{});
  }
};

TEST_F(Verify, AgreesWithAFolderAsItWasWritten) {
  write_sample_run(path_);
  const Verification found = look();
  for (const auto& mismatch : found.mismatches)
    ADD_FAILURE() << mismatch.where << ": " << mismatch.stored << " against " << mismatch.computed;
  EXPECT_TRUE(found.missing.empty());
  EXPECT_GT(found.files, 10);
  EXPECT_GT(found.numbers, 50);
  EXPECT_EQ(found.steps, 2);
}

TEST_F(Verify, NamesAFileThatWasChangedAndOneThatWasAdded) {
  const run::Folder folder = write_sample_run(path_);
  const std::string changed = sample_result().faults->faults[0].label;
  std::ofstream(path_ + "/steps/01-" + changed + "/offered.csv", std::ios::app) << "x";
  std::ofstream(path_ + "/steps/note.txt") << "x";
  const Verification found = look();
  ASSERT_EQ(found.mismatches.size(), 2u);
  EXPECT_EQ(found.mismatches[0].where, "steps/01-" + changed + "/offered.csv");
  EXPECT_EQ(found.mismatches[1].where, "steps/note.txt");
}

TEST_F(Verify, NamesTheNumberThatDoesNotFollowFromTheRawFiles) {
  write_sample_run(path_);
  Recompute other = echo();
  other.fault = [](auto&, run::Fault stored) {
    if (stored.kind == "engine:kill") stored.first_output_s = *stored.first_output_s + 0.1;
    return Result<run::Fault>(stored);
  };
  const Verification found = look(other);
  ASSERT_EQ(found.mismatches.size(), 1u);
  EXPECT_EQ(found.mismatches[0].where, "steps/01-engine-1: first_output_s");
  EXPECT_EQ(found.mismatches[0].stored, "0.74");
}

TEST_F(Verify, TakesARunThatBrokeOffForWhatItIs) {
  write_sample_run(path_);
  std::filesystem::remove(path_ + "/manifest.json");
  std::filesystem::remove(path_ + "/steps/02-broker-1/step.json");
  const Verification found = look();
  EXPECT_TRUE(found.mismatches.empty());
  EXPECT_EQ(found.missing.size(), 2u);
}

TEST_F(Verify, FindsAnObjectiveThatTheStepsContradict) {
  const run::Folder folder = write_sample_run(path_);
  run::RunResult result = *run::result_from_json(*folder.read("result.json"));
  result.objectives[0].measured = 2000;
  ASSERT_TRUE(folder.write("result.json", run::to_json(result)));
  ASSERT_TRUE(folder.seal());
  const Verification found = look();
  ASSERT_EQ(found.mismatches.size(), 1u);
  EXPECT_EQ(found.mismatches[0].where, "result.json: objectives[0].measured");
}

TEST_F(Verify, DoesTheSearchOfEveryCellAgain) {
  const run::Folder folder = write_sample_run(path_);
  run::RunResult result = *run::result_from_json(*folder.read("result.json"));
  run::Load load;
  load.probes.push_back({.purpose = "overload", .rate_eps = 1000, .verdict = "falls_behind"});
  load.sustainable_eps.estimate = 800;
  load.probes.back().folder = "steps/07-4p-2w-1000";
  load.steps.push_back({.label = "4p-2w-800",
                        .folder = "steps/08-4p-2w-800",
                        .offered_eps = 800,
                        .verdict = "keeps_up"});
  result.scale.emplace().searches.push_back({4, 2, load});
  ASSERT_TRUE(folder.write("result.json", run::to_json(result)));
  ASSERT_TRUE(folder.seal());
  Recompute again = echo();
  double found_again = 800;
  again.search = [&](run::Load stored) {
    stored.sustainable_eps.estimate = found_again;
    return Result<run::Load>(stored);
  };
  for (const auto& mismatch : look(again).mismatches)
    ADD_FAILURE() << mismatch.where << ": " << mismatch.stored << " against " << mismatch.computed;
  found_again = 700;
  const Verification found = look(again);
  ASSERT_EQ(found.mismatches.size(), 1u);
  EXPECT_EQ(found.mismatches[0].where,
            "result.json: scale.searches[0].load.sustainable_eps.estimate");
}

TEST(CompareJson, AcceptsTheRoundingOfSumsAndNoMore) {
  Verification found;
  compare_json("", R"({"a": 1000, "reason": "x"})", R"({"a": 1000.0000001, "reason": "y"})", found);
  EXPECT_TRUE(found.mismatches.empty());
  compare_json("", R"({"a": 1000, "b": null})", R"({"a": 1000.00001, "b": 1})", found);
  EXPECT_EQ(found.mismatches.size(), 2u);
}

}  // namespace
}  // namespace weir::report
