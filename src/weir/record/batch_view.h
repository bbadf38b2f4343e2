// One record batch (format version 2) where it lies: header fields, checks, patches.
//
// A view never owns, allocates or copies; it is valid as long as its bytes are. All numbers in it
// come from outside until check() has answered kNone.
// Format: docs/formats/record-batch.md.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <tl/expected.hpp>

#include "weir/base/bytes.h"

namespace weir::record {

enum class Codec : uint8_t { kNone = 0, kGzip = 1, kSnappy = 2, kLz4 = 3, kZstd = 4 };
const char* to_text(Codec codec);

// What is wrong with the bytes of a batch.
enum class Fault {
  kNone,
  kIncomplete,   // the bytes end before the batch does: read more, or a torn tail
  kBadLength,    // the length is too small to hold a header
  kBadMagic,     // another format version
  kBadChecksum,  // the bytes are not what the writer wrote
  kBadHeader,    // the checksum is right, and fields contradict each other
  kBadRecords,   // the records, or their compression, cannot be read
};
const char* to_text(Fault fault);

inline constexpr size_t kBatchPrefixBytes = 12;  // base offset and length
inline constexpr size_t kBatchHeaderBytes = 61;  // with the prefix; records follow
inline constexpr int8_t kBatchMagic = 2;
inline constexpr int64_t kNoProducerId = -1;

class BatchView {
 public:
  // The batch at the front of `bytes`; more may follow it. Looks at length and magic only:
  // kIncomplete, kBadLength, kBadMagic.
  static tl::expected<BatchView, Fault> first(std::string_view bytes);

  // Whether this is what its writer wrote: the checksum, then whether the header's fields agree.
  Fault check() const;
  // check(), and what a broker demands of a produced batch beyond it: no control batch, dense
  // offsets, at least one record, a sequence where there is a producer id.
  Fault check_produced() const;

  int64_t base_offset() const { return load<int64_t>(0); }
  int32_t leader_epoch() const { return load<int32_t>(12); }
  uint32_t checksum() const { return load<uint32_t>(17); }
  int16_t attributes() const { return load<int16_t>(21); }
  int32_t last_offset_delta() const { return load<int32_t>(23); }
  int64_t base_timestamp_ms() const { return load<int64_t>(27); }
  int64_t max_timestamp_ms() const { return load<int64_t>(35); }
  int64_t producer_id() const { return load<int64_t>(43); }
  int16_t producer_epoch() const { return load<int16_t>(51); }
  int32_t base_sequence() const { return load<int32_t>(53); }
  int32_t record_count() const { return load<int32_t>(57); }

  int64_t last_offset() const { return base_offset() + last_offset_delta(); }
  // The last record's sequence number; wraps from 2^31 - 1 to 0. Only with a producer id.
  int32_t last_sequence() const {
    return int32_t((int64_t(base_sequence()) + last_offset_delta()) & INT32_MAX);
  }
  Codec codec() const { return Codec(attributes() & 7); }
  bool is_append_time() const { return attributes() & 8; }  // else records keep their own times
  bool is_transactional() const { return attributes() & 16; }
  bool is_control() const { return attributes() & 32; }

  // The whole batch, and its records as stored, possibly compressed.
  std::string_view bytes() const { return bytes_; }
  std::string_view record_bytes() const { return bytes_.substr(kBatchHeaderBytes); }

 private:
  explicit BatchView(std::string_view bytes) : bytes_(bytes) {}
  template <class T>
  T load(size_t at) const {
    return load_be<T>(bytes_.data() + at);
  }
  std::string_view bytes_;
};

// Set what a broker decides on append, in place. The checksum does not cover these fields.
// `batch` holds at least the header.
void set_base_offset(std::span<char> batch, int64_t base_offset);
void set_leader_epoch(std::span<char> batch, int32_t leader_epoch);

}  // namespace weir::record
