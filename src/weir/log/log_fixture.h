// For this module's tests: batches of known records, a store on a fake disk, and a way to wait for
// an append.
#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "weir/log/store.h"
#include "weir/record/batch_builder.h"
#include "weir/record/record_reader.h"
#include "weir/sys/fake_disk.h"

namespace weir::log {

// The outcomes of appends by number, waited for.
class Outcomes {
 public:
  AppendDone expect(size_t number) {
    return [this, number](AppendOutcome outcome) {
      std::lock_guard lock(mutex_);
      if (done_.size() <= number) done_.resize(number + 1);
      done_[number].push_back(outcome);
      ++count_;
      changed_.notify_all();
    };
  }
  void wait_for(size_t count) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, std::chrono::seconds(60), [&] { return count_ >= count; }));
  }
  // kPending when it has not been called; fails when called twice.
  AppendOutcome of(size_t number) {
    std::lock_guard lock(mutex_);
    if (number >= done_.size() || done_[number].empty()) return AppendOutcome::kPending;
    EXPECT_EQ(done_[number].size(), 1u);
    return done_[number][0];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::vector<AppendOutcome>> done_;
  size_t count_ = 0;
};

// Yields until `condition` holds; fails after a minute.
template <class Condition>
void wait_until(Condition condition) {
  const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    ASSERT_LT(std::chrono::steady_clock::now(), limit);
    std::this_thread::yield();
  }
}

inline std::string batch_of(const std::vector<std::string>& values, int64_t timestamp_ms = 1000,
                            const record::ProducerStamp& stamp = {},
                            record::Codec codec = record::Codec::kNone) {
  record::BatchBuilder builder(codec);
  for (const std::string& value : values) builder.append(timestamp_ms, {}, value);
  return std::string(builder.finish(stamp));
}

inline std::string batch_at(const std::vector<int64_t>& timestamps_ms,
                            record::Codec codec = record::Codec::kNone) {
  record::BatchBuilder builder(codec);
  for (int64_t time : timestamps_ms) builder.append(time, {}, "at " + std::to_string(time));
  return std::string(builder.finish());
}

// Appends and waits until it is durable; the base offset.
inline Offset append_durably(PartitionLog& log, std::string_view batch) {
  Outcomes outcomes;
  const AppendResult result = log.append(batch, outcomes.expect(0));
  if (result.outcome == AppendOutcome::kPending) {
    outcomes.wait_for(1);
    EXPECT_EQ(outcomes.of(0), AppendOutcome::kDurable);
  } else {
    EXPECT_EQ(result.outcome, AppendOutcome::kDurable);
  }
  return result.base_offset;
}

struct Stored {
  int64_t offset;
  std::string value;
  bool operator==(const Stored&) const = default;
};

// All visible records from the log start on, read in pieces of `bytes_max`; checks every batch.
inline std::vector<Stored> read_all(PartitionLog& log, uint64_t bytes_max = 1u << 20) {
  std::vector<Stored> records;
  Offset at = log.log_start();
  while (at < log.high_watermark()) {
    const ReadResult read = log.read(at, bytes_max, true);
    EXPECT_EQ(read.outcome, ReadOutcome::kOk);
    std::string bytes;
    EXPECT_TRUE(read.slice.read_into(bytes));
    std::string_view rest = bytes;
    if (rest.empty()) {
      ADD_FAILURE() << "nothing at offset " << at.value;
      return records;
    }
    while (!rest.empty()) {
      const auto batch = record::BatchView::first(rest);
      if (!batch || batch->check() != record::Fault::kNone) {
        ADD_FAILURE() << "a bad batch at offset " << at.value;
        return records;
      }
      record::RecordReader reader;
      EXPECT_EQ(reader.open(*batch), record::Fault::kNone);
      record::RecordView record;
      while (reader.next(record))
        if (record.offset >= at.value)
          records.push_back({record.offset, std::string(record.value)});
      at = Offset(batch->last_offset() + 1);
      rest.remove_prefix(batch->bytes().size());
    }
  }
  return records;
}

class LogTest : public ::testing::Test {
 protected:
  void SetUp() override { options_.folder = "/data"; }

  // Like a new process: the one before is gone.
  void open() {
    store_.reset();
    auto store = LogStore::open(disk_, clock_, options_);
    ASSERT_TRUE(store) << to_text(store.error());
    store_ = std::move(*store);
  }
  PartitionLog& create(int partition = 0, const std::string& topic = "t") {
    auto log = store_->create({topic, PartitionId(partition)});
    EXPECT_TRUE(log) << to_text(log.error());
    return **log;
  }
  PartitionLog& log(int partition = 0, const std::string& topic = "t") {
    auto found = store_->find({topic, PartitionId(partition)});
    EXPECT_TRUE(found);
    return *found;
  }
  // As after SIGKILL or a power cut, without opening again.
  void crash(FakeDisk::Loss loss, uint64_t seed = 1) {
    store_.reset();
    disk_.crash(loss, seed);
  }

  FakeDisk disk_;
  FakeClock clock_;
  LogStoreOptions options_;
  std::unique_ptr<LogStore> store_;
};

}  // namespace weir::log
