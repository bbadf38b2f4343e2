#include "weir/broker/fetch_frame.h"

#include <gtest/gtest.h>

#include "weir/sys/fake_disk.h"
#include "weir/wire/frame.h"
#include "weir/wire/messages/fetch.h"

namespace weir::broker {
namespace {

std::string flatten(const Reply& reply) {
  std::string all;
  for (const auto& part : reply.parts) {
    if (const auto* bytes = std::get_if<std::string>(&part)) {
      all += *bytes;
      continue;
    }
    const auto& range = std::get<FileRange>(part);
    std::string bytes(range.size, '\0');
    EXPECT_EQ(range.size, range.file->read_at(range.at, bytes.data(), bytes.size()).value());
    all += bytes;
  }
  return all;
}

TEST(FetchFrame, HasTheBytesOfTheWireCodec) {
  FakeDisk disk;
  std::shared_ptr<File> file = disk.open("segment").value();
  std::string content;
  for (int i = 0; i < 100'000; ++i) content.push_back(char(i * 7));
  ASSERT_TRUE(file->append(content).has_value());
  const auto slice = [&](uint64_t at, uint64_t size) { return log::Slice{file, at, size}; };
  std::vector<FetchedTopic> topics = {
      {"events",
       {{0, wire::ErrorCode::kNone, 12, 3, slice(10, 50'000)},
        {1, wire::ErrorCode::kOffsetOutOfRange, 9, 1, {}},
        {2, wire::ErrorCode::kNone, 7, 0, slice(99'000, 1000)}}},
      {"other", {{7, wire::ErrorCode::kNone, 1, 0, slice(0, 70'000)}}}};
  wire::FetchResponse expected;
  for (const auto& topic : topics) {
    auto& answer = expected.topics.emplace_back();
    answer.name = topic.name;
    for (const auto& from : topic.partitions) {
      auto& to = answer.partitions.emplace_back();
      to.partition = from.partition;
      to.error = from.error;
      to.high_watermark = to.last_stable_offset = from.high_watermark;
      to.log_start_offset = from.log_start;
      to.aborted_transactions.emplace();
      to.records = std::string_view(content).substr(from.slice.position, from.slice.size);
    }
  }
  const auto& api = wire::api_of(wire::ApiKey::kFetch);
  for (int16_t version = api.first; version <= api.last; ++version) {
    std::string frame;
    wire::append_response(frame, version, 77, expected);
    EXPECT_EQ(frame, flatten(fetch_reply(version, 77, wire::ErrorCode::kNone, topics))) << version;
  }
}

TEST(FetchFrame, AnswersAnUnknownSessionWithoutTopics) {
  wire::FetchResponse expected;
  expected.error = wire::ErrorCode::kFetchSessionIdNotFound;
  std::string frame;
  wire::append_response(frame, 11, 5, expected);
  EXPECT_EQ(frame, flatten(fetch_reply(11, 5, wire::ErrorCode::kFetchSessionIdNotFound, {})));
}

}  // namespace
}  // namespace weir::broker
