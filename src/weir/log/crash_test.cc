// Crashes at every operation of a workload: all that was acknowledged is there, once.
#include <gmock/gmock.h>

#include "weir/log/log_fixture.h"

namespace weir::log {
namespace {

using ::testing::HasSubstr;

// What one idempotent producer sent to one partition, and what became of it.
struct Sent {
  int partition = 0;
  std::string batch;
  std::vector<std::string> values;
  bool acked = false;
};

std::vector<Sent> make_workload() {
  std::vector<Sent> workload;
  int32_t next_sequence[2] = {0, 0};
  for (int i = 0; i < 24; ++i) {
    Sent sent;
    sent.partition = i % 2;
    for (int k = 0; k <= i % 3; ++k)
      sent.values.push_back(fmt::format("{}.{}.{}", i, k, std::string(size_t(40 * (i % 7)), 'x')));
    int32_t& sequence = next_sequence[sent.partition];
    sent.batch = batch_of(sent.values, 1000 + i, {77, 0, sequence});
    sequence += int32_t(sent.values.size());
    workload.push_back(std::move(sent));
  }
  return workload;
}

class CrashTest : public LogTest {
 protected:
  void SetUp() override {
    LogTest::SetUp();
    options_.defaults.segment_bytes = 1500;
    options_.checkpoint_bytes = 700;
    options_.flush_threads = 2;
  }

  std::shared_ptr<PartitionLog> find_or_create(int partition) {
    const TopicPartition name{"t", PartitionId(partition)};
    if (auto log = store_->find(name)) return log;
    auto created = store_->create(name);
    return created ? *created : nullptr;
  }

  // Opens and sends with at most four batches unanswered, until done or the power goes.
  void run(std::vector<Sent>& workload) {
    auto store = LogStore::open(disk_, clock_, options_);
    if (!store) return;
    store_ = std::move(*store);
    std::shared_ptr<PartitionLog> logs[2] = {find_or_create(0), find_or_create(1)};
    if (!logs[0] || !logs[1]) return;
    Outcomes outcomes;
    size_t pending = 0;
    for (size_t i = 0; i < workload.size(); ++i) {
      const auto result =
          logs[workload[i].partition]->append(workload[i].batch, outcomes.expect(i));
      if (result.outcome != AppendOutcome::kPending) break;
      if (++pending % 4 == 0) outcomes.wait_for(pending);
    }
    outcomes.wait_for(pending);
    for (size_t i = 0; i < workload.size(); ++i)
      workload[i].acked = outcomes.of(i) == AppendOutcome::kDurable;
    (void)store_->close();
  }

  static std::vector<Stored> expected_of(const std::vector<Sent>& workload, int partition) {
    std::vector<Stored> expected;
    for (const Sent& sent : workload)
      for (const std::string& value : sent.values)
        if (sent.partition == partition) expected.push_back({int64_t(expected.size()), value});
    return expected;
  }

  // What is there must be a prefix of what was sent and hold all that was acknowledged.
  void check_prefix(const std::vector<Sent>& workload) {
    for (int partition : {0, 1}) {
      auto log = find_or_create(partition);
      ASSERT_TRUE(log);
      size_t acked = 0, sum = 0;
      for (const Sent& sent : workload) {
        if (sent.partition != partition) continue;
        sum += sent.values.size();
        if (sent.acked) acked = sum;
      }
      const std::vector<Stored> there = read_all(*log);
      std::vector<Stored> expected = expected_of(workload, partition);
      ASSERT_GE(there.size(), acked);
      ASSERT_LE(there.size(), expected.size());
      expected.resize(there.size());
      ASSERT_EQ(there, expected);
    }
  }

  // What a reader could see after the first crash must outlive a second one, although nobody may
  // ever have flushed it before.
  void check_visible_stays(uint64_t seed) {
    std::vector<Stored> seen[2];
    for (int partition : {0, 1}) seen[partition] = read_all(*find_or_create(partition));
    crash(FakeDisk::Loss::kUnsynced, seed);
    open();
    for (int partition : {0, 1}) ASSERT_EQ(read_all(*find_or_create(partition)), seen[partition]);
  }

  // The producer sends again what was not acknowledged; in the end all is there once.
  void check_resend(std::vector<Sent>& workload) {
    for (Sent& sent : workload)
      if (!sent.acked) append_durably(*find_or_create(sent.partition), sent.batch);
    for (int partition : {0, 1})
      ASSERT_EQ(read_all(*find_or_create(partition)), expected_of(workload, partition));
  }

