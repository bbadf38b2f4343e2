#include <algorithm>

#include "weir/event/audit.h"

namespace weir {
namespace {
constexpr size_t kNamedMax = 1000;
constexpr uint64_t kLateMax = 100'000;  // inversions of receipts kept per lane; the rest is counted

void name(std::vector<NamedId>& names, NamedId id) {
  if (names.size() < kNamedMax) names.push_back(std::move(id));
}

const char* origin_of(int64_t first_batch, int64_t batch) {
  if (first_batch < 0 || batch < 0) return "unknown batch";
  return first_batch == batch ? "same batch" : "another batch";
}
}  // namespace

void AuditSet::add_foreign(uint64_t count) { foreign_ += count; }

AuditSet::Lane& AuditSet::lane_for(const EventId& id, Nanos due) {
  for (Key key{id.producer(), id.partition(), 0};; ++key.generation) {
    Lane& lane = lanes_[key];
    const Span* span = lane.span_of(id.sequence());
    if (span == nullptr || !span->contradicts(due)) return lane;
  }
}

// Order has a meaning within one output partition only. A late id is reordered when it is new.
void AuditSet::note_order(Lane& lane, const EventId& id, const SeenAt& seen, bool is_new) {
  const uint64_t sequence = id.sequence();
  auto front = std::find_if(lane.fronts.begin(), lane.fronts.end(),
                            [&](const Front& f) { return f.output_partition == seen.partition; });
  if (front == lane.fronts.end()) {
    lane.fronts.push_back({seen.partition, sequence});
  } else if (sequence > front->highest) {
    front->highest = sequence;
  } else if (is_new) {
    ++lane.reordered;
    name(lane.inversions, {id, seen, {}});
  }
}

void AuditSet::add(const EventId& id, const SeenAt& seen) {
  if (!id.is_ours()) return add_foreign();
  const Nanos due = id.due();
  const uint64_t sequence = id.sequence(), key = id.low >> 36;
  // Nearly every id continues the last span of the lane that the id before it went to.
  if (key == latest_key_) {
    auto& back = *latest_->spans.rbegin();
    Front& front = latest_->fronts.front();
    if (back.second.last + 1 == sequence && back.second.batch == seen.batch &&
        back.second.has_due() && due >= back.second.due_last &&
        front.output_partition == seen.partition && sequence > front.highest) [[likely]] {
      back.second.last = sequence;
      back.second.due_last = due;
      front.highest = sequence;
      ++distinct_;
      return;
    }
  }
  Lane& lane = lane_for(id, due);
  const uint64_t distinct_before = distinct_, repeats_before = lane.repeats.size();
  add_span(lane, {id.producer(), id.partition(), 0}, sequence,
           {sequence, seen.batch, due, due, false}, seen);
  if (lane.repeats.size() != repeats_before) lane.repeats.back().id = id;  // with its due time
  note_order(lane, id, seen, distinct_ != distinct_before);
  latest_ = &lane;
  latest_key_ = key;
}

void AuditSet::add(const Receipt& receipt, const SeenAt& seen) {
  SeenAt at = seen;
  at.batch = receipt.batch;
  foreign_ += uint64_t(std::max<int64_t>(receipt.foreign, 0));
  malformed_ += uint64_t(std::max<int64_t>(receipt.malformed, 0));
  for (const IdRange& range : receipt.ranges) {
    const Key key{range.producer, range.partition, 0};
    add_span(lanes_[key], key, range.first, {range.last, receipt.batch, Nanos(0), Nanos(0), true},
             at);
  }
  for (const EventId& id : receipt.repeats) {
    Lane& lane = lanes_[{id.producer(), id.partition(), 0}];
    ++lane.repeated;
    name(lane.repeats, {id, at, origin_of(receipt.batch, receipt.batch)});
  }
  add_inversions(receipt, at);
  const auto beyond = [](int64_t count, size_t named) {
    return uint64_t(std::max<int64_t>(count - int64_t(named), 0));
  };
  unnamed_repeated_ += beyond(receipt.repeated, receipt.repeats.size());
  unnamed_reordered_ += beyond(receipt.inverted, receipt.inversions.size());
  latest_key_ = UINT64_MAX;  // its lane may have no front yet
}

void AuditSet::add_inversions(const Receipt& receipt, const SeenAt& at) {
  for (const EventId& id : receipt.inversions) {
    Lane& lane = lanes_[{id.producer(), id.partition(), 0}];
    if (lane.late_count >= kLateMax) {
      ++lane.reordered;
      continue;
    }
    lane.late_in_batch[receipt.batch].add(id.sequence(), id.sequence());
    ++lane.late_count;
    name(lane.inversions, {id, at, {}});
  }
}

const AuditSet::Span* AuditSet::Lane::span_of(uint64_t sequence) const {
  auto at = spans.upper_bound(sequence);
  if (at == spans.begin()) return nullptr;
  --at;
  return at->second.last < sequence ? nullptr : &at->second;
}

void AuditSet::add_span(Lane& lane, const Key& key, uint64_t first, const Span& span,
                        const SeenAt& seen) {
  struct Piece {
    uint64_t first, last;
  };
  std::vector<Piece> fresh, earlier;
  auto at = lane.spans.upper_bound(first);
  if (at != lane.spans.begin() && std::prev(at)->second.last >= first) --at;
  uint64_t next = first;
  for (; at != lane.spans.end() && at->first <= span.last; ++at) {
    if (next < at->first) fresh.push_back({next, at->first - 1});
    const uint64_t from = std::max(next, at->first), to = std::min(span.last, at->second.last);
    lane.repeated += to - from + 1;
    for (uint64_t sequence = from; sequence <= to && lane.repeats.size() < kNamedMax; ++sequence)
      name(lane.repeats, {EventId::make(Nanos(0), key.producer, key.partition, sequence), seen,
                          origin_of(at->second.batch, span.batch)});
    if (span.from_receipt && at->second.from_receipt && span.batch < at->second.batch)
      earlier.push_back({from, to});
    next = to + 1;
  }
  if (next <= span.last) fresh.push_back({next, span.last});
  for (const Piece& piece : fresh) {
    Span part = span;
    part.last = piece.last;
    insert(lane, piece.first, part);
    distinct_ += piece.last - piece.first + 1;
  }
  for (const Piece& piece : earlier) {
    Span part = span;
    part.last = piece.last;
    cut_out(lane, piece.first, piece.last);
    insert(lane, piece.first, part);
  }
}

// Removes first..last, which lie within one span.
void AuditSet::cut_out(Lane& lane, uint64_t first, uint64_t last) {
  const auto at = std::prev(lane.spans.upper_bound(first));
  const Span whole = at->second;
  if (at->first < first)
    at->second.last = first - 1;
  else
    lane.spans.erase(at);
  if (last < whole.last) lane.spans.emplace(last + 1, whole);
}

// `first`..span.last is free. Joins it with its neighbours of the same batch.
void AuditSet::insert(Lane& lane, uint64_t first, const Span& span) {
  const auto joins = [&](const Span& other) {
    return other.batch == span.batch && other.from_receipt == span.from_receipt;
  };
  auto after = lane.spans.upper_bound(first);
  auto at = lane.spans.end();
  if (after != lane.spans.begin()) {
    const auto before = std::prev(after);
    if (before->second.last + 1 == first && joins(before->second)) at = before;
  }
  if (at == lane.spans.end()) {
    at = lane.spans.emplace_hint(after, first, span);
  } else {
    at->second.last = span.last;
    at->second.due_first = std::min(at->second.due_first, span.due_first);
    at->second.due_last = std::max(at->second.due_last, span.due_last);
  }
  if (after != lane.spans.end() && after->first == span.last + 1 && joins(after->second)) {
    at->second.last = after->second.last;
    at->second.due_first = std::min(at->second.due_first, after->second.due_first);
    at->second.due_last = std::max(at->second.due_last, after->second.due_last);
    lane.spans.erase(after);
  }
}

}  // namespace weir
