#include <algorithm>
#include <utility>

#include "weir/event/result.h"

namespace weir {
namespace {
constexpr int kSequenceBits = 36;

uint32_t producer_of(uint64_t key) { return uint32_t(key >> 12 & (EventId::kProducers - 1)); }
uint32_t partition_of_key(uint64_t key) { return uint32_t(key & (EventId::kPartitions - 1)); }

// first..last of a lane, of whose ids the due times are not known any more.
void name_all(std::vector<EventId>& names, uint64_t key, uint64_t first, uint64_t last) {
  for (uint64_t sequence = first; sequence <= last && names.size() < kNamedMax; ++sequence)
    names.push_back(EventId::make(Nanos(0), producer_of(key), partition_of_key(key), sequence));
}
}  // namespace

void IdCollector::Lane::close() {
  if (is_open()) ids.add(open_first, open_last);
  open_last = kClosed;
}

IdCollector::IdCollector(IdCollector&& other) noexcept { *this = std::move(other); }

IdCollector& IdCollector::operator=(IdCollector&& other) noexcept {
  if (this == &other) return *this;
  lanes_ = std::move(other.lanes_);  // a map's nodes stay where they are, so latest_ holds
  repeats_ = std::move(other.repeats_);
  inversions_ = std::move(other.inversions_);
  repeated_ = other.repeated_;
  latest_ = other.latest_;
  latest_key_ = other.latest_key_;
  other.clear();
  return *this;
}

void IdCollector::clear() {
  lanes_.clear();
  repeats_.clear();
  inversions_.clear();
  repeated_ = 0;
  latest_ = nullptr;
  latest_key_ = UINT64_MAX;
}

void IdCollector::turn_to(uint64_t key) {
  latest_ = &lanes_[key];
  latest_key_ = key;
}

void IdCollector::add_elsewhere(const EventId& id) {
  Lane& lane = *latest_;
  const uint64_t sequence = id.sequence();
  const bool above = lane.is_open() ? sequence > lane.open_last
                                    : lane.ids.empty() || sequence > lane.ids.highest();
  if (above) {
    lane.close();
    lane.open_first = lane.open_last = sequence;
  } else if ((lane.is_open() && sequence >= lane.open_first) || lane.ids.contains(sequence)) {
    ++repeated_;
    add_named(repeats_, id);
  } else {
    lane.ids.add(sequence, sequence);
    lane.late.add(sequence, sequence);
    add_named(inversions_, id);
  }
}

void IdCollector::add_lane(uint64_t key, Lane& theirs) {
  Lane& ours = lanes_[key];
  ours.close();
  theirs.close();
  if (ours.ids.empty()) {
    ours = std::move(theirs);
    return;
  }
  for (const auto& [first, last] : theirs.late.spans())
    for (uint64_t sequence = first; sequence <= last; ++sequence)
      if (!ours.ids.contains(sequence)) ours.late.add(sequence, sequence);
  const uint64_t highest = ours.ids.highest();
  const auto repeat = [&](uint64_t first, uint64_t last) {
    repeated_ += int64_t(last - first + 1);
    name_all(repeats_, key, first, last);
  };
  const auto find_late = [&](uint64_t first, uint64_t last) {
    if (first > highest) return;
    ours.late.add(
        first, std::min(last, highest), [](uint64_t, uint64_t) {},
        [&](uint64_t a, uint64_t b) { name_all(inversions_, key, a, b); });
  };
  for (const auto& [first, last] : theirs.ids.spans()) ours.ids.add(first, last, repeat, find_late);
}

void IdCollector::merge(IdCollector&& other) {
  // Names first: what they had seen as late may be a repeat of ours instead.
  for (const EventId& id : other.inversions_) {
    const auto ours = lanes_.find(id.low >> kSequenceBits);
    if (ours != lanes_.end()) ours->second.close();
    if (ours == lanes_.end() || !ours->second.ids.contains(id.sequence()))
      add_named(inversions_, id);
  }
  for (const EventId& id : other.repeats_) add_named(repeats_, id);
  repeated_ += other.repeated_;
  for (auto& [key, lane] : other.lanes_) add_lane(key, lane);
  other.clear();
}

void IdCollector::write_to(Receipt& receipt) const {
  receipt.ranges.clear();
  receipt.inverted = 0;
  for (const auto& [key, lane] : lanes_) {
    const uint32_t producer = producer_of(key), partition = partition_of_key(key);
    for (const auto& [first, last] : lane.ids.spans())
      receipt.ranges.push_back({producer, partition, first, last});
    if (lane.is_open()) {
      // The open run may touch the interval before it.
      const bool touches = !lane.ids.empty() && lane.ids.highest() + 1 == lane.open_first;
      if (touches)
        receipt.ranges.back().last = lane.open_last;
      else
        receipt.ranges.push_back({producer, partition, lane.open_first, lane.open_last});
    }
    receipt.inverted += int64_t(lane.late.count());
  }
  receipt.repeats = repeats_;
  receipt.repeated = repeated_;
  receipt.inversions = inversions_;
}

}  // namespace weir
