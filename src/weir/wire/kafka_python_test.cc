// Requests as kafka-python sends them (testdata/kafka_python.py), against the same requests said
// in our own structs.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "weir/wire/frame.h"
#include "weir/wire/messages/create_topics.h"
#include "weir/wire/messages/describe_groups.h"
#include "weir/wire/messages/fetch.h"
#include "weir/wire/messages/find_coordinator.h"
#include "weir/wire/messages/heartbeat.h"
#include "weir/wire/messages/join_group.h"
#include "weir/wire/messages/list_offsets.h"
#include "weir/wire/messages/metadata.h"
#include "weir/wire/messages/offset_commit.h"
#include "weir/wire/messages/produce.h"
#include "weir/wire/messages/sync_group.h"

namespace weir::wire {
namespace {

std::vector<std::string> foreign_requests() {
  std::vector<std::string> all;
  std::ifstream in(std::filesystem::path(__FILE__).parent_path() / "testdata" / "kafka_python.hex");
  for (std::string hex; in >> hex;) {
    std::string bytes;
    for (size_t at = 0; at + 1 < hex.size(); at += 2)
      bytes.push_back(char(std::stoi(hex.substr(at, 2), nullptr, 16)));
    all.push_back(bytes);
  }
  return all;
}

// Request `number` of the file, in both directions.
template <class Request>
void expect_request(int32_t number, int16_t version, const Request& request) {
  SCOPED_TRACE(Request::kName);
  const auto all = foreign_requests();
  ASSERT_LT(size_t(number), all.size());
  std::string frame;
  append_request(frame, {.api_version = version, .correlation_id = number, .client_id = "python"},
                 request);
  EXPECT_EQ(frame.substr(kFramePrefixBytes), all[size_t(number)]);

  std::string_view rest = all[size_t(number)];
  const auto header = take_request_header(rest);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->api_key, int16_t(Request::kApi));
  EXPECT_EQ(header->client_id, "python");
  const auto body = decode<Request>(rest, header->api_version);
  ASSERT_TRUE(body) << to_text(body.error());
  EXPECT_TRUE(*body == request);
}

TEST(KafkaPython, SendsProduce) {
  ProduceRequest request;
  request.acks = -1;
  request.timeout_ms = 1500;
  request.topics = {{"events", {{3, "a batch"}}}};
  expect_request(0, 7, request);
}

TEST(KafkaPython, SendsFetchAndListOffsets) {
  FetchRequest fetch;
  fetch.max_wait_ms = 500;
  fetch.min_bytes = 1;
  fetch.max_bytes = 1 << 20;
  fetch.isolation_level = 1;
  FetchRequest::Topic::Partition partition{.partition = 2, .fetch_offset = 12345};
  partition.partition_max_bytes = 65536;
  fetch.topics = {{"events", {partition}}};
  expect_request(1, 4, fetch);

  ListOffsetsRequest list;
  list.replica_id = -1;
  list.topics = {
      {"events",
       {{.partition = 0, .timestamp = -1}, {.partition = 1, .timestamp = 1'700'000'000'000}}}};
  expect_request(2, 1, list);
}

TEST(KafkaPython, SendsMetadata) {
  MetadataRequest named;
  named.topics = {{{}, "events"}, {{}, "other"}};
  expect_request(3, 1, named);
  expect_request(4, 1, MetadataRequest{});
}

TEST(KafkaPython, SendsGroupRequests) {
  OffsetCommitRequest commit;
  commit.group_id = "group";
  commit.generation_id = 5;
  commit.member_id = "member";
  OffsetCommitRequest::Topic::Partition committed{.partition = 1, .committed_offset = 99};
  committed.committed_metadata = "note";
  commit.topics = {{"events", {committed}}};
  expect_request(5, 2, commit);

  FindCoordinatorRequest find;
  find.key = "group";
  expect_request(6, 0, find);

  JoinGroupRequest join;
  join.group_id = "group";
  join.session_timeout_ms = 10'000;
  join.rebalance_timeout_ms = 30'000;
  join.protocol_type = "consumer";
  join.protocols = {{"range", {"meta"}}};
  expect_request(7, 2, join);

  expect_request(8, 1, HeartbeatRequest{"group", 5, "member", {}});

  SyncGroupRequest sync;
  sync.group_id = "group";
  sync.generation_id = 5;
  sync.member_id = "member";
  sync.assignments = {{"member", {"assigned"}}};
  expect_request(9, 1, sync);

  DescribeGroupsRequest describe;
  describe.group_ids = {"group"};
  expect_request(10, 1, describe);
}

TEST(KafkaPython, SendsCreateTopics) {
  CreateTopicsRequest request;
  CreateTopicsRequest::Topic topic;
  topic.name = "events";
  topic.num_partitions = 4;
  topic.replication_factor = 1;
  topic.configs = {{"retention.ms", "1000"}};
  request.topics = {topic};
  request.timeout_ms = 5000;
  expect_request(11, 3, request);
}

}  // namespace
}  // namespace weir::wire
