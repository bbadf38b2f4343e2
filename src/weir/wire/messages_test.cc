#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "weir/wire/filler.h"
#include "weir/wire/frame.h"
#include "weir/wire/messages/alter_configs.h"
#include "weir/wire/messages/api_versions.h"
#include "weir/wire/messages/create_partitions.h"
#include "weir/wire/messages/create_topics.h"
#include "weir/wire/messages/delete_groups.h"
#include "weir/wire/messages/delete_records.h"
#include "weir/wire/messages/delete_topics.h"
#include "weir/wire/messages/describe_cluster.h"
#include "weir/wire/messages/describe_configs.h"
#include "weir/wire/messages/describe_groups.h"
#include "weir/wire/messages/fetch.h"
#include "weir/wire/messages/find_coordinator.h"
#include "weir/wire/messages/heartbeat.h"
#include "weir/wire/messages/incremental_alter_configs.h"
#include "weir/wire/messages/init_producer_id.h"
#include "weir/wire/messages/join_group.h"
#include "weir/wire/messages/leave_group.h"
#include "weir/wire/messages/list_groups.h"
#include "weir/wire/messages/list_offsets.h"
#include "weir/wire/messages/metadata.h"
#include "weir/wire/messages/offset_commit.h"
#include "weir/wire/messages/offset_fetch.h"
#include "weir/wire/messages/offset_for_leader_epoch.h"
#include "weir/wire/messages/produce.h"
#include "weir/wire/messages/sync_group.h"

