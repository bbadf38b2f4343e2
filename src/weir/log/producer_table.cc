#include "weir/log/producer_table.h"

#include <algorithm>
#include <map>

#include "weir/base/bytes.h"
#include "weir/base/crc32c.h"

namespace weir::log {
namespace {

constexpr int16_t kVersion = 1;
constexpr size_t kPrefixBytes = 4 + 2 + 4;  // crc, version, count
constexpr size_t kProducerBytes = 8 + 2 + 8 + 1, kKeptBytes = 4 + 4 + 8 + 8;

tl::unexpected<Error> corrupt(std::string why) {
  return fail(Code::kCorrupt, "cannot read a producer snapshot", std::move(why));
}

}  // namespace

ProducerTable::Verdict ProducerTable::check(const BatchHeader& header) const {
  Verdict verdict;
  auto found = producers_.find(header.producer_id);
  if (found == producers_.end()) return verdict;
  const Producer& producer = found->second;
  const int32_t last_sequence = sequence_after(header.base_sequence, header.last_offset_delta);
  if (header.producer_epoch == producer.epoch) {
    for (size_t i = 0; i < producer.count; ++i) {
      const Kept& kept = producer.kept[i];
      if (kept.first_sequence == header.base_sequence && kept.last_sequence == last_sequence) {
        verdict.repeated = true;
        verdict.base_offset = Offset(kept.base_offset);
        verdict.last_offset = Offset(kept.last_offset);
        return verdict;
      }
    }
    const int32_t expected = sequence_after(producer.kept[producer.count - 1].last_sequence, 1);
    if (header.base_sequence != expected) verdict.outcome = AppendOutcome::kOutOfOrderSequence;
  } else if (header.producer_epoch < producer.epoch) {
    verdict.outcome = AppendOutcome::kInvalidProducerEpoch;
  } else if (header.base_sequence != 0) {
    verdict.outcome = AppendOutcome::kOutOfOrderSequence;
  }
  return verdict;
}

void ProducerTable::note(const BatchHeader& header, int64_t now_ms) {
  if (!header.idempotent()) return;
  Producer& producer = producers_[header.producer_id];
  if (producer.epoch != header.producer_epoch) {
    producer.epoch = header.producer_epoch;
    producer.count = 0;
  }
  if (producer.count == kBatchesKept) {
    std::move(producer.kept.begin() + 1, producer.kept.end(), producer.kept.begin());
    --producer.count;
  }
  producer.kept[producer.count++] = {header.base_sequence,
                                     sequence_after(header.base_sequence, header.last_offset_delta),
                                     header.base_offset.value, header.last_offset().value};
  producer.seen_ms = now_ms;
}

void ProducerTable::expire(int64_t instant_ms) {
  std::erase_if(producers_, [&](const auto& entry) { return entry.second.seen_ms < instant_ms; });
}

std::string ProducerTable::encode() const {
  // Sorted, so that equal tables give equal bytes.
  std::map<int64_t, const Producer*> sorted;
  for (const auto& [id, producer] : producers_) sorted[id] = &producer;
  std::string body;
  append_be<int16_t>(body, kVersion);
  append_be<int32_t>(body, int32_t(sorted.size()));
  for (const auto& [id, producer] : sorted) {
    append_be<int64_t>(body, id);
    append_be<int16_t>(body, producer->epoch);
    append_be<int64_t>(body, producer->seen_ms);
    append_be<uint8_t>(body, producer->count);
    for (size_t i = 0; i < producer->count; ++i) {
      append_be<int32_t>(body, producer->kept[i].first_sequence);
      append_be<int32_t>(body, producer->kept[i].last_sequence);
      append_be<int64_t>(body, producer->kept[i].base_offset);
      append_be<int64_t>(body, producer->kept[i].last_offset);
    }
  }
  std::string out;
  append_be<uint32_t>(out, crc32c(body));
  return out + body;
}

Result<ProducerTable> ProducerTable::decode(std::string_view bytes) {
  if (bytes.size() < kPrefixBytes) return corrupt("it is shorter than its header");
  if (load_be<uint32_t>(bytes.data()) != crc32c(bytes.substr(4)))
    return corrupt("its checksum does not fit");
  if (load_be<int16_t>(bytes.data() + 4) != kVersion) return corrupt("its version is unknown");
  const int32_t count = load_be<int32_t>(bytes.data() + 6);
  bytes.remove_prefix(kPrefixBytes);
  ProducerTable table;
  for (int32_t i = 0; i < count; ++i) {
    if (bytes.size() < kProducerBytes) return corrupt("it ends within a producer");
    const char* at = bytes.data();
    Producer producer;
    const int64_t id = load_be<int64_t>(at);
    producer.epoch = load_be<int16_t>(at + 8);
    producer.seen_ms = load_be<int64_t>(at + 10);
    producer.count = load_be<uint8_t>(at + 18);
    bytes.remove_prefix(kProducerBytes);
    if (producer.count < 1 || producer.count > kBatchesKept)
      return corrupt("a producer has an impossible number of batches");
    if (bytes.size() < producer.count * kKeptBytes) return corrupt("it ends within a batch");
    for (size_t k = 0; k < producer.count; ++k, bytes.remove_prefix(kKeptBytes)) {
      at = bytes.data();
      producer.kept[k] = {load_be<int32_t>(at), load_be<int32_t>(at + 4), load_be<int64_t>(at + 8),
                          load_be<int64_t>(at + 16)};
    }
    table.producers_[id] = producer;
  }
  if (!bytes.empty()) return corrupt("bytes follow its end");
  return table;
}

}  // namespace weir::log
