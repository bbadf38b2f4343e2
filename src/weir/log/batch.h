// What the log needs of a record batch in its files: the header, read without the records behind
// it, and the checks before one is appended. Format: docs/formats/record-batch.md.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "weir/base/types.h"
#include "weir/log/append.h"
#include "weir/record/batch_view.h"

namespace weir::log {

using record::kBatchHeaderBytes;
constexpr size_t kBatchCrcFrom = 21;  // the CRC covers all from the attributes on

struct BatchHeader {
  Offset base_offset;
  uint64_t size = 0;  // of the whole batch in bytes
  int8_t magic = 0;
  uint32_t crc = 0;
  int32_t last_offset_delta = 0;
  int64_t max_timestamp_ms = -1;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  int32_t base_sequence = -1;
  int32_t record_count = 0;

  Offset last_offset() const { return base_offset + last_offset_delta; }
  Offset next_offset() const { return base_offset + last_offset_delta + 1; }
  bool idempotent() const { return producer_id >= 0; }
};

// Reads the header from kBatchHeaderBytes bytes, unchecked except that size is 0 when the length
// field is less than a header.
BatchHeader parse_batch_header(const char* bytes);

// A header whose fields may be those of a stored batch (magic, length, count); the CRC is apart.
bool plausible(const BatchHeader& header);

// Whether `bytes` are exactly one batch that a producer may append: kPending when so, else
// kCorrupt, kTooLarge (over `batch_bytes_max`) or kInvalidRecord. Fills `header`.
AppendOutcome check_appended_batch(std::string_view bytes, int64_t batch_bytes_max,
                                   BatchHeader& header);

// Writes base offset and leader epoch 0; the CRC covers neither.
void patch_batch(std::span<char> batch, Offset base_offset);

// The sequence number `n` after `sequence`; they wrap from 2^31-1 to 0.
int32_t sequence_after(int32_t sequence, int32_t n);

}  // namespace weir::log
