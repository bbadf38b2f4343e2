#include "weir/log/producer_table.h"

#include <gmock/gmock.h>

#include "weir/log/log_fixture.h"

namespace weir::log {
namespace {

constexpr int32_t kSequenceMax = 0x7FFFFFFF;

BatchHeader batch(int32_t sequence, int32_t count, int64_t base_offset = 0, int16_t epoch = 0,
                  int64_t producer = 5) {
  BatchHeader header;
  header.base_offset = Offset(base_offset);
  header.record_count = count;
  header.last_offset_delta = count - 1;
  header.producer_id = producer;
  header.producer_epoch = epoch;
  header.base_sequence = sequence;
  return header;
}

TEST(ProducerTableTest, AcceptsAnySequenceOfAnUnknownProducer) {
  ProducerTable table;
  EXPECT_EQ(table.check(batch(42, 3)).outcome, AppendOutcome::kPending);
}

TEST(ProducerTableTest, DemandsTheNextSequence) {
  ProducerTable table;
  table.note(batch(0, 3, 100), 0);
  EXPECT_EQ(table.check(batch(3, 1)).outcome, AppendOutcome::kPending);
  for (int32_t wrong : {1, 2, 4, 50})
    EXPECT_EQ(table.check(batch(wrong, 1)).outcome, AppendOutcome::kOutOfOrderSequence);
}

TEST(ProducerTableTest, RecognisesTheLastFiveBatchesByBothSequences) {
  ProducerTable table;
  for (int i = 0; i < 6; ++i) table.note(batch(i * 2, 2, 100 + i * 2), 0);
  for (int i = 1; i < 6; ++i) {
    const auto verdict = table.check(batch(i * 2, 2));
    EXPECT_TRUE(verdict.repeated);
    EXPECT_EQ(verdict.base_offset, Offset(100 + i * 2));
    EXPECT_EQ(verdict.last_offset, Offset(101 + i * 2));
  }
  // Older than five, or another length: no repeat, and out of order.
  EXPECT_EQ(table.check(batch(0, 2)).outcome, AppendOutcome::kOutOfOrderSequence);
  EXPECT_EQ(table.check(batch(4, 1)).outcome, AppendOutcome::kOutOfOrderSequence);
}

TEST(ProducerTableTest, FollowsTheEpoch) {
  ProducerTable table;
  table.note(batch(0, 3, 100, 4), 0);
  EXPECT_EQ(table.check(batch(3, 1, 0, 3)).outcome, AppendOutcome::kInvalidProducerEpoch);
  EXPECT_EQ(table.check(batch(3, 1, 0, 5)).outcome, AppendOutcome::kOutOfOrderSequence);
  EXPECT_EQ(table.check(batch(0, 1, 0, 5)).outcome, AppendOutcome::kPending);
  // The old epoch's batches are no longer repeats.
  table.note(batch(0, 1, 103, 5), 0);
  EXPECT_EQ(table.check(batch(0, 3, 0, 4)).outcome, AppendOutcome::kInvalidProducerEpoch);
}

TEST(ProducerTableTest, WrapsSequencesToZero) {
  EXPECT_EQ(sequence_after(kSequenceMax, 1), 0);
  EXPECT_EQ(sequence_after(kSequenceMax - 1, 3), 1);
  ProducerTable table;
  table.note(batch(kSequenceMax - 1, 2, 100), 0);
  EXPECT_EQ(table.check(batch(0, 1)).outcome, AppendOutcome::kPending);
  EXPECT_EQ(table.check(batch(1, 1)).outcome, AppendOutcome::kOutOfOrderSequence);
  table.note(batch(0, 4, 102), 0);
  table.note(batch(4, 1, 106), 0);
  EXPECT_TRUE(table.check(batch(kSequenceMax - 1, 2)).repeated);
  ProducerTable spanning;
  spanning.note(batch(kSequenceMax - 1, 5, 100), 0);  // ends at sequence 2
  EXPECT_EQ(spanning.check(batch(3, 1)).outcome, AppendOutcome::kPending);
  EXPECT_TRUE(spanning.check(batch(kSequenceMax - 1, 5)).repeated);
}

TEST(ProducerTableTest, ForgetsSilentProducers) {
  ProducerTable table;
  table.note(batch(0, 1, 0, 0, 1), 1000);
  table.note(batch(0, 1, 1, 0, 2), 2000);
  table.expire(1500);
  EXPECT_EQ(table.size(), 1u);
  EXPECT_EQ(table.check(batch(9, 1, 0, 0, 1)).outcome, AppendOutcome::kPending);
}

TEST(ProducerTableTest, SurvivesItsSnapshot) {
  ProducerTable table;
  for (int i = 0; i < 7; ++i) table.note(batch(i, 1, i, 3, 1), 1000 + i);
  table.note(batch(9, 4, 50, 0, 2), 2000);
  const std::string bytes = table.encode();
  const auto again = ProducerTable::decode(bytes);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->encode(), bytes);
  EXPECT_TRUE(again->check(batch(2, 1, 0, 3, 1)).repeated);
  EXPECT_FALSE(again->check(batch(1, 1, 0, 3, 1)).repeated);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = ProducerTable::decode(bytes.substr(0, size));
    ASSERT_FALSE(cut);
    EXPECT_EQ(cut.error().code, Code::kCorrupt);
  }
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string flipped = bytes;
    flipped[i] ^= 4;
    EXPECT_FALSE(ProducerTable::decode(flipped));
  }
}

