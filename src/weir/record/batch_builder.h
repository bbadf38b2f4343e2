// Builds one record batch after another in a buffer of its own.
//
// Home thread: one. append() allocates only while the buffer grows to its largest batch; reset()
// keeps it. A batch starts at offset 0; the broker sets the real one.
// Format: docs/formats/record-batch.md.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "weir/record/batch_view.h"
#include "weir/record/record_reader.h"

namespace weir::record {

// Who wrote a batch, and which of its batches it is; for brokers to drop repeats.
struct ProducerStamp {
  int64_t producer_id = kNoProducerId;
  int16_t epoch = -1;
  int32_t base_sequence = -1;
};

class BatchBuilder {
 public:
  explicit BatchBuilder(Codec codec = Codec::kNone);

  // Adds a record; key and value with data() == nullptr are null. At most 2^31 - 1 bytes and
  // records in all.
  void append(int64_t timestamp_ms, std::string_view key, std::string_view value,
              std::span<const Header> headers = {});

  int32_t record_count() const { return record_count_; }
  // The batch's size so far, before compression.
  size_t bytes() const { return size_; }
  // What append() would add for such a record, at most (without headers).
  static constexpr size_t record_bytes_max(size_t key_bytes, size_t value_bytes) {
    return key_bytes + value_bytes + kRecordOverheadMax;
  }

  // The finished batch, of at least one record; valid until the next append(), finish() or
  // reset(). May be called again with another stamp; the records stay.
  std::string_view finish(const ProducerStamp& stamp = {});
  // Begins the next batch.
  void reset();

 private:
  // Length, attributes, times, offset, key length, value length, header count at their longest.
  static constexpr size_t kRecordOverheadMax = 5 + 1 + 10 + 5 + 5 + 5 + 5;

  void reserve(size_t more);
  void write_header(char* to, size_t size, const ProducerStamp& stamp) const;

  const Codec codec_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  size_t size_ = kBatchHeaderBytes;
  int32_t record_count_ = 0;
  int64_t base_timestamp_ms_ = 0;
  int64_t max_timestamp_ms_ = 0;
  std::string compressed_;  // the finished batch, unless the codec is none
};

}  // namespace weir::record
