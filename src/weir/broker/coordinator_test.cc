#include "weir/broker/coordinator.h"

#include <gtest/gtest.h>

#include "weir/sys/fake_disk.h"

namespace weir::broker {
namespace {

class CoordinatorTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(disk.make_folders("/data").has_value());
    ASSERT_TRUE(disk.sync_folder("/").has_value());
    open();
  }
  void open() {
    coordinator.reset();
    auto offsets = CommittedOffsets::open(disk, "/data/offsets");
    ASSERT_TRUE(offsets.has_value()) << to_text(offsets.error());
    coordinator = std::make_unique<Coordinator>(
        std::move(*offsets),
        [this](const std::string& stem) { return stem + std::to_string(++ids); });
  }
  // The answer to a commit of a consumer outside any generation, once there is one.
  std::shared_ptr<std::optional<ErrorCode>> commit(const std::string& group, int64_t offset,
                                                   MemberClaim claim = {}) {
    auto answer = std::make_shared<std::optional<ErrorCode>>();
    coordinator->commit(claim, {group, {{{"t", 0}, {offset, 0, "note"}}}}, now,
                        [answer](ErrorCode error) { *answer = error; });
    return answer;
  }
  int64_t committed(const std::string& group) {
    const auto* offsets = coordinator->offsets().find(group);
    if (!offsets || !offsets->contains({"t", 0})) return -1;
    return offsets->at({"t", 0}).offset;
  }
  FakeDisk disk;
  Nanos now{1'000'000'000};
  int ids = 0;
  std::unique_ptr<Coordinator> coordinator;
};

TEST_F(CoordinatorTest, AnswersCommitsWhenTheyAreDurableAndShowsThemThen) {
  const auto a = commit("a", 1), b = commit("b", 2);
  EXPECT_FALSE(*a);
  EXPECT_EQ(-1, committed("a"));
  ASSERT_TRUE(coordinator->settle().has_value());
  EXPECT_EQ(ErrorCode::kNone, **a);
  EXPECT_EQ(ErrorCode::kNone, **b);
  coordinator.reset();
  disk.crash(FakeDisk::Loss::kUnsynced);
  open();
  EXPECT_EQ(1, committed("a"));
  EXPECT_EQ(2, committed("b"));
}

TEST_F(CoordinatorTest, SettlesManyCommitsWithOneSync) {
  disk.fail_at(FakeDisk::Fault::kSync, 1);  // the second sync from now would fail
  std::vector<std::shared_ptr<std::optional<ErrorCode>>> answers;
  for (int i = 0; i < 20; ++i) answers.push_back(commit("g" + std::to_string(i), i));
  ASSERT_TRUE(coordinator->settle().has_value());
  for (const auto& answer : answers) EXPECT_EQ(ErrorCode::kNone, **answer);
}

TEST_F(CoordinatorTest, TellsAndForgetsCommitsThatCouldNotBeKept) {
  disk.fail_at(FakeDisk::Fault::kSync, 0);
  const auto answer = commit("a", 1);
  EXPECT_FALSE(coordinator->settle().has_value());
  EXPECT_EQ(ErrorCode::kKafkaStorageError, **answer);
  EXPECT_EQ(-1, committed("a"));
}

TEST_F(CoordinatorTest, RefusesAMemberOfBeforeARestart) {
  EXPECT_EQ(ErrorCode::kUnknownMemberId, **commit("a", 1, {"old-member", std::nullopt, 3}));
}

TEST_F(CoordinatorTest, ForgetsTopicsAndGroupsForGood) {
  commit("a", 1);
  commit("b", 1);
  ASSERT_TRUE(coordinator->settle().has_value());
  EXPECT_EQ(ErrorCode::kNone, coordinator->remove("a"));
  EXPECT_EQ(ErrorCode::kGroupIdNotFound, coordinator->remove("a"));
  ASSERT_TRUE(coordinator->forget_topic("t").has_value());
  open();
  EXPECT_FALSE(coordinator->exists("a"));
  EXPECT_EQ(-1, committed("b"));
}

TEST_F(CoordinatorTest, KeepsItsJournalSmall) {
  for (int i = 0; i < 400; ++i) {
    GroupOffsets offsets;
    for (int32_t p = 0; p < 200; ++p) offsets[{"topic", p}] = {i, 0, ""};
    coordinator->commit({}, {"g", std::move(offsets)}, now, [](ErrorCode) {});
    ASSERT_TRUE(coordinator->settle().has_value());
  }
  EXPECT_LT(disk.read("/data/offsets")->size(), size_t(1) << 20);
  open();
  EXPECT_EQ(399, coordinator->offsets().find("g")->at({"topic", 199}).offset);
}

TEST_F(CoordinatorTest, DropsAGroupThatNobodyIsIn) {
  JoinRequest join;
  join.client_id = "c";
  join.session_timeout = join.rebalance_timeout = nanos_from_seconds(10);
  join.protocol_type = "consumer";
  join.protocols = {{"range", ""}};
  coordinator->get("g").join(join, now, [](JoinAnswer) {});
  EXPECT_TRUE(coordinator->tick(now));
  EXPECT_EQ(ErrorCode::kNonEmptyGroup, coordinator->remove("g"));
  now += nanos_from_seconds(30);  // it never synced, nor joined again
  while (auto due = coordinator->tick(now)) now = std::max(now, *due);
  EXPECT_FALSE(coordinator->exists("g"));
}

}  // namespace
}  // namespace weir::broker