class IdempotenceTest : public LogTest {
 protected:
  static std::string stamped(int32_t sequence, const std::vector<std::string>& values,
                             int16_t epoch = 0) {
    return batch_of(values, 1000, {5, epoch, sequence});
  }
};

TEST_F(IdempotenceTest, AnswersARepeatWithTheOriginalOffset) {
  open();
  PartitionLog& log = create();
  append_durably(log, batch_of({"other"}));
  append_durably(log, stamped(0, {"a", "b"}));
  append_durably(log, stamped(2, {"c"}));
  const AppendResult again = log.append(stamped(0, {"a", "b"}), {});
  EXPECT_EQ(again.outcome, AppendOutcome::kDurable);
  EXPECT_EQ(again.base_offset, Offset(1));
  EXPECT_EQ(log.append(stamped(9, {"x"}), {}).outcome, AppendOutcome::kOutOfOrderSequence);
  EXPECT_EQ(log.append(stamped(0, {"x"}, 1), {}).outcome, AppendOutcome::kPending);
  EXPECT_EQ(log.append(stamped(3, {"x"}), {}).outcome, AppendOutcome::kInvalidProducerEpoch);
  EXPECT_EQ(log.log_end(), Offset(5));
}

TEST_F(IdempotenceTest, AnswersARepeatOfAPendingBatchWhenThatIsFlushed) {
  // The listener holds the first flush back until the repeats are in.
  std::mutex gate;
  options_.on_advance = [&](PartitionLog&) { std::lock_guard wait(gate); };
  open();
  PartitionLog& log = create();
  Outcomes outcomes;
  {
    std::lock_guard hold(gate);
    EXPECT_EQ(log.append(stamped(0, {"a"}), outcomes.expect(0)).outcome, AppendOutcome::kPending);
    EXPECT_EQ(log.append(stamped(1, {"b"}), outcomes.expect(1)).outcome, AppendOutcome::kPending);
    const AppendResult repeat = log.append(stamped(1, {"b"}), outcomes.expect(2));
    EXPECT_EQ(repeat.base_offset, Offset(1));
    if (repeat.outcome == AppendOutcome::kDurable) outcomes.expect(2)(AppendOutcome::kDurable);
  }
  outcomes.wait_for(3);
  for (size_t i : {0u, 1u, 2u}) EXPECT_EQ(outcomes.of(i), AppendOutcome::kDurable);
  EXPECT_EQ(read_all(log).size(), 2u);
}

TEST_F(IdempotenceTest, RemembersAfterAnyEnd) {
  for (bool cleanly : {true, false}) {
    for (int64_t checkpoint_bytes : {1, 1 << 20}) {
      SCOPED_TRACE(fmt::format("clean {} checkpoint {}", cleanly, checkpoint_bytes));
      store_.reset();
      disk_.crash(FakeDisk::Loss::kNothing);
      ASSERT_TRUE(disk_.remove_all("/data"));
      options_.checkpoint_bytes = checkpoint_bytes;
      open();
      create();
      for (int i = 0; i < 9; ++i) append_durably(log(), stamped(i, {"value " + std::to_string(i)}));
      if (cleanly) {
        ASSERT_TRUE(store_->close());
      }
      crash(FakeDisk::Loss::kUnsynced);
      open();
      for (int i = 4; i < 9; ++i) {
        const auto again = log().append(stamped(i, {"value " + std::to_string(i)}), {});
        EXPECT_EQ(again.outcome, AppendOutcome::kDurable);
        EXPECT_EQ(again.base_offset, Offset(i));
      }
      EXPECT_EQ(log().append(stamped(3, {"value 3"}), {}).outcome,
                AppendOutcome::kOutOfOrderSequence);
      EXPECT_EQ(append_durably(log(), stamped(9, {"value 9"})), Offset(9));
    }
  }
}

}  // namespace
}  // namespace weir::log
