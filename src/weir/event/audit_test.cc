#include "weir/event/audit.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

namespace weir {
namespace {

constexpr int64_t kStart = 1'700'000'000'000'000'000;
Nanos due(uint64_t sequence) { return Nanos(kStart + int64_t(sequence) * 1'000'000); }

EventId id(uint64_t sequence, uint32_t producer = 7, uint32_t partition = 0) {
  return EventId::make(due(sequence), producer, partition, sequence);
}

Ledger ledger(std::vector<LedgerRange> ranges, uint32_t producer = 7) {
  Ledger ledger;
  ledger.producer = producer;
  ledger.first_due = due(0);
  ledger.last_due = due(1'000'000);
  ledger.ranges = std::move(ranges);
  return ledger;
}

Ledger acked(uint64_t last, uint32_t producer = 7) {
  return ledger({{0, 0, last, Outcome::kAcked}}, producer);
}

std::vector<uint64_t> sequences(const std::vector<NamedId>& named) {
  std::vector<uint64_t> found;
  for (const auto& one : named) found.push_back(one.id.sequence());
  return found;
}
using Sequences = std::vector<uint64_t>;

// Accepted forward records in offset order; each is (sequence, batch).
AuditSet forwarded(const std::vector<std::pair<uint64_t, int64_t>>& records) {
  AuditSet set;
  int64_t offset = 0;
  for (const auto& [sequence, batch] : records) set.add(id(sequence), {0, offset++, batch});
  return set;
}

Receipt receipt(int64_t batch, const std::vector<uint64_t>& sequences) {
  IdCollector collector;
  for (uint64_t sequence : sequences) collector.add(id(sequence));
  Receipt receipt;
  receipt.batch = batch;
  collector.write_to(receipt);
  return receipt;
}

TEST(AuditSet, ACleanRunIsWithoutFindings) {
  AuditSet set;
  for (uint64_t i = 0; i < 1000; ++i) set.add(id(i), {0, int64_t(i), int64_t(i / 100)});
  const AuditReport report = set.judge({acked(999)}, true);
  EXPECT_EQ(report.sent, 1000u);
  EXPECT_EQ(report.acked, 1000u);
  EXPECT_EQ(report.processed, 1000u);
  EXPECT_EQ(report.lost + report.duplicated + report.reordered + report.foreign + report.pending,
            0u);
  EXPECT_TRUE(report.complete);
  EXPECT_TRUE(is_within_bounds(report));
}

// One missing, one repeat within a batch, one across batches and one swap: exactly these are named.
TEST(AuditSet, NamesExactlyThePlantedErrorsOfForward) {
  const AuditSet set = forwarded({{0, 1},
                                  {1, 1},
                                  {2, 1},
                                  {1, 1},  // 1 again in its batch
                                  {3, 2},
                                  {5, 2},
                                  {4, 2},
                                  {6, 2},
                                  {0, 2},  // 5 and 4 swapped; 0 again
                                  {8, 3},
                                  {9, 3}});  // 7 is missing
  const AuditReport report = set.judge({acked(9)}, true);
  EXPECT_EQ(report.lost, 1u);
  EXPECT_EQ(sequences(report.lost_ids), Sequences{7});
  EXPECT_EQ(report.lost_ids[0].id.producer(), 7u);
  EXPECT_EQ(report.duplicated, 2u);
  ASSERT_EQ(sequences(report.duplicated_ids), (Sequences{1, 0}));
  EXPECT_EQ(report.duplicated_ids[0].origin, "sink or producer retry");
  EXPECT_EQ(report.duplicated_ids[0].seen.offset, 3);
  EXPECT_EQ(report.duplicated_ids[0].id, id(1));
  EXPECT_EQ(report.duplicated_ids[1].origin, "replay");
  EXPECT_EQ(report.duplicated_ids[1].seen.batch, 2);
  EXPECT_EQ(report.reordered, 1u);
  ASSERT_EQ(sequences(report.reordered_ids), Sequences{4});
  EXPECT_EQ(report.reordered_ids[0].seen.offset, 6);
  EXPECT_EQ(report.processed, 9u);
  EXPECT_EQ(report.foreign, 0u);
}

TEST(AuditSet, NamesExactlyThePlantedErrorsOfReceipts) {
  AuditSet set;
  // The batches' receipts are read out of order, as output partitions allow.
  set.add(receipt(3, {8, 9}), {0, 3, -1});
  set.add(receipt(1, {0, 1, 2, 1}), {1, 0, -1});
  set.add(receipt(2, {3, 5, 4, 6, 0}), {2, 5, -1});
  const AuditReport report = set.judge({acked(9)}, true);
  EXPECT_EQ(sequences(report.lost_ids), Sequences{7});
  ASSERT_EQ(report.duplicated, 2u);
  ASSERT_EQ(sequences(report.duplicated_ids), (Sequences{1, 0}));
  EXPECT_EQ(report.duplicated_ids[0].origin, "producer retry");
  EXPECT_EQ(report.duplicated_ids[1].origin, "replay");
  EXPECT_EQ(report.duplicated_ids[1].seen.offset, 5);
  EXPECT_EQ(report.reordered, 1u);  // 0 lies below 5 in its batch too, but is a copy
  EXPECT_EQ(sequences(report.reordered_ids), Sequences{4});
  EXPECT_EQ(report.processed, 9u);
}

// The same outputs, whichever receipt is read first, give the same counts.
TEST(AuditSet, TheOrderInWhichReceiptsAreReadChangesNoCount) {
  std::mt19937_64 random(21);
  for (int round = 0; round < 100; ++round) {
    std::vector<Receipt> receipts;
    std::vector<int> times(40, 0);
    uint64_t duplicated = 0, reordered = 0, highest = 0;
    for (int64_t batch = 0; batch < 4; ++batch) {
      std::vector<uint64_t> read;
      for (int i = 0; i < 10; ++i) {
        const uint64_t sequence = random() % 40;
        read.push_back(sequence);
        if (times[sequence]++ > 0)
          ++duplicated;
        else if (sequence < highest)
          ++reordered;
        highest = std::max(highest, sequence);
      }
      receipts.push_back(receipt(batch, read));
    }
    std::shuffle(receipts.begin(), receipts.end(), random);
    AuditSet set;
    for (size_t i = 0; i < receipts.size(); ++i) set.add(receipts[i], {0, int64_t(i), -1});
    const AuditReport report = set.judge({acked(39)}, true);
    EXPECT_EQ(report.duplicated, duplicated);
    EXPECT_EQ(report.reordered, reordered);
    EXPECT_EQ(report.reordered_ids.size(), reordered);
    EXPECT_EQ(report.lost, uint64_t(std::count(times.begin(), times.end(), 0)));
  }
}

TEST(AuditSet, ASwapWithinABatchIsOneInversionAndNothingElse) {
  AuditSet set;
  set.add(receipt(1, {0, 1, 3, 2, 4}), {0, 0, -1});
  const AuditReport report = set.judge({acked(4)}, true);
  EXPECT_EQ(report.reordered, 1u);
  EXPECT_EQ(sequences(report.reordered_ids), Sequences{2});
  EXPECT_EQ(report.reordered_ids[0].id, id(2));
  EXPECT_EQ(report.lost + report.duplicated + report.foreign, 0u);
}

TEST(AuditSet, ASwapAcrossReceiptsNamesTheOneThatCameLate) {
  AuditSet set;
  set.add(receipt(1, {0, 1, 3}), {0, 0, -1});
  set.add(receipt(2, {2, 4}), {1, 0, -1});
  const AuditReport report = set.judge({acked(4)}, true);
  EXPECT_EQ(report.reordered, 1u);
  EXPECT_EQ(sequences(report.reordered_ids), Sequences{2});
  EXPECT_EQ(report.reordered_ids[0].seen.batch, 2);
  EXPECT_EQ(report.lost + report.duplicated, 0u);
}

TEST(AuditSet, OrderIsJudgedWithinAnOutputPartitionOnly) {
  AuditSet set;
  set.add(id(5), {0, 0, 1});
  set.add(id(1), {1, 0, 1});
  set.add(id(6), {0, 1, 1});
  set.add(id(2), {1, 1, 1});
  set.add(id(0), {1, 2, 1});
  const AuditReport report = set.judge({acked(6)}, false);
  EXPECT_EQ(sequences(report.reordered_ids), Sequences{0});
}

TEST(AuditSet, ABatchWrittenTwiceIsDuplicatedWhole) {
  AuditSet set;
  std::vector<uint64_t> all(3000);
  for (uint64_t i = 0; i < all.size(); ++i) all[i] = i;
  set.add(receipt(4, all), {0, 0, -1});
  set.add(receipt(4, all), {0, 1, -1});
  const AuditReport report = set.judge({acked(2999)}, true);
  EXPECT_EQ(report.duplicated, 3000u);
  EXPECT_EQ(report.duplicated_ids.size(), 1000u);
  EXPECT_EQ(report.duplicated_ids[999].origin, "sink");
  EXPECT_EQ(report.reordered, 0u);
  EXPECT_EQ(report.processed, 3000u);
}

TEST(AuditSet, MissingIdsArePendingUntilTheDrainIsComplete) {
  const AuditSet set = forwarded({{0, 1}, {1, 1}});
  const AuditReport report = set.judge({acked(9)}, false);
  EXPECT_EQ(report.pending, 8u);
  EXPECT_EQ(report.lost, 0u);
  EXPECT_TRUE(report.lost_ids.empty());
  EXPECT_FALSE(report.complete);
}

TEST(AuditSet, UnknownOutcomesMayShowUpOrNot) {
  const AuditSet set = forwarded({{0, 1}, {1, 1}, {2, 1}, {5, 1}});
  const AuditReport report = set.judge(
      {ledger(
          {{0, 0, 2, Outcome::kAcked}, {0, 3, 4, Outcome::kFailed}, {0, 5, 9, Outcome::kUnknown}})},
      true);
  EXPECT_EQ(report.acked, 3u);
  EXPECT_EQ(report.failed, 2u);
  EXPECT_EQ(report.unknown, 5u);
  EXPECT_EQ(report.processed, 4u);
  EXPECT_EQ(report.lost, 0u);
  EXPECT_TRUE(is_within_bounds(report));
  EXPECT_EQ(report.foreign, 0u);
}

TEST(AuditSet, BoundsAreBrokenByLossAndByFailedEventsThatShowUp) {
  const Ledger of_three = ledger({{0, 0, 1, Outcome::kAcked}, {0, 2, 2, Outcome::kFailed}});
  EXPECT_FALSE(is_within_bounds(forwarded({{0, 1}}).judge({of_three}, true)));
  EXPECT_FALSE(is_within_bounds(forwarded({{0, 1}, {1, 1}, {2, 1}}).judge({of_three}, true)));
}

TEST(AuditSet, IdsOfOtherRunsAreForeign) {
  AuditSet set = forwarded({{0, 1}, {1, 1}});
  set.add(*EventId::parse("550e8400-e29b-41d4-a716-446655440000"), {0, 9, 1});  // a uuid4
  set.add(id(0, 8), {0, 10, 1});  // a producer without ledger
  set.add(id(5), {0, 11, 1});     // handed over by nobody
  set.add_foreign(3);
  set.add(EventId::make(Nanos(kStart - 1'000'000'000), 7, 0, 1'000), {0, 12, 1});  // due before
  const AuditReport report = set.judge({acked(1)}, true);
  EXPECT_EQ(report.processed, 2u);
  EXPECT_EQ(report.foreign, 7u);
  EXPECT_EQ(report.lost + report.duplicated, 0u);
}

TEST(AuditSet, AnOlderRunsIdsOfTheSameNumberHideNoLoss) {
  AuditSet set;
  const auto older = [](uint64_t i) {
    return EventId::make(Nanos(kStart / 2 + int64_t(i)), 7, 0, i);
  };
  for (uint64_t i = 0; i < 10; ++i) set.add(older(i), {0, int64_t(i), 1});
  for (uint64_t i = 0; i < 10; ++i)
    if (i != 4) set.add(id(i), {0, int64_t(10 + i), 2});
  const AuditReport report = set.judge({acked(9)}, true);
  EXPECT_EQ(report.foreign, 10u);
  EXPECT_EQ(report.duplicated, 0u);
  EXPECT_EQ(report.reordered, 0u);
  EXPECT_EQ(sequences(report.lost_ids), Sequences{4});
  EXPECT_EQ(report.processed, 9u);
}

TEST(AuditSet, TheFirstEventOfALedgerIsNotForeignForItsRounding) {
  AuditSet set;
  Ledger ledger = acked(0);
  ledger.first_due = ledger.last_due = Nanos(kStart + 243);
  set.add(EventId::make(ledger.first_due, 7, 0, 0), {0, 0, 0});
  EXPECT_EQ(set.judge({ledger}, true).processed, 1u);
}

TEST(AuditSet, CountsBeyondWhatAReceiptNames) {
  Receipt many = receipt(1, {0, 1, 2});
  many.repeated = 5;
  many.inverted = 2;
  many.foreign = 4;
  many.malformed = 3;
  AuditSet set;
  set.add(many, {0, 0, -1});
  const AuditReport report = set.judge({acked(2)}, true);
  EXPECT_EQ(report.duplicated, 5u);
  EXPECT_EQ(report.reordered, 2u);
  EXPECT_EQ(report.foreign, 4u);
  EXPECT_EQ(report.malformed, 3u);
}

// Against a model that remembers every record.
TEST(AuditSet, AgreesWithAModelOnRandomOutputs) {
  std::mt19937_64 random(12);
  for (int round = 0; round < 200; ++round) {
    AuditSet set;
    std::vector<int> times(60, 0);
    uint64_t reordered = 0, duplicated = 0, highest = 0;
    for (int64_t offset = 0; offset < 80; ++offset) {
      const uint64_t sequence = random() % 60;
      set.add(id(sequence), {0, offset, int64_t(random() % 3)});
      if (times[sequence]++ > 0)
        ++duplicated;
      else if (offset > 0 && sequence < highest)
        ++reordered;
      highest = std::max(highest, sequence);
    }
    const auto seen = uint64_t(60 - std::count(times.begin(), times.end(), 0));
    EXPECT_EQ(set.distinct(), seen);
    const AuditReport report = set.judge({acked(59)}, true);
    EXPECT_EQ(report.processed, seen);
    EXPECT_EQ(report.lost, 60 - seen);
    EXPECT_EQ(report.duplicated, duplicated);
    EXPECT_EQ(report.reordered, reordered);
  }
}

TEST(AuditSet, ManyIdsInBlocksOfRandomOrderStaySmallAndQuick) {
  constexpr uint64_t kBlocks = 20'000, kBlock = 5'000;  // 10^8 ids
  std::vector<uint64_t> order(kBlocks);
  for (uint64_t i = 0; i < kBlocks; ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), std::mt19937_64(5));
  AuditSet set;
  for (uint64_t block : order) {
    Receipt receipt;
    receipt.batch = 1;
    receipt.ranges = {{7, 0, block * kBlock, block * kBlock + kBlock - 1}};
    set.add(receipt, {0, 0, -1});
  }
  const AuditReport report = set.judge({acked(kBlocks * kBlock - 1)}, true);
  EXPECT_EQ(report.processed, kBlocks * kBlock);
  EXPECT_EQ(report.lost + report.duplicated + report.reordered, 0u);
}

// 10^9 events at 500,000 per second in batches of 200 ms must fit 200 MB: 0.2 bytes each. Here 2 x
// 10^7, in the worst orders there are.
struct Shape {
  uint32_t producers, partitions, outputs;
  uint64_t window;
};
double bytes_per_id(const Shape& shape) {
  constexpr uint64_t kIds = 20'000'000;
  AuditSet set;
  std::vector<uint64_t> next(size_t(shape.producers) * shape.partitions);
  std::vector<std::vector<std::pair<EventId, SeenAt>>> fetched(shape.outputs);
  double most = 0;
  for (uint64_t i = 0; i < kIds;) {
    for (const uint64_t end = i + shape.window; i < end; ++i) {
      const auto lane = uint32_t(i / 4 % next.size());
      const EventId one = EventId::make(Nanos(kStart + int64_t(i) * 2000), lane / shape.partitions,
                                        lane % shape.partitions, next[lane]++);
      const auto output = uint32_t(i * 0x9E3779B97F4A7C15ull >> 40) % shape.outputs;
      fetched[output].push_back({one, {int32_t(output), int64_t(i), int64_t(i / 100'000)}});
    }
    for (size_t output = 0; output < fetched.size(); ++output) {
      for (const auto& [one, at] : fetched[output]) set.add(one, at);
      // Before the last output partition the set is at its most scattered.
      if (output + 2 == fetched.size()) most = std::max(most, double(set.bytes()));
      fetched[output].clear();
    }
    most = std::max(most, double(set.bytes()));
  }
  EXPECT_EQ(set.distinct(), kIds);
  return most / kIds;
}

TEST(AuditSet, HoldsAnIdInAFifthOfAByteHoweverItComes) {
  const double dense = bytes_per_id({1, 4, 1, 1'000'000});
  const double hashed = bytes_per_id({1, 4, 4, 1'000'000});
  const double far_apart = bytes_per_id({1, 4, 4, 20'000'000});
  const double many = bytes_per_id({16, 64, 1, 1'000'000});
  EXPECT_GT(dense, 0.0);
  EXPECT_LT(dense, 0.05);
  EXPECT_LT(hashed, 0.2);
  EXPECT_LT(far_apart, 0.2);  // one output partition is read to its end after the other
  EXPECT_LT(many, 0.2);       // each of 1,024 lanes has 98 ids of a batch
}

TEST(AuditReport, HoldsTheTargetToWhatItClaims) {
  const auto verdict = [](AuditReport report, const char* guarantee) {
    report.guarantee = guarantee;
    judge_guarantee(report);
    EXPECT_FALSE(report.verdict_reason.empty());
    return report.verdict;
  };
  const AuditReport clean = forwarded({{0, 1}, {1, 1}}).judge({acked(1)}, true);
  const AuditReport copied = forwarded({{0, 1}, {1, 1}, {1, 2}}).judge({acked(1)}, true);
  const AuditReport lossy = forwarded({{0, 1}}).judge({acked(1)}, true);
  const AuditReport cut = forwarded({{0, 1}}).judge({acked(1)}, false);
  EXPECT_EQ(verdict(clean, "exactly once for readers of weir's rule"), "held");
  EXPECT_EQ(verdict(copied, "exactly once"), "broken");
  EXPECT_EQ(verdict(copied, "at least once"), "held");
  EXPECT_EQ(verdict(lossy, "at least once"), "broken");
  EXPECT_EQ(verdict(cut, "exactly once"), "open");
  EXPECT_EQ(verdict(lossy, "not stated: the engine's own"), "not stated");
  AuditReport counted = clean;
  counted.level = "count";
  EXPECT_EQ(verdict(counted, "exactly once"), "open");
  EXPECT_EQ(verdict(counted, "at least once"), "held");
}

TEST(AuditJoin, TellsOfBothStepsAsOne) {
  AuditReport one, other;
  one.guarantee = "exactly once";
  one.complete = other.complete = true;
  one.sent = one.acked = one.processed = 10;
  other.sent = other.acked = 7, other.processed = 5;
  AuditReport both = one;
  join_audit(both, one);
  EXPECT_EQ(both.acked, 20u);
  EXPECT_EQ(both.verdict, "held");
  other.lost = 2, other.lost_ids = {{id(5), {}, {}}, {id(6), {}, {}}};
  join_audit(both, other);
  EXPECT_EQ(both.acked, 27u);
  EXPECT_EQ(both.processed, 25u);
  EXPECT_EQ(both.lost, 2u);
  EXPECT_EQ(both.lost_ids.size(), 2u);
  EXPECT_EQ(both.verdict, "broken");
  other = {};
  other.level = "none", other.why = "no identity";
  join_audit(one, other);
  EXPECT_EQ(one.level, "none");
  EXPECT_EQ(one.why, "no identity");
  EXPECT_FALSE(one.complete);
  EXPECT_EQ(one.verdict, "open");
}

class ObservedFile : public testing::Test {
 protected:
  ObservedFile() {
    char name[] = "/tmp/weir-observed-XXXXXX";
    folder_ = mkdtemp(name);
    path_ = folder_ + "/observed.bin";
  }
  ~ObservedFile() override { std::filesystem::remove_all(folder_); }
  std::string folder_, path_;
};

TEST_F(ObservedFile, JudgesAsWhatWasWrittenDid) {
  AuditSet set = forwarded({{0, 1}, {1, 1}, {1, 1}, {4, 2}, {3, 2}, {0, 2}});
  set.add(receipt(5, {10, 12, 11, 12}), {1, 7, -1});
  set.add(receipt(4, {14, 15}), {1, 8, -1});
  set.add(receipt(6, {13}), {1, 9, -1});
  set.add(id(3, 9, 2), {0, 50, 2});
  set.add_foreign(2);
  ASSERT_TRUE(set.write(path_));
  const auto read = AuditSet::read(path_);
  ASSERT_TRUE(read) << to_text(read.error());
  EXPECT_EQ(read->distinct(), set.distinct());
  for (bool complete : {true, false})
    EXPECT_EQ(to_json(read->judge({acked(20)}, complete)),
              to_json(set.judge({acked(20)}, complete)));
  EXPECT_EQ(set.judge({acked(20)}, true).reordered, 5u);  // 3; 11; 10, 12 and 13, below 14
}

TEST_F(ObservedFile, HoldsMoreThanIsReadOrWrittenAtOnce) {
  AuditSet set;
  for (uint64_t sequence = 0; sequence < 40'000; sequence += 2)
    set.add(id(sequence, 1, 1), {0, int64_t(sequence), int64_t(sequence / 100)});
  ASSERT_TRUE(set.write(path_));
  EXPECT_GT(std::filesystem::file_size(path_), 4u << 16);
  const auto read = AuditSet::read(path_);
  ASSERT_TRUE(read) << to_text(read.error());
  EXPECT_EQ(read->distinct(), 20'000u);
  EXPECT_EQ(to_json(read->judge({acked(40'000)}, true)), to_json(set.judge({acked(40'000)}, true)));
  std::filesystem::permissions(path_, std::filesystem::perms::owner_read);
  EXPECT_TRUE(AuditSet::read(path_));  // of a run that may only be looked at
}

TEST_F(ObservedFile, RefusesEveryCutAndEveryChange) {
  AuditSet set = forwarded({{0, 1}, {1, 1}, {1, 1}, {4, 2}, {3, 2}});
  ASSERT_TRUE(set.write(path_));
  std::ifstream in(path_, std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  const auto refused = [&](const std::string& bytes) {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
    const auto read = AuditSet::read(path_);
    return !read && read.error().code == Code::kCorrupt;
  };
  for (size_t size = 0; size < good.size(); size += 5) EXPECT_TRUE(refused(good.substr(0, size)));
  for (size_t at = 0; at < good.size(); at += 5) {
    std::string bad = good;
    bad[at] ^= 1;
    EXPECT_TRUE(refused(bad)) << at;
  }
  EXPECT_EQ(AuditSet::read(folder_ + "/none").error().code, Code::kNotFound);
}

TEST(AuditJson, SurvivesItsText) {
  AuditReport report =
      forwarded({{0, 1}, {1, 1}, {1, 1}, {4, 2}, {3, 2}, {0, 2}}).judge({acked(5)}, true);
  report.guarantee = "exactly once";
  report.receipt_lost = 2;
  report.malformed = 1;
  const std::string text = to_json(report);
  const auto read = audit_from_json(text);
  ASSERT_TRUE(read) << to_text(read.error());
  EXPECT_EQ(to_json(*read), text);
  EXPECT_EQ(read->duplicated_ids[0].id, report.duplicated_ids[0].id);
  EXPECT_EQ(read->duplicated_ids[0].origin, "sink or producer retry");
  EXPECT_EQ(sequences(read->lost_ids), (Sequences{2, 5}));
  EXPECT_EQ(read->lost_ids[0].seen.offset, -1);
}

TEST(AuditJson, RefusesWhatIsNone) {
  for (const char* text :
       {"", "7", "{}", R"({"level":"identity","guarantee":"","complete":1})",
        R"({"level":"identity","guarantee":"","complete":true,"lost":-1})",
        R"({"level":"identity","guarantee":"","complete":true,"lost_ids":[7]})",
        R"({"level":"i","guarantee":"","complete":true,"lost_ids":[{"producer":99999}]})"})
    EXPECT_EQ(audit_from_json(text).error().code, Code::kCorrupt) << text;
  EXPECT_TRUE(audit_from_json(R"({"level":"none","guarantee":"","complete":false})"));
}

}  // namespace
}  // namespace weir
