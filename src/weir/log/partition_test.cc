// Lookups by time, retention, index files, and many threads at once.
#include "weir/log/partition.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "weir/base/bytes.h"
#include "weir/log/log_fixture.h"

namespace weir::log {
namespace {

struct Timed {
  int64_t offset, time;
};

class TimeTest : public LogTest {
 protected:
  // Batches whose times jump up and down, over several segments.
  void write(uint64_t seed, record::Codec codec) {
    std::mt19937_64 random(seed);
    open();
    PartitionLog& log = create();
    for (int i = 0; i < 120; ++i) {
      std::vector<int64_t> times;
      for (uint64_t k = 0; k <= random() % 5; ++k) {
        times.push_back(int64_t(1000 + uint64_t(i) * 10 + random() % 300));
        records_.push_back({int64_t(records_.size()), times.back()});
      }
      append_durably(log, batch_at(times, codec));
    }
  }

  void check() {
    PartitionLog& log = this->log();
    const int64_t start = log.log_start().value;
    for (int64_t time = 900; time < 2600; time += 7) {
      auto found = log.find_timestamp(time);
      ASSERT_TRUE(found) << to_text(found.error());
      auto expected = std::find_if(records_.begin(), records_.end(), [&](const Timed& record) {
        return record.offset >= start && record.time >= time;
      });
      if (expected == records_.end()) {
        EXPECT_EQ(found->offset, Offset(-1));
        EXPECT_EQ(found->timestamp_ms, -1);
      } else {
        EXPECT_EQ(found->offset, Offset(expected->offset)) << time;
        EXPECT_EQ(found->timestamp_ms, expected->time);
      }
    }
    auto latest = std::max_element(records_.begin() + start, records_.end(),
                                   [](const Timed& a, const Timed& b) { return a.time < b.time; });
    EXPECT_EQ(log.max_timestamp()->offset, Offset(latest->offset));
    EXPECT_EQ(log.max_timestamp()->timestamp_ms, latest->time);
  }

