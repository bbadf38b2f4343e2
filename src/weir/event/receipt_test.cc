#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "weir/event/result.h"

namespace weir {
namespace {

EventId id_at(uint64_t sequence, uint32_t producer = 1, uint32_t partition = 0) {
  return EventId::make(Nanos(1'700'000'000'000'000'000 + int64_t(sequence) * 1000), producer,
                       partition, sequence);
}

Receipt collected(const std::vector<EventId>& ids) {
  IdCollector collector;
  for (const auto& id : ids) collector.add(id);
  Receipt receipt;
  collector.write_to(receipt);
  return receipt;
}

TEST(IdCollector, MakesOneRangeOfDenseIdsPerProducerAndPartition) {
  std::vector<EventId> ids;
  for (uint64_t i = 0; i < 100; ++i)
    for (uint32_t lane = 0; lane < 4; ++lane)
      ids.push_back(id_at(i + lane, 5 + lane / 2, lane % 2));
  const Receipt receipt = collected(ids);
  EXPECT_EQ(receipt.ranges,
            (std::vector<IdRange>{{5, 0, 0, 99}, {5, 1, 1, 100}, {6, 0, 2, 101}, {6, 1, 3, 102}}));
  EXPECT_EQ(receipt.repeated, 0);
  EXPECT_EQ(receipt.inverted, 0);
}

TEST(IdCollector, ASwapIsOneInversionThatNamesTheLateId) {
  const Receipt receipt = collected({id_at(0), id_at(2), id_at(1), id_at(3)});
  EXPECT_EQ(receipt.ranges, (std::vector<IdRange>{{1, 0, 0, 3}}));
  EXPECT_EQ(receipt.inverted, 1);
  EXPECT_EQ(receipt.inversions, std::vector<EventId>{id_at(1)});
  EXPECT_EQ(receipt.repeated, 0);
}

TEST(IdCollector, ARepeatIsNamedAndIsNoInversion) {
  const Receipt receipt = collected({id_at(0), id_at(1), id_at(2), id_at(1), id_at(3), id_at(3)});
  EXPECT_EQ(receipt.ranges, (std::vector<IdRange>{{1, 0, 0, 3}}));
  EXPECT_EQ(receipt.repeats, (std::vector<EventId>{id_at(1), id_at(3)}));
  EXPECT_EQ(receipt.repeated, 2);
  EXPECT_EQ(receipt.inverted, 0);
}

TEST(IdCollector, ALateIdThatComesAgainIsARepeatTheSecondTime) {
  const Receipt receipt = collected({id_at(0), id_at(5), id_at(2), id_at(2)});
  EXPECT_EQ(receipt.ranges, (std::vector<IdRange>{{1, 0, 0, 0}, {1, 0, 2, 2}, {1, 0, 5, 5}}));
  EXPECT_EQ(receipt.inversions, std::vector<EventId>{id_at(2)});
  EXPECT_EQ(receipt.repeats, std::vector<EventId>{id_at(2)});
}

TEST(IdCollector, NamesTheFirstThousandAndCountsAll) {
  std::vector<EventId> ids{id_at(5000)};
  for (uint64_t i = 0; i < 2000; ++i) ids.insert(ids.end(), {id_at(i), id_at(i)});
  const Receipt receipt = collected(ids);
  EXPECT_EQ(receipt.inverted, 2000);
  EXPECT_EQ(receipt.inversions.size(), 1000u);
  EXPECT_EQ(receipt.repeated, 2000);
  EXPECT_EQ(receipt.repeats.size(), 1000u);
}

// Any cut of one reading into workers' parts, merged in order, gives what one worker would.
TEST(IdCollector, MergingPartsEqualsReadingInOne) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 300; ++round) {
    std::vector<EventId> ids;
    for (int i = 0; i < 60; ++i) ids.push_back(id_at(random() % 40, 1, uint32_t(random() % 2)));
    const Receipt whole = collected(ids);
    IdCollector merged;
    for (size_t at = 0; at < ids.size();) {
      IdCollector part;
      for (size_t end = std::min(ids.size(), at + random() % 25); at < end; ++at) part.add(ids[at]);
      merged.merge(std::move(part));
      if (at < ids.size()) merged.add(ids[at++]);
    }
    Receipt joined;
    const IdCollector moved = std::move(merged);
    moved.write_to(joined);
    ASSERT_EQ(joined.ranges, whole.ranges);
    ASSERT_EQ(joined.repeated, whole.repeated);
    ASSERT_EQ(joined.inverted, whole.inverted);
    const auto sequences = [](const std::vector<EventId>& named) {
      std::multiset<uint64_t> lows;
      for (const auto& id : named) lows.insert(id.low);
      return lows;
    };
    ASSERT_EQ(sequences(joined.inversions), sequences(whole.inversions));
    ASSERT_EQ(sequences(joined.repeats), sequences(whole.repeats));
  }
}

