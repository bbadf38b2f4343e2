#include "weir/event/event.h"

#include <gtest/gtest.h>

#include <random>

#include "weir/base/crc32c.h"

// Golden values: event_goldens.py.
namespace weir {
namespace {

std::string event_text(uint64_t i, int size) {
  const Nanos due(1'700'000'000'123'456'789 + int64_t(i) * 1'000'003);
  const EventId id = EventId::make(due, 9000, uint32_t(i / 4 % 7), i / 28 * 4 + i % 4);
  const EventEncoder encoder(size);
  std::string text(encoder.bytes_max(), '\0');
  text.resize(size_t(encoder.encode(text.data(), id, i, due) - text.data()));
  return text;
}

TEST(EventId, LaysOutItsBitsAsAUuidOfVersion7) {
  const EventId id = EventId::make(Nanos(1'700'000'000'123'456'789), 0x2ABC, 0x123, 0x9'8765'4321);
  EXPECT_EQ(id.text(), "018bcfe5-687b-774f-aabc-123987654321");
  EXPECT_TRUE(id.is_ours());
  EXPECT_EQ(id.producer(), 0x2ABCu);
  EXPECT_EQ(id.partition(), 0x123u);
  EXPECT_EQ(id.sequence(), 0x9'8765'4321u);
  EXPECT_EQ(id.due(), Nanos(1'700'000'000'123'456'788));
}

TEST(EventId, KeepsTheDueTimeToAQuarterOfAMicrosecondAndNeverLater) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 10'000; ++i) {
    const Nanos due(int64_t(random() % 4'000'000'000'000'000'000));
    const EventId id = EventId::make(due, 1, 2, 3);
    EXPECT_LE(id.due(), due);
    EXPECT_LT(due - id.due(), Nanos(245));
    EXPECT_EQ(EventId::make(id.due(), 1, 2, 3), id);
  }
}

TEST(EventId, CountsATimeBefore1970DownwardsToItsMillisecond) {
  const EventId id = EventId::make(Nanos(-1), 0, 0, 0);
  EXPECT_EQ(id.high & 0xFFF, 4095u);
  EXPECT_EQ(id.high >> 16, 0xFFFF'FFFF'FFFFu);
}

TEST(EventId, HoldsItsLimits) {
  const auto id = EventId::parse("ffffffff-ffff-7fff-bfff-ffffffffffff");
  ASSERT_TRUE(id);
  EXPECT_TRUE(id->is_ours());
  EXPECT_EQ(id->producer(), uint32_t(EventId::kProducers - 1));
  EXPECT_EQ(id->partition(), uint32_t(EventId::kPartitions - 1));
  EXPECT_EQ(id->sequence(), (uint64_t{1} << 36) - 1);
  EXPECT_GT(id->due(), Nanos(0));  // beyond what Nanos holds: saturated
}

TEST(EventId, ParsesCanonicalTextInEitherCaseAndNothingElse) {
  const std::string text = "018bcfe5-687b-774f-aabc-123987654321";
  const auto id = EventId::parse(text);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->text(), text);
  EXPECT_EQ(EventId::parse("018BCFE5-687B-774F-AABC-123987654321"), id);
  EXPECT_FALSE(EventId::parse("550e8400-e29b-41d4-a716-446655440000")->is_ours());  // a uuid4
  for (size_t i = 0; i < text.size(); ++i)
    for (char wrong : {'g', ' ', '\0', '\xFF', '/', ':', '@', '`'}) {
      std::string bad = text;
      bad[i] = wrong;
      EXPECT_FALSE(EventId::parse(bad)) << bad;
      EXPECT_FALSE(EventId::parse(text.substr(0, i)));
    }
  EXPECT_FALSE(EventId::parse(text + "0"));
  EXPECT_FALSE(EventId::parse("018bcfe5-687b-774f-aabc1-23987654321"));
}

TEST(EventId, RandomOnesSurviveTheirText) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 10'000; ++i) {
    const EventId id{random(), random()};
    EXPECT_EQ(EventId::parse(id.text()), id);
  }
}