  std::vector<Timed> records_;
};

TEST_F(TimeTest, FindsTheFirstRecordAtOrAfterATime) {
  options_.defaults.segment_bytes = 3000;
  for (auto codec : {record::Codec::kNone, record::Codec::kZstd}) {
    for (uint64_t seed : {1, 2, 3}) {
      SCOPED_TRACE(seed);
      store_.reset();
      disk_.crash(FakeDisk::Loss::kNothing);
      ASSERT_TRUE(disk_.remove_all("/data"));
      records_.clear();
      write(seed, codec);
      check();
      crash(FakeDisk::Loss::kUnsynced);
      open();
      check();
      ASSERT_TRUE(log().delete_records(Offset(57)));
      check();
      ASSERT_TRUE(store_->close());
      open();
      check();
    }
  }
}

TEST_F(TimeTest, AnswersNothingOfAnEmptyLog) {
  open();
  create();
  EXPECT_EQ(log().find_timestamp(0)->offset, Offset(-1));
  EXPECT_EQ(log().max_timestamp()->offset, Offset(-1));
}

class IndexTest : public LogTest {
 protected:
  // Every entry of the files against the batches of the log.
  static void check_entries(Disk& disk, const std::string& stem) {
    const std::string log = *disk.read(stem + ".log");
    const std::string index = *disk.read(stem + ".index");
    const std::string times = *disk.read(stem + ".timeindex");
    ASSERT_EQ(index.size() % 8, 0u);
    ASSERT_EQ(times.size() % 12, 0u);
    ASSERT_GE(index.size(), 8u);
    for (size_t at = 0; at < index.size(); at += 8) {
      const auto batch =
          record::BatchView::first(std::string_view(log).substr(load_be<uint32_t>(&index[at + 4])));
      ASSERT_TRUE(batch);
      EXPECT_EQ(batch->last_offset(), load_be<uint32_t>(&index[at]));
    }
    int64_t latest = -1, latest_offset = -1;
    std::vector<std::pair<int64_t, int64_t>> running;  // each new largest time and its offset
    for (std::string_view rest = log; !rest.empty();) {
      const auto batch = record::BatchView::first(rest);
      if (batch->max_timestamp_ms() > latest) {
        latest = batch->max_timestamp_ms();
        latest_offset = batch->last_offset();
        running.emplace_back(latest, latest_offset);
      }
      rest.remove_prefix(batch->bytes().size());
    }
    for (size_t at = 0; at < times.size(); at += 12) {
      const std::pair<int64_t, int64_t> entry(load_be<int64_t>(&times[at]),
                                              load_be<uint32_t>(&times[at + 8]));
      EXPECT_NE(std::find(running.begin(), running.end(), entry), running.end());
    }
    EXPECT_EQ(load_be<int64_t>(&times[times.size() - 12]), latest);
  }
};

TEST_F(IndexTest, WritesKafkasIndexFiles) {
  options_.checkpoint_bytes = 10'000;
  open();
  PartitionLog& log = create();
  for (int i = 0; i < 200; ++i)
    append_durably(log,
                   batch_of({std::string(size_t(300 + i * 7 % 900), 'x')}, 1000 + i * 37 % 500));
  ASSERT_TRUE(store_->close());
  check_entries(disk_, "/data/t-0/00000000000000000000");
  // And when the file goes on after a crash.
  open();
  for (int i = 0; i < 60; ++i)
    append_durably(this->log(), batch_of({std::string(900, 'y')}, 2000 + i));
  crash(FakeDisk::Loss::kUnsynced);
  open();
  for (int i = 0; i < 60; ++i)
    append_durably(this->log(), batch_of({std::string(900, 'z')}, 3000 + i));
  ASSERT_TRUE(store_->close());
  check_entries(disk_, "/data/t-0/00000000000000000000");
}

class RetentionTest : public LogTest {
 protected:
  void SetUp() override {
    LogTest::SetUp();
    options_.defaults.segment_bytes = 1024;
    options_.defaults.retention_ms = -1;
  }
  int64_t now_ms() const { return clock_.now().millis(); }
  size_t files() { return disk_.list("/data/t-0")->size(); }
};

TEST_F(RetentionTest, DropsWholeSegmentsBeyondItsBytes) {
  open();
  PartitionLog& log = create();
  for (int i = 0; i < 20; ++i) append_durably(log, batch_of({std::string(900, 'x')}));
  const int64_t each = log.size_bytes() / 20;
  ASSERT_TRUE(store_->enforce_retention());
  EXPECT_EQ(log.log_start(), Offset(0));
  LogConfig config = log.config();
  config.retention_bytes = 5 * each + each / 2;
  log.configure(config);
  ASSERT_TRUE(store_->enforce_retention());
  EXPECT_EQ(log.log_start(), Offset(14));
  EXPECT_EQ(log.size_bytes(), 6 * each);
  EXPECT_EQ(log.read(Offset(13), 100, true).outcome, ReadOutcome::kOutOfRange);
  EXPECT_EQ(read_all(log).size(), 6u);
  crash(FakeDisk::Loss::kTorn);
  open();
  EXPECT_EQ(this->log().log_start(), Offset(14));
  EXPECT_EQ(read_all(this->log()).size(), 6u);
  config.retention_bytes = 0;
  this->log().configure(config);
  ASSERT_TRUE(store_->enforce_retention());
  EXPECT_EQ(this->log().log_start(), Offset(19));
}

TEST_F(RetentionTest, DropsSegmentsOlderThanItsTime) {
  options_.defaults.retention_ms = 60'000;
  open();
  PartitionLog& log = create();
  for (int i = 0; i < 10; ++i) {
    append_durably(log, batch_of({std::string(900, 'x')}, now_ms()));
    clock_.advance(nanos_from_seconds(10));
  }
  ASSERT_TRUE(store_->enforce_retention());
  EXPECT_EQ(log.log_start(), Offset(4));
  clock_.advance(nanos_from_seconds(3600));
  ASSERT_TRUE(store_->enforce_retention());
  EXPECT_EQ(log.log_start(), Offset(10));
  EXPECT_EQ(log.size_bytes(), 0);
  EXPECT_EQ(append_durably(log, batch_of({"next"}, now_ms())), Offset(10));
  crash(FakeDisk::Loss::kUnsynced);
  open();
  EXPECT_EQ(read_all(this->log()), (std::vector<Stored>{{10, "next"}}));
}

TEST_F(RetentionTest, IsNotPinnedByTimesFromTheFuture) {
  options_.defaults.retention_ms = 60'000;
  open();
  PartitionLog& log = create();
  append_durably(log, batch_of({std::string(900, 'x')}, now_ms() + 1'000'000'000));
  append_durably(log, batch_of({std::string(900, 'x')}, -1));
  clock_.advance(nanos_from_seconds(61));
  ASSERT_TRUE(store_->enforce_retention());
  EXPECT_EQ(log.log_start(), Offset(2));
}

TEST_F(RetentionTest, KeepsAFileForThoseWhoStillReadIt) {
  open();
  PartitionLog& log = create();
  const std::string batch = batch_of({std::string(900, 'x')});
  for (int i = 0; i < 3; ++i) append_durably(log, batch);
  const ReadResult read = log.read(Offset(0), 10'000, true);
  ASSERT_TRUE(log.delete_records(Offset(2)));
  std::string bytes;
  ASSERT_TRUE(read.slice.read_into(bytes));
  EXPECT_EQ(bytes.size(), batch.size());
  EXPECT_FALSE(disk_.exists("/data/t-0/00000000000000000000.log"));
}

TEST_F(RetentionTest, DeletesRecordsBeforeAnOffset) {
  open();
  PartitionLog& log = create();
  for (int i = 0; i < 6; ++i) append_durably(log, batch_of({"a", std::string(900, 'x')}));
  EXPECT_EQ(log.delete_records(Offset(13)).error().code, Code::kUsage);
  EXPECT_EQ(*log.delete_records(Offset(5)), Offset(5));
  EXPECT_EQ(*log.delete_records(Offset(3)), Offset(5));
  EXPECT_EQ(log.read(Offset(4), 1, true).outcome, ReadOutcome::kOutOfRange);
  EXPECT_EQ(read_all(log).front().offset, 5);
  crash(FakeDisk::Loss::kUnsynced);
  open();
  EXPECT_EQ(this->log().log_start(), Offset(5));
  EXPECT_EQ(*this->log().delete_records(Offset(-1)), Offset(12));
  EXPECT_TRUE(read_all(this->log()).empty());
  ASSERT_TRUE(store_->close());
  open();
  EXPECT_EQ(this->log().log_start(), Offset(12));
  EXPECT_EQ(append_durably(this->log(), batch_of({"next"})), Offset(12));
}

// Writers, readers, retention, checkpoints and a deletion at the same time; for ThreadSanitizer
// too.
TEST_F(LogTest, ServesManyThreadsAtOnce) {
  options_.defaults.segment_bytes = 20'000;
  options_.checkpoint_bytes = 10'000;
  options_.retention_check = nanos_from_millis(1);
  options_.defaults.retention_ms = -1;
  options_.on_advance = [](PartitionLog& log) { EXPECT_GT(log.high_watermark(), Offset(0)); };
  open();
  constexpr int kPartitions = 3, kWriters = 4, kEach = 150;
  for (int p = 0; p < kPartitions; ++p) create(p);
  auto doomed = *store_->create({"doomed", PartitionId(0)});
  Outcomes outcomes;
  std::atomic<int> accepted{0};
  std::atomic<bool> writing{true};
  std::vector<std::thread> writers, others;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < kEach; ++i) {
        const std::string batch = batch_of({fmt::format("{}.{}", w, i), std::string(100, 'x')});
        auto log = store_->find({"t", PartitionId(i % kPartitions)});
        const auto result = log->append(batch, outcomes.expect(size_t(w) * kEach + size_t(i)));
        EXPECT_EQ(result.outcome, AppendOutcome::kPending);
        ++accepted;
        (void)doomed->append(batch, {});
      }
    });
  }
  for (int p = 0; p < kPartitions; ++p) {
    others.emplace_back([&, p] {
      while (writing) {
        auto log = store_->find({"t", PartitionId(p)});
        read_all(*log, 5000);
        EXPECT_TRUE(log->find_timestamp(500));
        EXPECT_TRUE(log->max_timestamp());
        EXPECT_TRUE(store_->enforce_retention());
      }
    });
  }
  others.emplace_back([&] { EXPECT_TRUE(store_->delete_topic("doomed")); });
  for (std::thread& thread : writers) thread.join();
  outcomes.wait_for(size_t(accepted));
  writing = false;
  for (std::thread& thread : others) thread.join();
  int64_t records = 0;
  for (int p = 0; p < kPartitions; ++p) {
    const auto stored = read_all(log(p));
    records += int64_t(stored.size());
    // Each writer's batches stand in its order.
    std::vector<int> last(kWriters, -1);
    for (const Stored& record : stored) {
      if (record.value[0] == 'x') continue;
      const int writer = record.value[0] - '0', number = std::stoi(record.value.substr(2));
      EXPECT_GT(number, last[size_t(writer)]);
      last[size_t(writer)] = number;
    }
  }
  EXPECT_EQ(records, 2 * kWriters * kEach);
  ASSERT_TRUE(store_->close());
  open();
  int64_t again = 0;
  for (int p = 0; p < kPartitions; ++p) again += int64_t(read_all(log(p)).size());
  EXPECT_EQ(again, records);
}

// A store that goes away while threads append and its checkpoints run.
TEST_F(LogTest, EndsWhileOthersAppend) {
  options_.checkpoint_bytes = 500;
  for (int round = 0; round < 20; ++round) {
    disk_.crash(FakeDisk::Loss::kNothing);
    ASSERT_TRUE(disk_.remove_all("/data"));
    open();
    auto log = *store_->create({"t", PartitionId(0)});
    Outcomes outcomes;
    std::atomic<size_t> accepted{0};
    std::thread writer([&] {
      const std::string batch = batch_of({std::string(200, 'x')});
      while (log->append(batch, outcomes.expect(0 + accepted)).outcome == AppendOutcome::kPending)
        ++accepted;
    });
    wait_until([&] { return accepted >= 20; });
    store_.reset();
    writer.join();
    outcomes.wait_for(accepted);
    size_t durable = 0;
    for (size_t i = 0; i < accepted; ++i)
      if (outcomes.of(i) == AppendOutcome::kDurable) ++durable;
    EXPECT_GE(log->high_watermark().value, int64_t(durable));
  }
}

}  // namespace
}  // namespace weir::log
