// The part of a partition that lets old records go: retention and DeleteRecords.
#include <algorithm>

#include "weir/log/partition.h"

namespace weir::log {
namespace {

constexpr int64_t kProducerExpiryMs = 24LL * 3600 * 1000;  // Kafka's producer.id.expiration.ms

}  // namespace

bool Partition::expired(const Segment& segment, int64_t now_ms) const {
  if (config_.retention_ms < 0) return false;
  // Times from the future must not keep a segment for ever.
  const int64_t newest = segment.max_timestamp_ms() < 0
                             ? segment.touched_ms()
                             : std::min(segment.max_timestamp_ms(), segment.touched_ms());
  return now_ms - newest > config_.retention_ms;
}

// Takes the segments out of the list that lie below the log start or beyond a limit (by Kafka's
// rules; never the last one) and moves the log start. Returns their stems.
std::vector<std::string> Partition::take_unneeded(int64_t now_ms) {
  int64_t total = 0;
  for (const auto& segment : segments_) total += int64_t(segment->size());
  std::vector<std::string> stems;
  while (segments_.size() > 1) {
    const Segment& first = *segments_.front();
    const int64_t rest = total - int64_t(first.size());
    const bool too_much = config_.retention_bytes >= 0 && rest >= config_.retention_bytes;
    if (!too_much && !expired(first, now_ms) && first.end() > log_start()) break;
    total = rest;
    stems.push_back(first.stem());
    segments_.erase(segments_.begin());
  }
  const Offset first_base = segments_.front()->base();
  if (first_base > log_start()) log_start_.store(first_base.value);
  std::erase_if(sealed_tails_, [&](const IndexTail& tail) {
    return std::find(stems.begin(), stems.end(), tail.stem) != stems.end();
  });
  return stems;
}

Status Partition::drop_unneeded() {
  std::vector<std::string> stems;
  {
    std::lock_guard flush_lock(flush_mutex_);
    std::lock_guard lock(mutex_);
    stems = take_unneeded(now_ms());
  }
  if (stems.empty()) return {};
  // The new start first: a crash in between must not look like lost segments.
  WEIR_TRY(persist_log_start_());
  for (const std::string& stem : stems) WEIR_TRY(remove_segment(shared_->disk, stem));
  return {};
}

Status Partition::enforce_retention() {
  std::lock_guard files_lock(files_mutex_);
  {
    std::lock_guard flush_lock(flush_mutex_);
    std::unique_lock lock(mutex_);
    if (gone_ || abandoned_ || !shared_->gate.open()) return {};
    const int64_t now = now_ms();
    producers_.expire(now - kProducerExpiryMs);
    const Segment& last = *segments_.back();
    if (last.size() > 0 && chunks_.empty() && expired(last, now)) {
      const Offset base = end_;
      // Before unlocking, so that an append meanwhile is planned into the new segment.
      planned_base_ = base;
      planned_size_ = 0;
      lock.unlock();
      WEIR_TRY(roll(base));
    }
  }
  return drop_unneeded();
}

Result<Offset> Partition::delete_records(Offset before) {
  std::lock_guard files_lock(files_mutex_);
  {
    std::lock_guard lock(mutex_);
    if (gone_ || abandoned_ || !shared_->gate.open())
      return fail(Code::kFailed, "cannot delete records of " + name_.topic,
                  "the log is closed to writes");
    if (before == Offset(-1)) before = high_watermark();
    if (before < Offset(0) || before > high_watermark())
      return fail(Code::kUsage, fmt::format("cannot delete records before offset {}", before),
                  fmt::format("the log ends at offset {}", high_watermark()));
    if (before <= log_start()) return log_start();
    log_start_.store(before.value);
  }
  WEIR_TRY(persist_log_start_());
  WEIR_TRY(drop_unneeded());
  return before;
}

}  // namespace weir::log
