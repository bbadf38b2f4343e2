// All partition logs below one data folder, the threads that flush them and their recovery.
//
// open() takes the folder's lock, loads every folder named <topic>-<number> and, unless the last
// stop was clean, re-reads each log from its recovery point: CRC of every batch, contiguous
// offsets. A torn tail is cut; a bad batch with a good one behind it is rot: open() then fails with
// kCorrupt. Recovery points advance every LogStoreOptions::checkpoint_bytes, so a start after
// SIGKILL re-reads at most that much per partition.
//
// Names in the data folder that do not end in -<number>, and files, are left to the caller.
//
// Threads: every function may be called from any thread, close() once. Owns flush_threads threads
// for group commit and one for checkpoints, retention and unlinking.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/log/partition_log.h"
#include "weir/sys/clock.h"

namespace weir::log {

struct LogStoreOptions {
  std::string folder;
  LogConfig defaults;  // for partitions until configure()d
  int flush_threads = 4;
  int64_t checkpoint_bytes = 64LL << 20;
  Nanos retention_check = nanos_from_seconds(30);
  // After a partition's high watermark advanced, on a flush thread, before the completions of the
  // same flush. For waking parked fetches.
  std::function<void(PartitionLog&)> on_advance;
};

// What open() had to do.
struct RecoverySummary {
  size_t partitions = 0;
  uint64_t bytes_read = 0, bytes_cut = 0;  // re-read for their CRC; torn tails
};

class LogStore {
 public:
  // `disk` and `clock` outlive the store. Fails with kUsage when another process holds the folder.
  static Result<std::unique_ptr<LogStore>> open(Disk& disk, Clock& clock, LogStoreOptions options);
  // Like a crash when close() was not called, but waits for running flushes.
  virtual ~LogStore() = default;

  // Flushes all, writes indexes, producer states and the clean marker. Later appends get
  // kStorageError. The first error met, if any; then the next open recovers.
  virtual Status close() = 0;

  // A new, empty log, durable on return. kAlreadyExists, kUsage (bad topic name).
  virtual Result<std::shared_ptr<PartitionLog>> create(const TopicPartition& name) = 0;
  virtual std::shared_ptr<PartitionLog> find(
      const TopicPartition& name) const = 0;                                  // null: unknown
  virtual std::vector<std::shared_ptr<PartitionLog>> partitions() const = 0;  // sorted by name

  // Renames the topic's folders, forgets them (pending appends get kGone) and unlinks the files in
  // the background. Durable on return. A topic without partitions is no error.
  virtual Status delete_topic(const std::string& topic) = 0;

  // Deletes whole segments beyond the retention limits as of now; also done every retention_check.
  virtual Status enforce_retention() = 0;

  virtual const RecoverySummary& recovery() const = 0;

  // Why the store is closed to writes; empty while it is open.
  virtual std::optional<Error> failure() const = 0;
};

}  // namespace weir::log