TEST(EventEncoder, WritesWhatPythonsJsonDumpsWrites) {
  EXPECT_EQ(
      event_text(12345, 200),
      "{\"event_id\": \"018bcfe5-98b4-77e6-a328-0060000006e1\", \"created_ts\": 1700000012468, "
      "\"user_id\": 2345, \"event_type\": \"view\", \"value\": 34.5, \"payload\": \"" +
          std::string(80, 'x') + "\"}");
  uint32_t crc = 0;
  for (uint64_t i = 0; i < 20'000; ++i) crc = crc32c(event_text(i, 200) + "\n", crc);
  EXPECT_EQ(crc, 0xe2acb377u);
}

TEST(EventEncoder, AFullWidthClickOfSize200Has231Bytes) {
  EXPECT_EQ(event_text(1236, 200).size(), 231u);  // user 1236, click, 23.6
}

TEST(EventEncoder, LeavesThePayloadEmptyBelow120) {
  EXPECT_EQ(
      event_text(3, 0),
      "{\"event_id\": \"018bcfe5-687e-774f-a328-000000000003\", \"created_ts\": 1700000000126, "
      "\"user_id\": 3, \"event_type\": \"login\", \"value\": 0.3, \"payload\": \"\"}");
  EXPECT_EQ(event_text(3, -5), event_text(3, 120));
}

TEST(EventEncoder, NeverExceedsItsBound) {
  const EventEncoder encoder(200);
  for (int64_t due : {int64_t{0}, int64_t{INT64_MAX}, int64_t{INT64_MIN}}) {
    std::string text(encoder.bytes_max(), '\0');
    const char* end = encoder.encode(text.data(), EventId(), 9998, Nanos(due));
    EXPECT_LE(size_t(end - text.data()), encoder.bytes_max());
  }
}

TEST(EventEncoder, WritesAnotherUserAndPayload) {
  const EventEncoder encoder(200);
  const Nanos due(1'700'000'000'123'456'789);
  std::string text(encoder.bytes_max(), '\0');
  const std::string payload(EventEncoder::payload_bytes(200), 'q');
  const char* end = encoder.encode(text.data(), EventId(), 7, due, 12'345'678, payload);
  text.resize(size_t(end - text.data()));
  std::string usual(encoder.bytes_max(), '\0');
  end = encoder.encode(usual.data(), EventId(), 7, due);
  usual.resize(size_t(end - usual.data()));
  usual.replace(usual.find("\"user_id\": 7"), 12, "\"user_id\": 12345678");
  std::replace(usual.begin() + ptrdiff_t(usual.find("payload") + 9), usual.end(), 'x', 'q');
  EXPECT_EQ(text, usual);
}

TEST(PartitionOf, RoundRobinKeepsTypesAndPartitionsApart) {
  for (uint64_t i = 0; i < 48; ++i) EXPECT_EQ(partition_of(i, 4), PartitionId(int32_t(i / 4 % 4)));
}

TEST(PartitionOf, UserIdHashesAsKafkaDoes) {
  const std::pair<uint64_t, int> known[] = {{0, 964},    {7, 2419},    {42, 3180},
                                            {999, 1639}, {1234, 2836}, {9999, 728}};
  for (const auto& [user, partition] : known)
    EXPECT_EQ(partition_of_key(std::to_string(user), 4096), PartitionId(partition)) << user;
  uint32_t fold = 0;
  for (uint64_t user = 0; user < 10'000; ++user)
    fold = fold * 31 + uint32_t(partition_of_key(std::to_string(user), 12).value);
  EXPECT_EQ(fold, 4037219425u);
}

TEST(UserIdText, IsTheDecimalNumberWithoutLeadingZeros) {
  char text[16];
  for (uint32_t user : {0, 9, 10, 99, 100, 999, 1000, 9999, 10'000, 123'456, 99'999'999})
    EXPECT_EQ(user_id_text(user, text), std::to_string(user));
}

}  // namespace
}  // namespace weir
