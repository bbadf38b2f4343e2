#include <algorithm>

#include "weir/event/audit.h"

namespace weir {
namespace {
constexpr uint64_t kLateMax = 100'000;  // inversions of receipts kept per lane; the rest is counted
// A receipt that tells of more is none of an engine's batch: it must not fill the memory.
constexpr uint64_t kReceiptIdsMax = uint64_t{1} << 31;

uint64_t lane_key(uint32_t producer, uint32_t partition) {
  return EventId::make(Nanos(0), producer, partition, 0).low >> 36;
}
}  // namespace

void AuditSet::add_foreign(uint64_t count) { foreign_ += count; }

size_t AuditSet::bytes() const {
  size_t bytes = lanes_.size() * (sizeof(Lane) + 128) + batches_.size() * 64;
  for (const auto& [key, lane] : lanes_) bytes += lane.ids.bytes();
  return bytes;
}

uint32_t AuditSet::number_of(const Source& source) {
  if (latest_source_ != UINT32_MAX && batches_[latest_source_ / 2] == source.batch)
    return latest_source_ / 2 * 2 + (source.from_receipt ? 1 : 0);
  const auto [at, is_new] = batch_indexes_.emplace(source.batch, uint32_t(batches_.size()));
  if (is_new) batches_.push_back(source.batch);
  latest_source_ = at->second * 2;
  return latest_source_ + (source.from_receipt ? 1 : 0);
}

AuditSet::Lane& AuditSet::lane(const Key& key) {
  const auto [at, is_new] = lanes_.try_emplace(key);
  if (is_new) generations_[lane_key(key.producer, key.partition)].push_back(&at->second);
  return at->second;
}

AuditSet::Lane& AuditSet::lane_for(const EventId& id, Nanos due) {
  const uint64_t key = id.low >> 36, sequence = id.sequence();
  if (key == latest_key_ && latest_->ids.fits(sequence, due)) [[likely]]
    return *latest_;
  const auto& generations = generations_[key];
  Lane* free = nullptr;
  for (Lane* each : generations) {
    if (!each->ids.fits(sequence, due)) continue;
    if (each->ids.contains(sequence)) return *each;
    if (free == nullptr) free = each;
  }
  if (free == nullptr) free = &lane({id.producer(), id.partition(), uint32_t(generations.size())});
  latest_ = free;
  latest_key_ = generations.size() == 1 ? key : UINT64_MAX;
  return *free;
}

bool AuditSet::advance(Lane& lane, uint64_t sequence, int32_t output_partition) {
  for (Front& front : lane.fronts) {
    if (front.output_partition != output_partition) continue;
    if (sequence <= front.highest) return true;
    front.highest = sequence;
    return false;
  }
  lane.fronts.push_back({output_partition, sequence});
  return false;
}

void AuditSet::add(const EventId& id, const SeenAt& seen) {
  if (!id.is_ours()) return add_foreign();
  const Nanos due = id.due();
  const uint64_t sequence = id.sequence();
  Lane& lane = lane_for(id, due);
  const bool late = advance(lane, sequence, seen.partition);
  if (lane.ids.add(sequence, number_of({seen.batch, false}), due)) [[likely]] {
    ++distinct_;
    if (!late) return;
    ++lane.reordered;
    add_named(lane.inversions, {id, seen, {}});
    return;
  }
  ++lane.repeated;
  const Source earlier = source(*lane.ids.source_of(sequence));
  const bool known = earlier.batch >= 0 && seen.batch >= 0;
  add_named(lane.repeats, {id, seen,
                           !known                        ? "unknown"
                           : earlier.batch == seen.batch ? "sink or producer retry"
                                                         : "replay"});
}

void AuditSet::add(const Receipt& receipt, const SeenAt& seen) {
  SeenAt at = seen;
  at.batch = receipt.batch;
  foreign_ += uint64_t(std::max<int64_t>(receipt.foreign, 0));
  malformed_ += uint64_t(std::max<int64_t>(receipt.malformed, 0));
  uint64_t told = 0;
  for (const IdRange& range : receipt.ranges) {
    told += range.count();
    if (told <= kReceiptIdsMax)
      add_range(range, at);
    else
      foreign_ += range.count();
  }
  for (const EventId& id : receipt.repeats) {
    Lane& of = lane({id.producer(), id.partition(), 0});
    ++of.repeated;
    add_named(of.repeats, {id, at, "producer retry"});
  }
  add_inversions(receipt, at);
  const auto beyond = [](int64_t count, size_t named) {
    return uint64_t(std::max<int64_t>(count - int64_t(named), 0));
  };
  unnamed_repeated_ += beyond(receipt.repeated, receipt.repeats.size());
  unnamed_reordered_ += beyond(receipt.inverted, receipt.inversions.size());
}

// Names what was there already as repeats; of receipts the lowest batch is kept, as they may come
// in any order.
void AuditSet::add_range(const IdRange& range, const SeenAt& at) {
  Lane& of = lane({range.producer, range.partition, 0});
  const Source now{at.batch, true};
  const uint32_t number = number_of(now);
  std::vector<uint64_t> earlier;
  const auto flush = [&] {
    for (uint64_t sequence : earlier) of.ids.set_source(sequence, number);
    earlier.clear();
  };
  // A chunk at a time, so that `earlier` stays small.
  for (uint64_t first = range.first; first <= range.last;) {
    const uint64_t last =
        std::min(range.last, first / SeenIds::kChunk * SeenIds::kChunk + SeenIds::kChunk - 1);
    distinct_ += of.ids.add_range(first, last, number, [&](uint64_t sequence, uint32_t seen) {
      const Source before = source(seen);
      ++of.repeated;
      if (of.repeats.size() < kNamedMax) {
        const bool known = before.batch >= 0 && now.batch >= 0;
        const char* origin = !known ? "unknown" : before.batch != now.batch ? "replay" : "sink";
        add_named(of.repeats,
                  {EventId::make(Nanos(0), range.producer, range.partition, sequence), at, origin});
      }
      if (before.from_receipt && now.batch < before.batch) earlier.push_back(sequence);
    });
    flush();
    first = last + 1;
  }
}

void AuditSet::add_inversions(const Receipt& receipt, const SeenAt& at) {
  for (const EventId& id : receipt.inversions) {
    Lane& of = lane({id.producer(), id.partition(), 0});
    if (of.late_count >= kLateMax) {
      ++of.reordered;
      continue;
    }
    of.late_in_batch[receipt.batch].add(id.sequence(), id.sequence());
    ++of.late_count;
    add_named(of.inversions, {id, at, {}});
  }
}

}  // namespace weir
