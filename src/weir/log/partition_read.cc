// The part of a partition that reads: whole batches by offset, records by time.
#include <algorithm>

#include "weir/log/batch_walk.h"
#include "weir/log/partition.h"
#include "weir/record/record_reader.h"

namespace weir::log {
namespace {

Error unreadable(const Segment& segment, uint64_t position) {
  return {Code::kCorrupt, "cannot read " + segment.stem() + ".log",
          fmt::format("no batch stands at byte {}", position),
          "stop the broker and restore the folder from a copy"};
}

// What a walk that ended early ran into.
Error walk_error(const BatchWalk& walk, BatchWalk::Step step, const Segment& segment) {
  return step == BatchWalk::Step::kDiskError ? walk.error() : unreadable(segment, walk.position());
}

}  // namespace

Status Slice::read_into(std::string& out) const {
  const size_t at = out.size();
  out.resize(at + size);
  const auto got = file->read_at(position, out.data() + at, size);
  if (got && *got == size) return {};
  out.resize(at);
  if (!got) return tl::unexpected(got.error());
  return fail(Code::kCorrupt, "cannot read a segment", "it is shorter than it was");
}

const std::shared_ptr<Segment>& Partition::segment_of(Offset offset) const {
  auto behind =
      std::upper_bound(segments_.begin(), segments_.end(), offset,
                       [](Offset wanted, const auto& segment) { return wanted < segment->base(); });
  return behind == segments_.begin() ? segments_.front() : *std::prev(behind);
}

ReadResult Partition::read(Offset from, uint64_t bytes_max, bool at_least_one) {
  ReadResult result;
  Place place;
  {
    std::lock_guard lock(mutex_);
    result.high_watermark = high_watermark();
    result.log_start = log_start();
    if (gone_) {
      result.outcome = ReadOutcome::kGone;
      return result;
    }
    if (from < result.log_start || from > result.high_watermark) {
      result.outcome = ReadOutcome::kOutOfRange;
      return result;
    }
    if (from == result.high_watermark) return result;
    place.segment = segment_of(from);
    place.file = place.segment->file();
    place.position = place.segment->position_before(from);
    place.size = place.segment->size();
  }
  auto found = slice(place, from, bytes_max, at_least_one);
  if (found)
    result.slice = std::move(*found);
  else
    result.outcome = ReadOutcome::kFailed;
  return result;
}

Result<Slice> Partition::slice(const Place& place, Offset from, uint64_t bytes_max,
                               bool at_least_one) {
  BatchWalk walk(*place.file, place.position, place.size);
  auto step = walk.peek();
  while (step == BatchWalk::Step::kBatch && walk.header().last_offset() < from) {
    walk.advance();
    step = walk.peek();
  }
  if (step != BatchWalk::Step::kBatch)
    return tl::unexpected(walk_error(walk, step, *place.segment));
  const uint64_t start = walk.position();
  const uint64_t behind_first = start + walk.header().size;
  Slice slice{place.file, start, 0};
  if (behind_first - start > bytes_max) {
    if (at_least_one) slice.size = behind_first - start;
    return slice;
  }
  if (place.size - start <= bytes_max) {
    slice.size = place.size - start;
    return slice;
  }
  const uint64_t limit = start + bytes_max;
  uint64_t boundary;
  {
    std::lock_guard lock(mutex_);
    boundary = std::max(behind_first, place.segment->boundary_below(limit));
  }
  BatchWalk rest(*place.file, boundary, place.size);
  while ((step = rest.peek()) == BatchWalk::Step::kBatch &&
         rest.position() + rest.header().size <= limit)
    rest.advance();
  if (step == BatchWalk::Step::kBad || step == BatchWalk::Step::kDiskError)
    return tl::unexpected(walk_error(rest, step, *place.segment));
  slice.size = rest.position() - start;
  return slice;
}

// The first record from `place` on with an offset >= `from` and a time >= `timestamp_ms`.
Result<std::optional<TimestampedOffset>> Partition::first_in(const Place& place,
                                                             int64_t timestamp_ms,
                                                             Offset from) const {
  BatchWalk walk(*place.file, place.position, place.size);
  std::string bytes;
  record::RecordReader reader;
  for (auto step = walk.peek(); step != BatchWalk::Step::kEnd; step = walk.peek()) {
    if (step != BatchWalk::Step::kBatch)
      return tl::unexpected(walk_error(walk, step, *place.segment));
    const BatchHeader& header = walk.header();
    if (header.max_timestamp_ms >= timestamp_ms && header.last_offset() >= from) {
      if (!walk.read(bytes)) return tl::unexpected(walk.error());
      const auto batch = record::BatchView::first(bytes);
      if (!batch || reader.open(*batch) != record::Fault::kNone)
        return tl::unexpected(unreadable(*place.segment, walk.position()));
      record::RecordView record;
      while (reader.next(record))
        if (record.timestamp_ms >= timestamp_ms && record.offset >= from.value)
          return TimestampedOffset{Offset(record.offset), record.timestamp_ms};
      if (reader.fault() != record::Fault::kNone)
        return tl::unexpected(unreadable(*place.segment, walk.position()));
    }
    walk.advance();
  }
  return std::nullopt;
}

Result<TimestampedOffset> Partition::find_timestamp(int64_t timestamp_ms) {
  std::vector<Place> places;
  Offset start;
  {
    std::lock_guard lock(mutex_);
    start = log_start();
    for (const auto& segment : segments_) {
      if (segment->max_timestamp_ms() < timestamp_ms || segment->end() <= start) continue;
      places.push_back(
          {segment, segment->file(), segment->position_before_time(timestamp_ms), segment->size()});
    }
  }
  for (const Place& place : places)
    if (auto found = WEIR_TRY(first_in(place, timestamp_ms, start))) return *found;
  return TimestampedOffset{};
}

Result<TimestampedOffset> Partition::max_timestamp() {
  // The largest time of a batch above the log start, then the first record that has it.
  int64_t largest = -1;
  std::vector<Place> cut;  // at most one: a segment whose newest batch lies below the log start
  Offset start;
  {
    std::lock_guard lock(mutex_);
    start = log_start();
    for (const auto& segment : segments_) {
      if (segment->end() <= start || segment->max_timestamp_ms() < 0) continue;
      if (segment->max_timestamp_offset() >= start)
        largest = std::max(largest, segment->max_timestamp_ms());
      else
        cut.push_back({segment, segment->file(), segment->position_before(start), segment->size()});
    }
  }
  for (const Place& place : cut) {
    BatchWalk walk(*place.file, place.position, place.size);
    for (; walk.peek() == BatchWalk::Step::kBatch; walk.advance())
      if (walk.header().last_offset() >= start)
        largest = std::max(largest, walk.header().max_timestamp_ms);
  }
  return largest < 0 ? TimestampedOffset{} : find_timestamp(largest);
}

}  // namespace weir::log
