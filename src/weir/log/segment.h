// One segment of a partition: a file of batches and, in memory, its two sparse indexes, in the form
// of Kafka's .index and .timeindex files (docs/formats/log.md).
//
// Only flushed batches are noted here, so all it answers is visible.
//
// Threads: guarded by its partition's lock; the file may be read without it.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/log/batch.h"
#include "weir/sys/disk.h"

namespace weir::log {

// A batch is indexed when this many bytes have been noted since the last indexed one.
constexpr uint64_t kIndexIntervalBytes = 4096;
// Offsets and positions in an index are 31 bits wide.
constexpr int64_t kSegmentBytesMax = 0x7FFFFFFF;

// "<folder>/<base offset, 20 digits>"; files add .log, .index, .timeindex.
std::string segment_stem(const std::string& folder, Offset base);

// What is still to be written to the index files, behind what they hold.
struct IndexTail {
  std::string stem;
  uint64_t offsets_at = 0, times_at = 0;  // bytes already there
  std::string offsets, times;
  bool empty() const { return offsets.empty() && times.empty(); }
};

class Segment {
 public:
  Segment(Offset base, std::shared_ptr<File> file, std::string stem)
      : base_(base), end_(base), file_(std::move(file)), stem_(std::move(stem)) {}

  Offset base() const { return base_; }
  Offset end() const { return end_; }  // of its last batch, exclusive
  uint64_t size() const { return size_; }
  const std::shared_ptr<File>& file() const { return file_; }
  const std::string& stem() const { return stem_; }
  int64_t max_timestamp_ms() const { return max_timestamp_ms_; }         // -1: none
  Offset max_timestamp_offset() const { return max_timestamp_offset_; }  // its batch's last
  // When it last grew, by this process's clock.
  int64_t touched_ms() const { return touched_ms_; }
  void touch(int64_t now_ms) { touched_ms_ = now_ms; }

  // Takes in the batch behind the last one; it stands at size().
  void note(const BatchHeader& header);

  // The start of a batch at or before the one that holds `offset` (base() <= offset < end()).
  uint64_t position_before(Offset offset) const;
  // The start of an indexed batch at or below `position`, or 0.
  uint64_t boundary_below(uint64_t position) const;
  // The start of a batch such that no earlier one has a time >= `timestamp_ms`.
  uint64_t position_before_time(int64_t timestamp_ms) const;

  // What the index files lack; `last` closes them as at a roll. They count as written afterwards.
  IndexTail take_index_tail(bool last);

  // Loads what the index files say about batches below `below`, up to the first entry that cannot
  // be right. size() is then the start of the last indexed batch, where a walk must go on with
  // resume() and then note() that batch again.
  void load_indexes(Disk& disk, Offset below, uint64_t file_size);
  // Whether `header` at size() is the batch that the indexes end with.
  bool resume(const BatchHeader& header);
  // Forgets what was noted or loaded.
  void clear();

 private:
  struct OffsetEntry {
    uint32_t relative_last_offset, position;
  };
  struct TimeEntry {
    int64_t timestamp_ms;
    uint32_t relative_offset;
  };
  void note_time();

  const Offset base_;
  Offset end_;
  uint64_t size_ = 0;
  std::shared_ptr<File> file_;
  std::string stem_;
  int64_t max_timestamp_ms_ = -1;
  Offset max_timestamp_offset_{-1};
  int64_t touched_ms_ = 0;
  uint64_t since_indexed_ = 0;
  std::vector<OffsetEntry> offsets_;
  std::vector<TimeEntry> times_;
  size_t offsets_written_ = 0, times_written_ = 0;
};

// Appends the tail to the index files and syncs them (not the folder).
Status write_index_tail(Disk& disk, const IndexTail& tail);

// Unlinks the segment's files.
Status remove_segment(Disk& disk, const std::string& stem);

}  // namespace weir::log
