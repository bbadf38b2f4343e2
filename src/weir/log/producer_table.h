// What a partition remembers of its idempotent producers, by Kafka's rules
// (org.apache.kafka.storage.internals.log.ProducerStateManager): the epoch and the last five
// batches of each, to recognise a repeated batch and a gap.
//
// Threads: one at a time (the partition's lock).
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "weir/base/result.h"
#include "weir/log/batch.h"

namespace weir::log {

class ProducerTable {
 public:
  static constexpr size_t kBatchesKept = 5;

  struct Verdict {
    AppendOutcome outcome = AppendOutcome::kPending;  // kPending: append it
    bool repeated = false;                            // then do not, it is already there:
    Offset base_offset, last_offset;
  };
  // Whether the batch may be appended. Same epoch, first and last sequence as a kept batch:
  // repeated. Lower epoch: kInvalidProducerEpoch. Higher epoch not at sequence 0, or same epoch not
  // at the last sequence + 1 (2^31-1 is followed by 0): kOutOfOrderSequence. Unknown producer: any.
  Verdict check(const BatchHeader& header) const;

  // Remembers an appended batch, whose base offset is final, seen at `now_ms`.
  void note(const BatchHeader& header, int64_t now_ms);

  // Forgets producers silent since before `instant_ms`.
  void expire(int64_t instant_ms);

  size_t size() const { return producers_.size(); }

  // The table as bytes (docs/formats/log.md, "Producer snapshot"), and back; kCorrupt when the
  // bytes contradict their checksum or format.
  std::string encode() const;
  static Result<ProducerTable> decode(std::string_view bytes);

 private:
  struct Kept {
    int32_t first_sequence = 0, last_sequence = 0;
    int64_t base_offset = 0, last_offset = 0;
  };
  struct Producer {
    int16_t epoch = -1;
    uint8_t count = 0;  // of kept, oldest first
    std::array<Kept, kBatchesKept> kept;
    int64_t seen_ms = 0;
  };
  std::unordered_map<int64_t, Producer> producers_;
};

}  // namespace weir::log
