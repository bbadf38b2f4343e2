// The partition log behind partition_log.h.
//
// Three locks, always taken in this order: files_mutex_ keeps checkpoints, retention and deletion
// apart, which write index files and unlink segments; flush_mutex_ is held by whoever appends to
// the last segment or changes the list of segments; mutex_ guards the fields and is never held over
// disk access. What is appended waits in chunks; a chunk goes to one segment with one write and one
// sync.
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "weir/log/flush_queue.h"
#include "weir/log/partition_log.h"
#include "weir/log/producer_table.h"
#include "weir/log/recovery.h"
#include "weir/log/segment.h"
#include "weir/sys/clock.h"

namespace weir::log {

// What the partitions of one store share; they may outlive the store itself.
struct Shared {
  Shared(Disk& disk_in, Clock& clock_in) : disk(disk_in), clock(clock_in) {}
  Disk& disk;
  Clock& clock;
  WriteGate gate;
  int64_t checkpoint_bytes = 0;
  std::function<void(PartitionLog&)> on_advance;
};

class Partition final : public PartitionLog,
                        public Flushable,
                        public std::enable_shared_from_this<Partition> {
 public:
  using WantCheckpoint = std::function<void(std::shared_ptr<Partition>)>;

  // Queues flushes in `queue` and asks `want_checkpoint` for a call of checkpoint(); both must stay
  // until abandon().
  Partition(std::shared_ptr<Shared> shared, TopicPartition name, std::string folder,
            LogConfig config, Offset log_start, Offset recovery_point, Recovered recovered,
            FlushQueue& queue, WantCheckpoint want_checkpoint);

  const TopicPartition& name() const override { return name_; }
  Offset high_watermark() const override { return Offset(high_watermark_.load()); }
  Offset log_start() const override { return Offset(log_start_.load()); }
  Offset log_end() const override;
  int64_t size_bytes() const override;
  int64_t pending_bytes() const override;
  AppendResult append(std::string_view batch, AppendDone done) override;
  ReadResult read(Offset from, uint64_t bytes_max, bool at_least_one) override;
  Result<TimestampedOffset> find_timestamp(int64_t timestamp_ms) override;
  Result<TimestampedOffset> max_timestamp() override;
  Result<Offset> delete_records(Offset before) override;
  LogConfig config() const override;
  void configure(const LogConfig& config) override;

  // For the store.
  const std::string& folder() const { return folder_; }
  Offset recovery_point() const { return Offset(recovery_point_.load()); }
  // Set by the store: makes the log starts of all partitions durable.
  void on_log_start(std::function<Status()> persist) { persist_log_start_ = std::move(persist); }
  bool flush() override;
  // Waits until all that was appended before is flushed, writes indexes and a producer snapshot and
  // moves recovery_point(); the store then makes that durable and calls sweep_snapshots().
  // `closing`: nothing more will be appended.
  Status checkpoint(bool closing);
  Status sweep_snapshots();
  // Deletes whole segments beyond the retention limits and forgets producers silent for a day.
  Status enforce_retention();
  // Appends and reads get kGone from now on, pending ones at once; no file is touched afterwards.
  void mark_gone();
  // Later appends get kStorageError.
  void refuse_appends();
  // Fails what is pending with kStorageError. The flush threads have ended, and queue, store and
  // callbacks are not used afterwards.
  void abandon();

 private:
  struct Chunk {
    std::string bytes;
    std::vector<BatchHeader> headers;
    bool roll = false;  // begins a new segment
    Offset end() const { return headers.back().next_offset(); }
  };
  struct Waiter {
    Offset end;
    AppendDone done;
  };

  using Dones = std::vector<AppendDone>;

  // Under mutex_.
  void enqueue(const BatchHeader& header, std::string_view batch);
  Chunk& chunk_for(const BatchHeader& header);
  const std::shared_ptr<Segment>& segment_of(Offset offset) const;
  Dones take_waiters(Offset below);
  Dones drop_pending();
  void publish(Chunk& chunk);
  bool expired(const Segment& segment, int64_t now_ms) const;
  std::vector<std::string> take_unneeded(int64_t now_ms);

  // Under flush_mutex_, without mutex_.
  Status write(const Chunk& chunk);
  Status roll(Offset base);

  // Under files_mutex_ alone.
  Status drop_unneeded();

  // With no lock. `from` in a batch of `segment`, whose file has `size` visible bytes.
  struct Place {
    std::shared_ptr<Segment> segment;
    std::shared_ptr<File> file;
    uint64_t position = 0, size = 0;
  };
  Result<Slice> slice(const Place& place, Offset from, uint64_t bytes_max, bool at_least_one);
  Result<std::optional<TimestampedOffset>> first_in(const Place& place, int64_t timestamp_ms,
                                                    Offset from) const;

  int64_t now_ms() const { return shared_->clock.now().millis(); }

  const std::shared_ptr<Shared> shared_;
  const TopicPartition name_;
  const std::string folder_;
  FlushQueue& queue_;
  const WantCheckpoint want_checkpoint_;
  std::function<Status()> persist_log_start_;

  std::mutex files_mutex_, flush_mutex_;
  mutable std::mutex mutex_;
  std::condition_variable flushed_;  // with mutex_: the high watermark moved, or never will

  // Guarded by mutex_.
  LogConfig config_;
  std::vector<std::shared_ptr<Segment>> segments_;
  ProducerTable producers_;
  Offset end_;                 // log end
  uint64_t planned_size_ = 0;  // of the last segment once all pending chunks are written
  Offset planned_base_;        // and its base
  std::deque<Chunk> chunks_;
  Chunk spare_;  // its buffers are used again
  int64_t pending_bytes_ = 0;
  bool queued_ = false;          // in the flush queue or being flushed
  std::deque<Waiter> waiters_;   // in order of end
  std::vector<Waiter> repeats_;  // of batches that are pending already
  bool gone_ = false, refusing_ = false, abandoned_ = false;
  int64_t since_checkpoint_ = 0;
  std::vector<IndexTail> sealed_tails_;  // of rolled segments, for the next checkpoint
  bool wants_checkpoint_ = false;

  std::atomic<int64_t> high_watermark_, log_start_, recovery_point_;
};

}  // namespace weir::log
