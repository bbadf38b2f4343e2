#include "weir/broker/group.h"

#include <gtest/gtest.h>

namespace weir::broker {
namespace {

constexpr Nanos kSession = nanos_from_seconds(10), kRebalance = nanos_from_seconds(60);

class GroupTest : public testing::Test {
 protected:
  struct Joined {
    std::optional<JoinAnswer> answer;
  };
  JoinRequest request(std::string member, std::string metadata = "topics") {
    JoinRequest r;
    r.member_id = std::move(member);
    r.client_id = "client";
    r.session_timeout = kSession;
    r.rebalance_timeout = kRebalance;
    r.protocol_type = "consumer";
    r.protocols = {{"range", metadata}};
    return r;
  }
  std::shared_ptr<Joined> join(JoinRequest r) {
    auto joined = std::make_shared<Joined>();
    group.join(std::move(r), now, [joined](JoinAnswer a) { joined->answer = std::move(a); });
    return joined;
  }
  std::shared_ptr<std::optional<SyncAnswer>> sync(const std::string& member,
                                                  std::map<std::string, std::string> given = {}) {
    SyncRequest r;
    r.member_id = member;
    r.generation = group.generation();
    r.assignments = std::move(given);
    auto answer = std::make_shared<std::optional<SyncAnswer>>();
    group.sync(std::move(r), now, [answer](SyncAnswer a) { *answer = std::move(a); });
    return answer;
  }
  // One stable group of one member, its leader.
  std::string form() {
    const auto first = join(request(""));
    const std::string id = first->answer->member_id;
    sync(id, {{id, "all"}});
    EXPECT_EQ(Group::State::kStable, group.state());
    return id;
  }
  // The same with a follower.
  std::pair<std::string, std::string> form_two() {
    const std::string leader = form();
    const auto second = join(request(""));
    EXPECT_FALSE(second->answer);
    const auto again = join(request(leader));
    EXPECT_TRUE(second->answer && again->answer);
    const std::string follower = second->answer->member_id;
    const auto waits = sync(follower);
    EXPECT_FALSE(*waits);
    sync(leader, {{leader, "a"}, {follower, "b"}});
    EXPECT_EQ("b", (*waits)->assignment);
    return {leader, follower};
  }
  ErrorCode heartbeat(const std::string& member) {
    return group.heartbeat({member, std::nullopt, group.generation()}, now);
  }

