// Reads the records of a batch one after the other, decompressing first where needed.
//
// Views point into the batch's bytes, or into the reader's buffer when it was compressed; they hold
// until the reader opens another batch. Home thread: one. A reader is meant to be kept and reused:
// its buffer stays.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/record/batch_view.h"
#include "weir/record/compression.h"

namespace weir::record {

// A record header. A value with data() == nullptr is null.
struct Header {
  std::string_view key, value;
};

struct RecordView {
  int64_t offset = 0;
  int64_t timestamp_ms = 0;
  std::string_view key, value;  // data() == nullptr: null
  int32_t header_count = 0;
  std::string_view header_bytes;  // as stored, already checked

  std::vector<Header> headers() const;
};

class RecordReader {
 public:
  explicit RecordReader(size_t expanded_bytes_max = kExpandedBytesMax)
      : expanded_bytes_max_(expanded_bytes_max) {}

  // Starts with `batch`, whose bytes stay until the last next(). kBadRecords when it does not
  // decompress.
  Fault open(const BatchView& batch);
  // Reads the next record. False at the end, and at the first record that cannot be read:
  // fault() tells which.
  bool next(RecordView& record);
  Fault fault() const { return fault_; }

 private:
  bool read(RecordView& record, const char* at, const char* end) const;

  const size_t expanded_bytes_max_;
  std::string expanded_;
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  int64_t base_offset_ = 0;
  int32_t last_offset_delta_ = 0;
  int64_t base_timestamp_ms_ = 0;
  std::optional<int64_t> append_time_ms_;
  int32_t records_left_ = 0;
  Fault fault_ = Fault::kNone;
};

// Where a time was found.
struct TimedOffset {
  int64_t offset = -1;
  int64_t timestamp_ms = -1;
  bool operator==(const TimedOffset&) const = default;
};

// The first record of the batch, in offset order, whose time is at or after `timestamp_ms`;
// nothing when there is none. kBadRecords.
tl::expected<std::optional<TimedOffset>, Fault> first_at_or_after(const BatchView& batch,
                                                                  int64_t timestamp_ms,
                                                                  RecordReader& reader);
// The first record that has the batch's largest time; nothing in a batch without records.
tl::expected<std::optional<TimedOffset>, Fault> with_max_timestamp(const BatchView& batch,
                                                                   RecordReader& reader);

}  // namespace weir::record