namespace weir::wire {
namespace {

// Everything that testdata/messages.hex holds, by "Message version full|nulls".
const std::map<std::string, std::string>& foreign_bytes() {
  static const auto all = [] {
    std::map<std::string, std::string> map;
    std::ifstream in(std::filesystem::path(__FILE__).parent_path() / "testdata" / "messages.hex");
    for (std::string message, version, kind, hex; in >> message >> version >> kind >> hex;) {
      std::string bytes;
      for (size_t at = 0; at + 1 < hex.size(); at += 2)
        bytes.push_back(char(std::stoi(hex.substr(at, 2), nullptr, 16)));
      map[message + " " + version + " " + kind] = bytes;
    }
    return map;
  }();
  return all;
}

template <class Message>
class MessageTest : public testing::Test {
 protected:
  // Calls f(version, nulls, message filled as the foreign encoder fills it).
  template <class F>
  void for_each_filled(F f) {
    const Api& api = api_of(Message::kApi);
    for (int16_t version = api.first; version <= api.last; ++version)
      for (const bool nulls : {false, true}) {
        SCOPED_TRACE(std::string(Message::kName) + " v" + std::to_string(version) +
                     (nulls ? " with nulls" : ""));
        Filler filler(version, nulls);
        Message message;
        Message::fields(filler, message);
        f(version, nulls, message);
      }
  }
};

using Messages = testing::Types<
    AlterConfigsRequest, AlterConfigsResponse, ApiVersionsRequest, ApiVersionsResponse,
    CreatePartitionsRequest, CreatePartitionsResponse, CreateTopicsRequest, CreateTopicsResponse,
    DeleteGroupsRequest, DeleteGroupsResponse, DeleteRecordsRequest, DeleteRecordsResponse,
    DeleteTopicsRequest, DeleteTopicsResponse, DescribeConfigsRequest, DescribeConfigsResponse,
    DescribeClusterRequest, DescribeClusterResponse, DescribeGroupsRequest, DescribeGroupsResponse,
    FetchRequest, FetchResponse, FindCoordinatorRequest, FindCoordinatorResponse, HeartbeatRequest,
    HeartbeatResponse, IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse,
    InitProducerIdRequest, InitProducerIdResponse, JoinGroupRequest, JoinGroupResponse,
    LeaveGroupRequest, LeaveGroupResponse, ListGroupsRequest, ListGroupsResponse,
    ListOffsetsRequest, ListOffsetsResponse, MetadataRequest, MetadataResponse, OffsetCommitRequest,
    OffsetCommitResponse, OffsetFetchRequest, OffsetFetchResponse, OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse, ProduceRequest, ProduceResponse, SyncGroupRequest,
    SyncGroupResponse>;
struct Names {
  template <class Message>
  static std::string GetName(int) {
    return Message::kName;
  }
};
TYPED_TEST_SUITE(MessageTest, Messages, Names);

TYPED_TEST(MessageTest, EncodesTheBytesThatKafkasOwnClientDoes) {
  this->for_each_filled([](int16_t version, bool nulls, const TypeParam& message) {
    const auto key = std::string(TypeParam::kName) + " " + std::to_string(version) +
                     (nulls ? " nulls" : " full");
    ASSERT_TRUE(foreign_bytes().contains(key));
    std::string bytes;
    encode(bytes, message, version);
    EXPECT_EQ(testing::PrintToString(bytes), testing::PrintToString(foreign_bytes().at(key)));
  });
}

TYPED_TEST(MessageTest, ComesBackAsItWas) {
  this->for_each_filled([](int16_t version, bool, const TypeParam& message) {
    std::string bytes;
    encode(bytes, message, version);
    const auto back = decode<TypeParam>(bytes, version);
    ASSERT_TRUE(back.has_value()) << to_text(back.error());
    EXPECT_TRUE(*back == message);
  });
}

TYPED_TEST(MessageTest, EveryCutAndEveryExtraByteIsRefused) {
  this->for_each_filled([](int16_t version, bool, const TypeParam& message) {
    std::string bytes;
    encode(bytes, message, version);
    for (size_t cut = 0; cut < bytes.size(); ++cut)
      EXPECT_FALSE(decode<TypeParam>(std::string_view(bytes).substr(0, cut), version)) << cut;
    EXPECT_FALSE(decode<TypeParam>(bytes + '\0', version));
  });
}

TYPED_TEST(MessageTest, AnyByteMayBeWrongWithoutHarm) {
  this->for_each_filled([](int16_t version, bool, const TypeParam& message) {
    std::string bytes;
    encode(bytes, message, version);
    for (size_t at = 0; at < bytes.size(); ++at)
      for (const char evil : {'\xff', '\x7f', '\x80', '\x00'}) {
        std::string bad = bytes;
        bad[at] = evil;
        // Whatever it decodes to can be encoded, and read again.
        const auto read = decode<TypeParam>(bad, version);
        if (!read) continue;
        std::string again;
        encode(again, *read, version);
        const auto back = decode<TypeParam>(again, version);
        ASSERT_TRUE(back.has_value());
        EXPECT_TRUE(*back == *read);
      }
  });
}

TYPED_TEST(MessageTest, DefaultsTravelInEveryVersion) {
  const Api& api = api_of(TypeParam::kApi);
  for (int16_t version = api.first; version <= api.last; ++version) {
    std::string bytes;
    encode(bytes, TypeParam{}, version);
    EXPECT_TRUE(decode<TypeParam>(bytes, version)) << version;
  }
}

TYPED_TEST(MessageTest, MatchesKafkasOwnDefinition) {
  std::ifstream in(std::filesystem::path(__FILE__).parent_path() / "testdata" / "definitions.txt");
  const Api& api = api_of(TypeParam::kApi);
  std::stringstream title;
  title << TypeParam::kName << " key " << int(api.key) << " flexible " << api.first_flexible;
  std::string line, definition;
  while (std::getline(in, line) && line != title.str()) continue;
  ASSERT_EQ(line, title.str());
  while (std::getline(in, line) && line.starts_with("  ")) definition += line.substr(2) + "\n";
  EXPECT_EQ(describe<TypeParam>(), definition);
}

TEST(Frame, HeadersHaveTheBytesThatKafkasOwnClientWrites) {
  const auto body = [](const std::string& frame) { return frame.substr(kFramePrefixBytes); };
  for (const bool nulls : {false, true}) {
    // The fields' values by the filler's rule. They name no API, so one is made up for the header.
    RequestHeader header{0x4154, 0x3d4d, int32_t(0xd2674a1d), "clientid0"};
    if (nulls) header.client_id.reset();
    for (const int version : {1, 2}) {
      Api api = api_of(ApiKey::kHeartbeat);
      api.first_flexible = version == 2 ? 0 : INT16_MAX;
      std::string frame;
      end_frame(frame, begin_request(frame, api, header));
      EXPECT_EQ(body(frame), foreign_bytes().at("RequestHeader " + std::to_string(version) +
                                                (nulls ? " nulls" : " full")));
    }
  }
  for (const int16_t version : {0, 1}) {
    Api api = api_of(ApiKey::kHeartbeat);
    api.first_flexible = version == 1 ? 0 : INT16_MAX;
    std::string frame;
    end_frame(frame, begin_response(frame, api, 0, int32_t(0xd2674a1d)));
    EXPECT_EQ(body(frame),
              foreign_bytes().at("ResponseHeader " + std::to_string(version) + " full"));
  }
}

}  // namespace
}  // namespace weir::wire
