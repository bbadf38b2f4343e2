#include "weir/log/segment.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "weir/base/bytes.h"
#include "weir/base/check.h"

namespace weir::log {
namespace {

constexpr size_t kOffsetEntryBytes = 4 + 4, kTimeEntryBytes = 8 + 4;

// Cuts the file to `at` bytes (entries behind are of a log that was cut) and appends.
Status extend_file(Disk& disk, const std::string& path, uint64_t at, std::string_view bytes) {
  auto file = WEIR_TRY(disk.open(path));
  const uint64_t size = WEIR_TRY(file->size());
  if (size < at) return fail(Code::kCorrupt, "cannot extend " + path, "it is shorter than it was");
  if (size > at) WEIR_TRY(file->truncate(at));
  WEIR_TRY(file->append(bytes));
  return file->sync();
}

}  // namespace

std::string segment_stem(const std::string& folder, Offset base) {
  return fmt::format("{}/{:020}", folder, base.value);
}

void Segment::note_time() {
  const int64_t last = times_.empty() ? -1 : times_.back().timestamp_ms;
  if (max_timestamp_ms_ > last)
    times_.push_back({max_timestamp_ms_, uint32_t(max_timestamp_offset_ - base_)});
}

void Segment::note(const BatchHeader& header) {
  WEIR_CHECK_EQ(header.base_offset, end_);
  if (header.max_timestamp_ms > max_timestamp_ms_) {
    max_timestamp_ms_ = header.max_timestamp_ms;
    max_timestamp_offset_ = header.last_offset();
  }
  if (since_indexed_ > kIndexIntervalBytes) {
    offsets_.push_back({uint32_t(header.last_offset() - base_), uint32_t(size_)});
    note_time();
    since_indexed_ = 0;
  }
  since_indexed_ += header.size;
  size_ += header.size;
  end_ = header.next_offset();
}

uint64_t Segment::position_before(Offset offset) const {
  const uint64_t relative = uint64_t(offset - base_);
  auto behind = std::upper_bound(offsets_.begin(), offsets_.end(), relative,
                                 [](uint64_t wanted, const OffsetEntry& entry) {
                                   return wanted < entry.relative_last_offset;
                                 });
  return behind == offsets_.begin() ? 0 : std::prev(behind)->position;
}

uint64_t Segment::boundary_below(uint64_t position) const {
  auto behind = std::upper_bound(
      offsets_.begin(), offsets_.end(), position,
      [](uint64_t wanted, const OffsetEntry& entry) { return wanted < entry.position; });
  return behind == offsets_.begin() ? 0 : std::prev(behind)->position;
}

uint64_t Segment::position_before_time(int64_t timestamp_ms) const {
  auto behind = std::lower_bound(
      times_.begin(), times_.end(), timestamp_ms,
      [](const TimeEntry& entry, int64_t wanted) { return entry.timestamp_ms < wanted; });
  if (behind == times_.begin()) return 0;
  return position_before(base_ + std::prev(behind)->relative_offset);
}

IndexTail Segment::take_index_tail(bool last) {
  if (last) note_time();
  IndexTail tail;
  tail.stem = stem_;
  tail.offsets_at = offsets_written_ * kOffsetEntryBytes;
  tail.times_at = times_written_ * kTimeEntryBytes;
  for (; offsets_written_ < offsets_.size(); ++offsets_written_) {
    append_be(tail.offsets, offsets_[offsets_written_].relative_last_offset);
    append_be(tail.offsets, offsets_[offsets_written_].position);
  }
  for (; times_written_ < times_.size(); ++times_written_) {
    append_be(tail.times, times_[times_written_].timestamp_ms);
    append_be(tail.times, times_[times_written_].relative_offset);
  }
  return tail;
}

void Segment::load_indexes(Disk& disk, Offset below, uint64_t file_size) {
  clear();
  const auto offsets = disk.read(stem_ + ".index");
  const auto times = disk.read(stem_ + ".timeindex");
  if (!offsets || !times) return;
  OffsetEntry previous{0, 0};
  for (size_t at = 0; at + kOffsetEntryBytes <= offsets->size(); at += kOffsetEntryBytes) {
    const OffsetEntry entry{load_be<uint32_t>(offsets->data() + at),
                            load_be<uint32_t>(offsets->data() + at + 4)};
    const bool rises = entry.relative_last_offset > previous.relative_last_offset &&
                       entry.position > previous.position;
    if (!rises || entry.position >= file_size || base_ + entry.relative_last_offset >= below) break;
    offsets_.push_back(previous = entry);
  }
  for (size_t at = 0; at + kTimeEntryBytes <= times->size(); at += kTimeEntryBytes) {
    const TimeEntry entry{load_be<int64_t>(times->data() + at),
                          load_be<uint32_t>(times->data() + at + 8)};
    const bool rises =
        entry.timestamp_ms >= 0 && (times_.empty() || entry.timestamp_ms > max_timestamp_ms_);
    if (!rises || base_ + entry.relative_offset >= below) break;
    times_.push_back(entry);
    max_timestamp_ms_ = entry.timestamp_ms;
    max_timestamp_offset_ = base_ + entry.relative_offset;
  }
  offsets_written_ = offsets_.size();
  times_written_ = times_.size();
  if (!offsets_.empty()) size_ = offsets_.back().position;
}

bool Segment::resume(const BatchHeader& header) {
  if (offsets_.empty()) return header.base_offset == base_;
  if (header.last_offset() != base_ + offsets_.back().relative_last_offset) return false;
  end_ = header.base_offset;
  return true;
}

void Segment::clear() {
  end_ = base_;
  size_ = since_indexed_ = 0;
  max_timestamp_ms_ = -1;
  max_timestamp_offset_ = Offset(-1);
  offsets_.clear();
  times_.clear();
  offsets_written_ = times_written_ = 0;
}

Status write_index_tail(Disk& disk, const IndexTail& tail) {
  WEIR_TRY(extend_file(disk, tail.stem + ".index", tail.offsets_at, tail.offsets));
  return extend_file(disk, tail.stem + ".timeindex", tail.times_at, tail.times);
}

Status remove_segment(Disk& disk, const std::string& stem) {
  // The log goes last: indexes without a log are swept up at the next start.
  WEIR_TRY(disk.remove(stem + ".index"));
  WEIR_TRY(disk.remove(stem + ".timeindex"));
  return disk.remove(stem + ".log");
}

}  // namespace weir::log
