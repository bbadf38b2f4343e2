#include "weir/wire/frame.h"

#include <gtest/gtest.h>

#include "weir/base/bytes.h"
#include "weir/wire/messages/heartbeat.h"
#include "weir/wire/messages/metadata.h"
#include "weir/wire/messages/produce.h"

namespace weir::wire {
namespace {

std::string_view without_prefix(const std::string& frame) {
  return std::string_view(frame).substr(kFramePrefixBytes);
}

TEST(Frame, IsAsLongAsItsPrefixSays) {
  std::string stream;
  append_request(stream, {.api_version = 3, .correlation_id = 1},
                 HeartbeatRequest{"g", 1, "m", {}});
  const size_t first = stream.size();
  append_request(stream, {.api_version = 4, .correlation_id = 2},
                 HeartbeatRequest{"g", 1, "m", {}});
  for (size_t have = 0; have <= stream.size(); ++have) {
    const auto bytes = frame_bytes(std::string_view(stream).substr(0, have));
    ASSERT_TRUE(bytes.has_value());
    if (have < kFramePrefixBytes)
      EXPECT_FALSE(bytes->has_value());
    else
      EXPECT_EQ(**bytes, first);
  }
}

TEST(Frame, RefusesNegativeAndHugeLengths) {
  for (const int32_t length : {-1, INT32_MIN, kFrameBytesMax + 1, INT32_MAX}) {
    std::string stream;
    append_be(stream, length);
    EXPECT_FALSE(frame_bytes(stream)) << length;
  }
  std::string stream;
  append_be(stream, kFrameBytesMax);
  EXPECT_EQ(**frame_bytes(stream), kFramePrefixBytes + size_t(kFrameBytesMax));
}

TEST(Frame, RequestsComeBackInEveryVersion) {
  for (int16_t version = 0; version <= 4; ++version) {
    std::string frame;
    const HeartbeatRequest request{"group", 7, "member", {}};
    append_request(frame, {.api_version = version, .correlation_id = 99, .client_id = "me"},
                   request);
    EXPECT_EQ(**frame_bytes(frame), frame.size());
    std::string_view rest = without_prefix(frame);
    const auto header = take_request_header(rest);
    ASSERT_TRUE(header);
    EXPECT_EQ(*header, (RequestHeader{12, version, 99, "me"}));
    EXPECT_EQ(*decode<HeartbeatRequest>(rest, version), request);
    for (size_t cut = 0; cut + rest.size() < frame.size() - kFramePrefixBytes; ++cut) {
      std::string_view short_of = without_prefix(frame).substr(0, cut);
      EXPECT_FALSE(take_request_header(short_of));
    }
  }
}

TEST(Frame, ResponsesComeBackInEveryVersion) {
  const Api& api = api_of(ApiKey::kHeartbeat);
  for (int16_t version = 0; version <= 4; ++version) {
    std::string frame;
    const HeartbeatResponse response{.error = ErrorCode::kRebalanceInProgress};
    append_response(frame, version, 41, response);
    std::string_view rest = without_prefix(frame);
    EXPECT_EQ(*take_response_header(rest, api, version), 41);
    EXPECT_EQ(*decode<HeartbeatResponse>(rest, version), response);
  }
}

TEST(Frame, HeaderOfAnUnknownApiIsStillRead) {
  std::string bytes;
  append_be<int16_t>(bytes, 999);
  append_be<int16_t>(bytes, 3);
  append_be<int32_t>(bytes, 5);
  append_be<int16_t>(bytes, -1);
  std::string_view rest = bytes;
  const auto header = take_request_header(rest);
  ASSERT_TRUE(header);
  EXPECT_EQ(find_api(header->api_key), nullptr);
  EXPECT_EQ(header->client_id, std::nullopt);
}

TEST(ApiVersions, ResponseHeaderStaysPlain) {
  std::string frame;
  append_response(frame, 3, 1, api_versions());
  std::string_view rest = without_prefix(frame);
  EXPECT_EQ(*take_response_header(rest, api_of(ApiKey::kApiVersions), 3), 1);
  EXPECT_EQ(*decode<ApiVersionsResponse>(rest, 3), api_versions());
}

TEST(ApiVersions, RefusalIsReadableInVersionZeroAndNamesItself) {
  std::string frame;
  append_api_versions_refusal(frame, 6);
  // Length, correlation id, error 35, one entry: key 18, versions 0 to 3; no throttle time.
  const std::string expected(
      "\0\0\0\x10"
      "\0\0\0\x06"
      "\0\x23"
      "\0\0\0\x01"
      "\0\x12\0\0\0\x03",
      20);
  EXPECT_EQ(frame, expected);
}

TEST(ApiVersions, SaysWhatClientsTestFor) {
  const auto range = [](ApiKey key) {
    for (const auto& api : api_versions().apis)
      if (api.api_key == int16_t(key)) return std::pair(api.min_version, api.max_version);
    return std::pair(int16_t(-1), int16_t(-1));
  };
  EXPECT_EQ(range(ApiKey::kProduce).first, 0);
  EXPECT_LE(range(ApiKey::kFetch).first, 4);
  EXPECT_GE(range(ApiKey::kFetch).second, 12);
  EXPECT_EQ(range(ApiKey::kFindCoordinator).first, 0);
  for (const Api& api : apis()) EXPECT_LE(api.first_advertised, api.first) << api.name;
}

TEST(Codec, RecordsAreAViewIntoTheFrame) {
  ProduceRequest request;
  request.topics = {{"t", {{0, "record bytes"}}}};
  std::string bytes;
  encode(bytes, request, 9);
  const auto back = decode<ProduceRequest>(bytes, 9);
  const auto records = *back->topics[0].partitions[0].records;
  EXPECT_EQ(records, "record bytes");
  EXPECT_GE(records.data(), bytes.data());
  EXPECT_LE(records.data() + records.size(), bytes.data() + bytes.size());
}

TEST(Codec, NullBecomesEmptyWhereAVersionHasNoNull) {
  MetadataRequest all;
  std::string bytes;
  encode(bytes, all, 0);
  EXPECT_TRUE(decode<MetadataRequest>(bytes, 0)->topics->empty());
  bytes.clear();
  encode(bytes, all, 1);
  EXPECT_FALSE(decode<MetadataRequest>(bytes, 1)->topics.has_value());
  EXPECT_FALSE(decode<MetadataRequest>(std::string(4, '\xff'), 0)) << "null list in version 0";
}

TEST(Codec, UnknownTagsAreSkipped) {
  std::string bytes;
  encode(bytes, HeartbeatResponse{}, 4);
  bytes.back() = 1;        // one tagged field
  bytes += "\x07\x03xyz";  // tag 7, three bytes
  EXPECT_TRUE(decode<HeartbeatResponse>(bytes, 4));
  bytes.back() = 1;
  bytes.pop_back();
  EXPECT_FALSE(decode<HeartbeatResponse>(bytes, 4));
}

TEST(Codec, CountsBeyondTheBytesThatAreThereAllocateNothing) {
  std::string bytes;
  append_be<int32_t>(bytes, INT32_MAX);
  EXPECT_FALSE(decode<MetadataRequest>(bytes, 1));
  // As many as there are bytes, each an empty element: still bounded.
  bytes.clear();
  append_be<int32_t>(bytes, 4'000'000);
  bytes.append(8'000'000, '\0');
  EXPECT_FALSE(decode<MetadataRequest>(bytes, 1));
}

TEST(Codec, RefusesAVersionThatIsNotServed) {
  EXPECT_FALSE(decode<HeartbeatRequest>("", 5));
  EXPECT_FALSE(decode<HeartbeatRequest>("", -1));
  EXPECT_FALSE(decode<ProduceRequest>("", 2));
}

TEST(ErrorCode, HasKafkasNames) {
  EXPECT_EQ(to_text(ErrorCode::kUnknownTopicOrPartition), "UNKNOWN_TOPIC_OR_PARTITION(3)");
  EXPECT_EQ(to_text(ErrorCode::kUnknownServerError), "UNKNOWN_SERVER_ERROR(-1)");
  EXPECT_EQ(to_text(ErrorCode::kInconsistentClusterId), "INCONSISTENT_CLUSTER_ID(104)");
  EXPECT_EQ(to_text(ErrorCode(9999)), "(9999)");
}

}  // namespace
}  // namespace weir::wire
