// One partition: an append-only sequence of record batches, in segment files as Kafka lays them out
// (docs/formats/log.md).
//
// An append gets its offset at once and is acknowledged when its bytes are flushed. Only flushed
// batches are visible: the high watermark is the flushed end. A batch is written once, exactly as a
// Fetch returns it; base offset and leader epoch (always 0) are patched in, its CRC does not cover
// them.
//
// Group commit without a timer: the first append queues the partition for a flush thread of its
// LogStore; that thread writes and syncs all that is pending, then advances the high watermark and
// calls the completions; whatever arrived meanwhile makes the next flush. Partitions flush in
// parallel and do not wait for each other.
//
// A failed write or sync (also a full disk) closes the whole LogStore to writes for good: pending
// and later appends get kStorageError, reads of what was flushed go on.
//
// Threads: every public function may be called from any thread. Completions and the listener run on
// a flush thread, without locks held; they must be short (post to your own thread).
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/log/append.h"
#include "weir/sys/disk.h"

namespace weir::log {

struct TopicPartition {
  std::string topic;
  PartitionId partition;
  auto operator<=>(const TopicPartition&) const = default;
};

// What a topic's configuration may set; by Kafka's names segment.bytes, retention.bytes,
// retention.ms, max.message.bytes. Retention -1 = without limit.
struct LogConfig {
  int64_t segment_bytes = int64_t{1} << 30;  // 1 KiB..2^31-1; a larger batch gets its own segment
  int64_t retention_bytes = -1;
  int64_t retention_ms = 7LL * 24 * 3600 * 1000;
  int64_t batch_bytes_max = 1'048'588;
};

// A run of whole batches inside one segment file. Holding it keeps the file open, also when its
// segment is deleted. For sendfile: file->descriptor() (-1 on a fake), position, size.
struct Slice {
  std::shared_ptr<File> file;
  uint64_t position = 0;
  uint64_t size = 0;
  // Appends the bytes to `out`.
  Status read_into(std::string& out) const;
};

enum class ReadOutcome {
  kOk,          // slice may be empty: nothing at `from` yet
  kOutOfRange,  // OFFSET_OUT_OF_RANGE(1): below the log start or above the high watermark
  kGone,        // UNKNOWN_TOPIC_OR_PARTITION(3)
  kFailed,      // KAFKA_STORAGE_ERROR(56): the disk failed to read or its bytes are no batches
};

struct ReadResult {
  ReadOutcome outcome = ReadOutcome::kOk;
  Slice slice;
  Offset high_watermark, log_start;
};

struct TimestampedOffset {
  Offset offset{-1};  // -1: no such record
  int64_t timestamp_ms = -1;
};

class PartitionLog {
 public:
  virtual ~PartitionLog() = default;

  virtual const TopicPartition& name() const = 0;
  virtual Offset high_watermark() const = 0;  // the next offset a reader can get: flushed end
  virtual Offset log_start() const = 0;
  virtual Offset log_end() const = 0;         // behind the last append, flushed or not
  virtual int64_t size_bytes() const = 0;     // of all segments, flushed
  virtual int64_t pending_bytes() const = 0;  // accepted, not yet flushed

  // Appends exactly one v2 batch. Checks its structure and CRC and Kafka's idempotence rules.
  // `done` is called exactly once if and only if the result is kPending (possibly before this
  // returns); it may be empty (acks=0). Copies `batch`.
  virtual AppendResult append(std::string_view batch, AppendDone done) = 0;

  // Whole batches from the one that contains `from` up to the high watermark and up to `bytes_max`,
  // but at least that one batch if `at_least_one`. Ends at a segment's end; ask again behind it.
  // `from` equal to the high watermark gives an empty slice.
  virtual ReadResult read(Offset from, uint64_t bytes_max, bool at_least_one) = 0;

  // ListOffsets: the first record, in log order, of the first batch that holds one with a time >=
  // `timestamp_ms`, below the high watermark. Exact, also in compressed batches and when times are
  // not monotonic.
  virtual Result<TimestampedOffset> find_timestamp(int64_t timestamp_ms) = 0;
  // The first of the records with the largest timestamp (ListOffsets -3).
  virtual Result<TimestampedOffset> max_timestamp() = 0;

  // DeleteRecords: moves the log start to `before` (at most the high watermark; -1 = there),
  // durably, and returns the new start. kUsage when out of range. Whole segments below it are
  // unlinked.
  virtual Result<Offset> delete_records(Offset before) = 0;

  virtual LogConfig config() const = 0;
  virtual void configure(const LogConfig& config) = 0;
};

}  // namespace weir::log