  // One crash at the nth changing operation; true when the workload ended before it.
  bool survive(uint64_t operation, FakeDisk::Loss loss, uint64_t seed) {
    SCOPED_TRACE(fmt::format("operation {} loss {} seed {}", operation, int(loss), seed));
    disk_.crash(FakeDisk::Loss::kUnsynced);
    EXPECT_TRUE(disk_.remove_all("/data"));
    EXPECT_TRUE(disk_.sync_folder("/"));
    std::vector<Sent> workload = make_workload();
    disk_.power_off_at(operation);
    run(workload);
    const bool finished = disk_.powered();
    crash(loss, seed);
    open();
    if (HasFatalFailure()) return true;
    check_prefix(workload);
    if (HasFatalFailure()) return true;
    check_visible_stays(seed);
    if (HasFatalFailure()) return true;
    check_resend(workload);
    if (HasFatalFailure()) return true;
    EXPECT_TRUE(store_->close());
    open();
    for (Sent& sent : workload) sent.acked = true;
    check_prefix(workload);
    store_.reset();
    return finished || HasFailure();
  }
};

TEST_F(CrashTest, KeepsAllThatWasAcknowledgedWhereverThePowerGoes) {
  for (auto loss : {FakeDisk::Loss::kUnsynced, FakeDisk::Loss::kNothing}) {
    uint64_t operation = 0;
    while (!survive(operation, loss, 1)) ++operation;
    EXPECT_GT(operation, 100u);
  }
}

TEST_F(CrashTest, KeepsAllThatWasAcknowledgedWhenUnsyncedBytesAreTorn) {
  for (uint64_t seed = 1; seed <= 8; ++seed)
    for (uint64_t operation = seed % 3; !survive(operation, FakeDisk::Loss::kTorn, seed);)
      operation += 3;
}

TEST_F(CrashTest, CutsAFlushThatWasInterruptedBetweenItsPages) {
  std::mutex gate;
  options_.on_advance = [&](PartitionLog&) { std::lock_guard wait(gate); };
  options_.defaults.segment_bytes = 1 << 20;
  options_.checkpoint_bytes = 1 << 20;
  bool had_gap = false;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    disk_.crash(FakeDisk::Loss::kNothing);
    ASSERT_TRUE(disk_.remove_all("/data"));
    open();
    PartitionLog& log = create();
    Outcomes outcomes;
    {
      // While the first flush is held back behind its sync, the others gather into one.
      std::lock_guard hold(gate);
      log.append(batch_of({"first"}), outcomes.expect(0));
      wait_until([&] { return log.high_watermark() >= Offset(1); });
      for (size_t i = 1; i <= 12; ++i)
        log.append(batch_of({std::to_string(i) + std::string(300, 'x')}), outcomes.expect(i));
      disk_.power_off_at(0);
    }
    outcomes.wait_for(13);
    EXPECT_EQ(outcomes.of(0), AppendOutcome::kDurable);
    EXPECT_EQ(outcomes.of(1), AppendOutcome::kStorageError);
    crash(FakeDisk::Loss::kTorn, seed);
    const std::string left = *disk_.read("/data/t-0/00000000000000000000.log");
    const size_t hole = left.find(std::string(512, '\0'));
    had_gap |= hole != std::string::npos && left.find('x', hole + 1024) != std::string::npos;
    open();
    const std::vector<Stored> there = read_all(this->log());
    ASSERT_GE(there.size(), 1u);
    for (size_t i = 0; i < there.size(); ++i) EXPECT_EQ(there[i].offset, int64_t(i));
  }
  EXPECT_TRUE(had_gap);
}

TEST_F(CrashTest, ClosesToWritesWhenAWriteOrFlushFails) {
  for (auto fault : {FakeDisk::Fault::kWrite, FakeDisk::Fault::kSync}) {
    for (uint64_t nth = 0; nth < 12; ++nth) {
      SCOPED_TRACE(fmt::format("fault {} at {}", int(fault), nth));
      FakeDisk disk;
      auto store = *LogStore::open(disk, clock_, options_);
      auto log = *store->create({"t", PartitionId(0)});
      auto other = *store->create({"t", PartitionId(1)});
      disk.fail_at(fault, nth);
      std::vector<Stored> acked;
      AppendOutcome last = AppendOutcome::kDurable;
      for (int i = 0; last == AppendOutcome::kDurable && i < 100; ++i) {
        Outcomes outcomes;
        const std::string value = std::to_string(i) + std::string(200, 'x');
        const AppendResult result = log->append(batch_of({value}), outcomes.expect(0));
        last = result.outcome;
        if (last != AppendOutcome::kPending) break;
        outcomes.wait_for(1);
        last = outcomes.of(0);
        if (last == AppendOutcome::kDurable) acked.push_back({i, value});
      }
      EXPECT_EQ(last, AppendOutcome::kStorageError);
      ASSERT_TRUE(store->failure());
      EXPECT_THAT(store->failure()->why, HasSubstr("Input/output error"));
      EXPECT_EQ(other->append(batch_of({"x"}), {}).outcome, AppendOutcome::kStorageError);
      EXPECT_FALSE(store->create({"u", PartitionId(0)}));
      EXPECT_EQ(read_all(*log), acked);
      EXPECT_FALSE(store->close());
      store.reset();
      log.reset();
      disk.crash(FakeDisk::Loss::kNothing);
      auto again = LogStore::open(disk, clock_, options_);
      ASSERT_TRUE(again) << to_text(again.error());
      EXPECT_EQ(read_all(*(*again)->find({"t", PartitionId(0)})), acked);
    }
  }
}

TEST_F(CrashTest, StopsAtAFullDiskAndGoesOnAfterwards) {
  open();
  PartitionLog& log = create();
  disk_.set_capacity(10'000);
  std::vector<Stored> acked;
  for (int i = 0; i < 200; ++i) {
    Outcomes outcomes;
    const std::string value = std::to_string(i) + std::string(300, 'x');
    if (log.append(batch_of({value}), outcomes.expect(0)).outcome != AppendOutcome::kPending) break;
    outcomes.wait_for(1);
    if (outcomes.of(0) != AppendOutcome::kDurable) break;
    acked.push_back({i, value});
  }
  EXPECT_GT(acked.size(), 10u);
  ASSERT_TRUE(store_->failure());
  EXPECT_EQ(store_->failure()->code, Code::kDiskFull);
  EXPECT_EQ(read_all(log), acked);
  disk_.set_capacity(1'000'000);
  EXPECT_EQ(log.append(batch_of({"x"}), {}).outcome, AppendOutcome::kStorageError);
  open();
  EXPECT_EQ(read_all(this->log()), acked);
  EXPECT_EQ(append_durably(this->log(), batch_of({"x"})), Offset(int64_t(acked.size())));
}

}  // namespace
}  // namespace weir::log
