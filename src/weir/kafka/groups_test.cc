// Both back ends on a group that another client committed for.
#include "weir/kafka/groups.h"

#include <gtest/gtest.h>

#include "weir/kafka/mock_cluster_test.h"

namespace weir::kafka {
namespace {

// Commits for group "g" as any consumer without assignment of its own may.
void commit(const std::string& brokers, int32_t partition, int64_t offset) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  for (const auto& [key, value] :
       {std::pair<const char*, const char*>{"bootstrap.servers", brokers.c_str()},
        {"group.id", "g"},
        {"log_level", "2"}})
    rd_kafka_conf_set(conf, key, value, nullptr, 0);
  rd_kafka_t* client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, nullptr, 0);
  rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, "t", partition)->offset = offset;
  EXPECT_EQ(rd_kafka_commit(client, list, 0), RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_topic_partition_list_destroy(list);
  rd_kafka_destroy(client);
}

class GroupsTest : public testing::TestWithParam<std::string> {
 protected:
  GroupsTest() { cluster_.create_topic("t", 3); }
  std::unique_ptr<Groups> open() {
    auto opened = Groups::open({cluster_.brokers(), {{"weir.client", GetParam()}}, "test"});
    EXPECT_TRUE(opened) << to_text(opened.error());
    return std::move(*opened);
  }
  MockCluster cluster_;
};

TEST_P(GroupsTest, TellsWhatAGroupCommitted) {
  auto groups = open();
  commit(cluster_.brokers(), 1, 42);
  auto offsets = groups->committed_offsets("g", "t", 3);
  ASSERT_TRUE(offsets) << to_text(offsets.error());
  EXPECT_EQ(*offsets, (std::vector<Offset>{Offset(-1), Offset(42), Offset(-1)}));
  commit(cluster_.brokers(), 2, 7);
  offsets = groups->committed_offsets("g", "t", 3);
  ASSERT_TRUE(offsets) << to_text(offsets.error());
  EXPECT_EQ(*offsets, (std::vector<Offset>{Offset(-1), Offset(42), Offset(7)}));
}

TEST_P(GroupsTest, AGroupThatNobodyKnowsHasCommittedNothing) {
  auto groups = open();
  const auto offsets = groups->committed_offsets("nobody", "t", 2);
  ASSERT_TRUE(offsets) << to_text(offsets.error());
  EXPECT_EQ(*offsets, (std::vector<Offset>{Offset(-1), Offset(-1)}));
}

INSTANTIATE_TEST_SUITE_P(BackEnds, GroupsTest, testing::Values("native", "librdkafka"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace weir::kafka
