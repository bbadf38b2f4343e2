#include "weir/log/batch.h"

#include <limits>

#include "weir/base/bytes.h"

namespace weir::log {

BatchHeader parse_batch_header(const char* bytes) {
  BatchHeader header;
  header.base_offset = Offset(load_be<int64_t>(bytes));
  const int32_t length = load_be<int32_t>(bytes + 8);  // of the bytes behind it
  if (length >= int32_t(kBatchHeaderBytes - record::kBatchPrefixBytes))
    header.size = record::kBatchPrefixBytes + uint64_t(length);
  header.magic = load_be<int8_t>(bytes + 16);
  header.crc = load_be<uint32_t>(bytes + 17);
  header.last_offset_delta = load_be<int32_t>(bytes + 23);
  header.max_timestamp_ms = load_be<int64_t>(bytes + 35);
  header.producer_id = load_be<int64_t>(bytes + 43);
  header.producer_epoch = load_be<int16_t>(bytes + 51);
  header.base_sequence = load_be<int32_t>(bytes + 53);
  header.record_count = load_be<int32_t>(bytes + 57);
  return header;
}

bool plausible(const BatchHeader& header) {
  return header.size != 0 && header.magic == record::kBatchMagic && header.base_offset.value >= 0 &&
         header.last_offset_delta >= 0 && header.record_count >= 1 &&
         header.last_offset_delta == header.record_count - 1 &&
         header.base_offset.value <= std::numeric_limits<int64_t>::max() - header.record_count;
}

AppendOutcome check_appended_batch(std::string_view bytes, int64_t batch_bytes_max,
                                   BatchHeader& header) {
  const auto batch = record::BatchView::first(bytes);
  if (!batch)
    return batch.error() == record::Fault::kBadMagic ? AppendOutcome::kInvalidRecord
                                                     : AppendOutcome::kCorrupt;
  if (batch->bytes().size() != bytes.size()) return AppendOutcome::kInvalidRecord;
  if (int64_t(bytes.size()) > batch_bytes_max) return AppendOutcome::kTooLarge;
  switch (batch->check_produced()) {
    case record::Fault::kNone:
      break;
    case record::Fault::kBadHeader:
      return AppendOutcome::kInvalidRecord;
    default:
      return AppendOutcome::kCorrupt;
  }
  if (batch->is_transactional()) return AppendOutcome::kInvalidRecord;
  header = parse_batch_header(bytes.data());
  return AppendOutcome::kPending;
}

void patch_batch(std::span<char> batch, Offset base_offset) {
  record::set_base_offset(batch, base_offset.value);
  record::set_leader_epoch(batch, 0);
}

int32_t sequence_after(int32_t sequence, int32_t n) {
  return int32_t((int64_t(sequence) + n) & std::numeric_limits<int32_t>::max());
}

}  // namespace weir::log
