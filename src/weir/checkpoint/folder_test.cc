#include "weir/checkpoint/folder.h"

#include <gtest/gtest.h>

#include "weir/sys/fake_disk.h"

namespace weir::checkpoint {
namespace {

const std::string kPath = "/data/checkpoint";

class FolderTest : public ::testing::Test {
 protected:
  Folder open() {
    auto folder = Folder::open(disk_, kPath);
    EXPECT_TRUE(folder) << (folder ? "" : to_text(folder.error()));
    return std::move(*folder);
  }
  void put(const std::string& name, const std::string& bytes) {
    auto file = disk_.open(kPath + "/" + name);
    ASSERT_TRUE(file && (*file)->truncate(0) && (*file)->append(bytes) && (*file)->sync());
  }
  static Plan plan_to(int64_t end) { return {"t", {{0, end}}, 0, 1, {}}; }

  FakeDisk disk_;
};

TEST_F(FolderTest, KeepsItsQueryIdForLife) {
  const auto id = open().query_id();
  EXPECT_TRUE(is_uuid(id));
  EXPECT_EQ(open().query_id(), id);
  EXPECT_EQ(*disk_.read(kPath + "/metadata"), "{\"id\":\"" + id + "\"}");
}

TEST_F(FolderTest, FindsItsQueryIdInTheNoteWhenMetadataIsEmpty) {
  auto folder = open();
  ASSERT_TRUE(folder.claim({"", "t", "metrics", "t.weir-out"}));
  ASSERT_TRUE(folder.write_plan(0, plan_to(1)));
  put("metadata", "");
  EXPECT_EQ(open().query_id(), folder.query_id());
}

TEST_F(FolderTest, NamesAnotherQuery) {
  ASSERT_TRUE(open().claim({"", "t", "metrics", "t.weir-out"}));
  EXPECT_TRUE(open().claim({"", "t", "metrics", "t.weir-out"}));
  const auto topic = open().claim({"", "u", "metrics", "t.weir-out"});
  ASSERT_FALSE(topic);
  EXPECT_EQ(topic.error().code, Code::kUsage);
  EXPECT_FALSE(open().claim({"", "t", "forward", "t.weir-out"}));
  EXPECT_FALSE(open().claim({"", "t", "metrics", "elsewhere"}));
}

TEST_F(FolderTest, NamesAnotherTopicOfACheckpointOfSpark) {
  ASSERT_TRUE(open().write_plan(0, plan_to(1)));
  EXPECT_EQ(open().claim({"", "u", "metrics", "u.weir-out"}).error().code, Code::kUsage);
  EXPECT_TRUE(open().claim({"", "t", "metrics", "t.weir-out"}));
}

TEST_F(FolderTest, LetsOneOfTwoWritersPlanABatch) {
  auto first = open(), second = open();
  ASSERT_TRUE(first.write_plan(0, plan_to(5)));
  const auto late = second.write_plan(0, plan_to(9));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, Code::kAlreadyExists);
  EXPECT_EQ(open().plan(0)->ends.at(0), 5);
}

TEST_F(FolderTest, AcceptsACommitThatIsThereAndRewritesAnEmptyOne) {
  auto folder = open();
  ASSERT_TRUE(folder.write_plan(0, plan_to(5)));
  ASSERT_TRUE(folder.write_commit(0));
  ASSERT_TRUE(folder.write_commit(0));
  put("commits/0", "");
  auto again = open();
  EXPECT_TRUE(again.has_commit(0));
  EXPECT_FALSE(again.check_commit(0));
  ASSERT_TRUE(again.write_commit(0));
  EXPECT_TRUE(again.check_commit(0));
}

TEST_F(FolderTest, FencesTheOlderOfTwoInstances) {
  auto folder = open();
  const auto older = *folder.raise_attempt(0);
  EXPECT_TRUE(folder.check_owner(older));
  const auto newer = *open().raise_attempt(0);
  EXPECT_GT(newer.number, older.number);
  EXPECT_EQ(folder.check_owner(older).error().code, Code::kFenced);
  EXPECT_EQ(folder.raise_attempt(40)->number, 41);
}

TEST_F(FolderTest, RaisesAboveTheOutputsAttemptWhenItsOwnFileIsTorn) {
  auto folder = open();
  ASSERT_TRUE(folder.write_output(0, {17, {{0, 3}}, {{0, 9}}, "0,1,2"}));
  put("weir/attempt", "1");
  EXPECT_EQ(open().raise_attempt(0)->number, 18);
}

TEST_F(FolderTest, FindsTheLatestReadableOutputEnd) {
  auto folder = open();
  ASSERT_TRUE(folder.write_output(-1, {1, {{0, 1}}, {}, ""}));
  ASSERT_TRUE(folder.write_output(0, {1, {{0, 3}}, {{0, 9}}, "row \"x\""}));
  ASSERT_TRUE(folder.write_output(1, {2, {{0, 5}}, {{0, 12}}, ""}));
  put("weir/output/1", "{\"attempt\":");
  const auto end = open().output_at_or_before(1);
  ASSERT_TRUE(end && *end);
  EXPECT_EQ((*end)->first, 0);
  EXPECT_EQ((*end)->second.ends, (Positions{{0, 3}}));
  EXPECT_EQ((*end)->second.row, "row \"x\"");
}

TEST_F(FolderTest, ChecksAndRemovesSidecars) {
  auto folder = open();
  ASSERT_TRUE(folder.write_plan(0, plan_to(5)));
  put("offsets/.0.crc", sidecar_of(plan_text(plan_to(5))));
  EXPECT_TRUE(folder.plan(0));
  put("offsets/.0.crc", sidecar_of("something else"));
  EXPECT_EQ(folder.plan(0).error().code, Code::kCorrupt);
  put("commits/.0.crc", "stale");
  ASSERT_TRUE(folder.write_commit(0));
  EXPECT_FALSE(disk_.exists(kPath + "/commits/.0.crc"));
}

TEST_F(FolderTest, RefusesACommitWithoutAPlan) {
  ASSERT_TRUE(open().write_commit(3));
  const auto folder = Folder::open(disk_, kPath);
  ASSERT_FALSE(folder);
  EXPECT_EQ(folder.error().code, Code::kCorrupt);
}

TEST_F(FolderTest, KeepsTheNewestHundredBatches) {
  auto folder = open();
  for (int64_t n = 0; n <= 150; ++n) {
    ASSERT_TRUE(folder.write_plan(n, plan_to(n)));
    ASSERT_TRUE(folder.write_output(n, {1, {}, {}, ""}));
    ASSERT_TRUE(folder.write_commit(n));
    ASSERT_TRUE(folder.purge(n));
  }
  EXPECT_FALSE(disk_.exists(kPath + "/offsets/49"));
  EXPECT_TRUE(disk_.exists(kPath + "/offsets/50"));
  EXPECT_FALSE(disk_.exists(kPath + "/commits/49"));
  EXPECT_FALSE(disk_.exists(kPath + "/weir/output/49"));
  EXPECT_EQ(newest_committed(disk_, kPath)->value().first, 150);
}

TEST_F(FolderTest, SetsAnUnreadablePlanAsideAndLosesNothing) {
  auto folder = open();
  ASSERT_TRUE(folder.write_plan(0, plan_to(5)));
  put("offsets/0", "v1\n{\"batch");
  auto again = open();
  EXPECT_EQ(again.plan(0).error().code, Code::kCorrupt);
  ASSERT_TRUE(again.set_aside_plan(0));
  EXPECT_EQ(*disk_.read(kPath + "/offsets/.0.unreadable"), "v1\n{\"batch");
  EXPECT_FALSE(open().newest_plan());
}

TEST_F(FolderTest, AnAcknowledgedWriteSurvivesPowerLossAtEveryOperation) {
  for (uint64_t at = 0; at < 60; ++at) {
    FakeDisk disk;
    disk.power_off_at(at);
    int64_t planned = -1, committed = -1, raised = 0;
    if (auto folder = Folder::open(disk, kPath)) {
      if (const auto attempt = folder->raise_attempt(0)) raised = attempt->number;
      for (int64_t n = 0; n < 3; ++n) {
        if (!folder->write_plan(n, plan_to(n))) break;
        planned = n;
        if (!folder->write_commit(n)) break;
        committed = n;
      }
    }
    disk.crash(FakeDisk::Loss::kTorn, at);
    auto folder = Folder::open(disk, kPath);
    ASSERT_TRUE(folder) << at << ": " << to_text(folder.error());
    for (int64_t n = 0; n <= planned; ++n) ASSERT_TRUE(folder->plan(n)) << at;
    for (int64_t n = 0; n <= committed; ++n) ASSERT_TRUE(folder->check_commit(n)) << at;
    ASSERT_GT(folder->raise_attempt(0)->number, raised) << at;
  }
}

}  // namespace
}  // namespace weir::checkpoint