TEST(IdCollector, ClearForgetsEverything) {
  IdCollector collector;
  collector.add(id_at(1));
  collector.add(id_at(1));
  collector.clear();
  collector.add(id_at(1));
  Receipt receipt;
  collector.write_to(receipt);
  EXPECT_EQ(receipt.repeated, 0);
  EXPECT_EQ(receipt.ranges, (std::vector<IdRange>{{1, 0, 1, 1}}));
}

Receipt sample() {
  Receipt receipt = collected({id_at(0), id_at(2), id_at(1), id_at(3), id_at(3), id_at(7, 2, 3)});
  receipt.query = "0a1b2c3d-0000-4000-8000-000000000001";
  receipt.batch = 12;
  receipt.attempt = 3;
  receipt.reference = Nanos(1'700'000'000'123'456'789);
  receipt.ages.record(1234);
  receipt.ages.record(777'777);
  receipt.ages.record(Histogram::kHighestMicros + 5);
  receipt.negatives = 2;
  receipt.events = 9;
  receipt.malformed = 1;
  receipt.foreign = 1;
  receipt.input_end = {{0, 100}, {3, 250}};
  return receipt;
}

TEST(Receipt, SurvivesItsJson) {
  const Receipt sent = sample();
  const auto read = receipt_from_json(to_json(sent));
  ASSERT_TRUE(read) << to_text(read.error());
  EXPECT_EQ(to_json(*read), to_json(sent));
  EXPECT_EQ(read->query, sent.query);
  EXPECT_EQ(read->reference, sent.reference);
  EXPECT_EQ(read->ranges, sent.ranges);
  EXPECT_EQ(read->inversions, sent.inversions);
  EXPECT_EQ(read->repeats, sent.repeats);
  EXPECT_EQ(read->input_end, sent.input_end);
  EXPECT_EQ(read->ages.total(), 2);
  EXPECT_EQ(read->ages.overflow(), 1);
  EXPECT_EQ(read->ages.max(), Histogram::kHighestMicros + 5);
  EXPECT_EQ(read->ages.min(), 1234);
  EXPECT_EQ(read->negatives, 2);
}

TEST(Receipt, OfNoEventsIsAReceiptToo) {
  const auto read = receipt_from_json(to_json(Receipt()));
  ASSERT_TRUE(read) << to_text(read.error());
  EXPECT_TRUE(read->ranges.empty());
}

TEST(Receipt, RefusesWhatIsNoneAndSaysWhichFieldIsWrong) {
  for (const char* text : {"", "null", "[]", "{}", "{\"schema\":\"weir.receipt/2\"}", "\xFF"})
    EXPECT_EQ(receipt_from_json(text).error().code, Code::kCorrupt) << text;
  const std::string good = to_json(sample());
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string bad = good;
    bad.replace(bad.find(from), from.size(), to);
    const auto read = receipt_from_json(bad);
    return read ? "accepted" : read.error().why;
  };
  EXPECT_NE(with("\"events\":9", "\"events\":-9").find("events"), std::string::npos);
  EXPECT_NE(with("\"batch\":12", "\"batch\":1e999").find("JSON"), std::string::npos);
  EXPECT_NE(with("[1,0,0,3]", "[1,0,3,0]").find("ranges"), std::string::npos);
  EXPECT_NE(with("[1,0,0,3]", "[3,0,0,3]").find("ranges"), std::string::npos);
  EXPECT_NE(with("[1,0,0,3]", "[1,0,0,3],[1,0,3,4]").find("ranges"), std::string::npos);
  EXPECT_NE(with("[1,0,0,3]", "[16384,0,0,3]").find("ranges"), std::string::npos);
  EXPECT_NE(with("[0,100]", "[0,-100]").find("input_end"), std::string::npos);
  for (size_t size = 0; size < good.size(); size += 7)
    EXPECT_FALSE(receipt_from_json(good.substr(0, size)));
}

}  // namespace
}  // namespace weir