  Nanos now{1'000'000'000};
  int ids = 0;
  Group group{[this](const std::string& stem) { return stem + "-" + std::to_string(++ids); }};
};

TEST_F(GroupTest, FormsAtOnceForItsFirstMember) {
  const auto joined = join(request(""));
  ASSERT_TRUE(joined->answer);
  EXPECT_EQ(ErrorCode::kNone, joined->answer->error);
  EXPECT_EQ(1, joined->answer->generation);
  EXPECT_EQ("range", joined->answer->protocol);
  EXPECT_EQ(joined->answer->member_id, joined->answer->leader);
  ASSERT_EQ(1u, joined->answer->members.size());
  EXPECT_EQ("topics", joined->answer->members[0].metadata);
}

TEST_F(GroupTest, GivesAnIdFirstWhereTheProtocolAsksForIt) {
  auto asks = request("");
  asks.id_required = true;
  const auto first = join(asks);
  ASSERT_TRUE(first->answer);
  EXPECT_EQ(ErrorCode::kMemberIdRequired, first->answer->error);
  EXPECT_TRUE(group.members().empty());
  const auto second = join(request(first->answer->member_id));
  ASSERT_TRUE(second->answer);
  EXPECT_EQ(ErrorCode::kNone, second->answer->error);
}

TEST_F(GroupTest, ForgetsAnIdThatNobodyCameBackWith) {
  auto asks = request("");
  asks.id_required = true;
  const auto first = join(asks);
  now += kSession;
  ASSERT_EQ(now, group.next_deadline());
  group.tick(now);
  EXPECT_FALSE(group.next_deadline());
  EXPECT_EQ(ErrorCode::kUnknownMemberId, join(request(first->answer->member_id))->answer->error);
}

TEST_F(GroupTest, WaitsForAllKnownMembersAndTellsOnlyTheLeaderWhoTheyAre) {
  const std::string leader = form();
  const auto second = join(request(""));
  EXPECT_FALSE(second->answer);
  EXPECT_EQ(Group::State::kPreparing, group.state());
  EXPECT_EQ(ErrorCode::kRebalanceInProgress, heartbeat(leader));
  const auto again = join(request(leader));
  ASSERT_TRUE(again->answer && second->answer);
  EXPECT_EQ(2, again->answer->generation);
  EXPECT_EQ(2u, again->answer->members.size());
  EXPECT_TRUE(second->answer->members.empty());
}

TEST_F(GroupTest, DropsAtTheRebalanceTimeoutWhoDidNotRejoin) {
  const std::string leader = form();
  const auto second = join(request(""));
  now += kRebalance;
  group.tick(now);
  ASSERT_TRUE(second->answer);
  EXPECT_EQ(second->answer->member_id, second->answer->leader);
  EXPECT_EQ(ErrorCode::kUnknownMemberId, heartbeat(leader));
}

TEST_F(GroupTest, HandsOutTheLeadersAssignment) { form_two(); }

TEST_F(GroupTest, EndsTheSessionOfASilentMember) {
  const auto [leader, follower] = form_two();
  now += nanos_from_seconds(6);
  EXPECT_EQ(ErrorCode::kNone, heartbeat(leader));
  now += nanos_from_seconds(5);
  group.tick(now);
  EXPECT_EQ(Group::State::kPreparing, group.state());
  EXPECT_EQ(ErrorCode::kUnknownMemberId, heartbeat(follower));
  EXPECT_EQ(ErrorCode::kRebalanceInProgress, heartbeat(leader));
}

TEST_F(GroupTest, AnswersAFollowerThatRejoinsUnchangedWithTheCurrentGeneration) {
  const auto [leader, follower] = form_two();
  const auto again = join(request(follower));
  ASSERT_TRUE(again->answer);
  EXPECT_EQ(2, again->answer->generation);
  EXPECT_EQ(Group::State::kStable, group.state());
  join(request(follower, "other topics"));
  EXPECT_EQ(Group::State::kPreparing, group.state());
}

TEST_F(GroupTest, RebalancesWhenItsLeaderRejoins) {
  const std::string leader = form();
  const auto again = join(request(leader));
  ASSERT_TRUE(again->answer);
  EXPECT_EQ(2, again->answer->generation);
}

TEST_F(GroupTest, RefusesSyncOfAnotherGenerationOrAStranger) {
  const std::string leader = form();
  const auto refused = [&](SyncRequest r) {
    ErrorCode error{};
    group.sync(std::move(r), now, [&](SyncAnswer a) { error = a.error; });
    return error;
  };
  SyncRequest old;
  old.member_id = leader;
  old.generation = 0;
  EXPECT_EQ(ErrorCode::kIllegalGeneration, refused(old));
  SyncRequest stranger;
  stranger.member_id = "nobody";
  stranger.generation = 1;
  EXPECT_EQ(ErrorCode::kUnknownMemberId, refused(stranger));
}

TEST_F(GroupTest, RefusesProtocolsThatAreNotShared) {
  form();
  auto other = request("");
  other.protocols = {{"roundrobin", "topics"}};
  EXPECT_EQ(ErrorCode::kInconsistentGroupProtocol, join(other)->answer->error);
  auto connector = request("");
  connector.protocol_type = "connect";
  EXPECT_EQ(ErrorCode::kInconsistentGroupProtocol, join(connector)->answer->error);
  auto none = request("");
  none.protocols.clear();
  EXPECT_EQ(ErrorCode::kInconsistentGroupProtocol, join(none)->answer->error);
}

TEST_F(GroupTest, IsEmptyWhenItsLastMemberLeaves) {
  const std::string leader = form();
  EXPECT_EQ(ErrorCode::kNone, group.leave({leader, std::nullopt, -1}, now));
  EXPECT_EQ(Group::State::kEmpty, group.state());
  EXPECT_FALSE(group.next_deadline());
  EXPECT_EQ(ErrorCode::kUnknownMemberId, group.leave({leader, std::nullopt, -1}, now));
}

TEST_F(GroupTest, TakesCommitsOfTheCurrentGenerationOnly) {
  EXPECT_EQ(ErrorCode::kNone, group.may_commit({"", std::nullopt, -1}, now));
  const std::string leader = form();
  EXPECT_EQ(ErrorCode::kNone, group.may_commit({leader, std::nullopt, 1}, now));
  EXPECT_EQ(ErrorCode::kIllegalGeneration, group.may_commit({leader, std::nullopt, 0}, now));
  EXPECT_EQ(ErrorCode::kUnknownMemberId, group.may_commit({"", std::nullopt, -1}, now));
  join(request(""));  // members rejoin: still their generation
  EXPECT_EQ(ErrorCode::kNone, group.may_commit({leader, std::nullopt, 1}, now));
  join(request(leader));  // between join and sync
  EXPECT_EQ(ErrorCode::kRebalanceInProgress, group.may_commit({leader, std::nullopt, 2}, now));
}

TEST_F(GroupTest, ReplacesAStaticMemberWithoutARebalance) {
  auto fixed = request("");
  fixed.instance_id = "one";
  const auto first = join(fixed);
  const std::string old_id = first->answer->member_id;
  sync(old_id, {{old_id, "mine"}});
  const auto second = join(fixed);
  ASSERT_TRUE(second->answer);
  EXPECT_EQ(1, second->answer->generation);
  EXPECT_NE(old_id, second->answer->member_id);
  EXPECT_EQ("mine", (*sync(second->answer->member_id))->assignment);
  EXPECT_EQ(ErrorCode::kFencedInstanceId, group.heartbeat({old_id, "one", 1}, now));
}

TEST_F(GroupTest, RemovesAStaticMemberByItsName) {
  auto fixed = request("");
  fixed.instance_id = "one";
  join(fixed);
  EXPECT_EQ(ErrorCode::kNone, group.leave({"", "one", -1}, now));
  EXPECT_TRUE(group.members().empty());
}

TEST_F(GroupTest, StartsOverWithoutMembersThatNeverAskForTheirAssignment) {
  const std::string leader = form();
  const auto second = join(request(""));
  join(request(leader));
  const std::string follower = second->answer->member_id;
  const auto waits = sync(follower);
  now += kRebalance;
  group.tick(now);  // the leader never synced
  EXPECT_EQ(ErrorCode::kRebalanceInProgress, (*waits)->error);
  EXPECT_EQ(ErrorCode::kUnknownMemberId, heartbeat(leader));
  const auto again = join(request(follower));
  ASSERT_TRUE(again->answer);
  EXPECT_EQ(follower, again->answer->leader);
}

}  // namespace
}  // namespace weir::broker
