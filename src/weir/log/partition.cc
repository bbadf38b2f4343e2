#include "weir/log/partition.h"

#include <algorithm>
#include <limits>

#include "weir/base/check.h"

namespace weir::log {
namespace {

// A larger buffer is given back to the system instead of being used again.
constexpr size_t kSpareBytesMax = 2 * kFlushBytesMax;

LogConfig clamped(LogConfig config) {
  config.segment_bytes = std::clamp<int64_t>(config.segment_bytes, 1024, kSegmentBytesMax);
  return config;
}

}  // namespace

Partition::Partition(std::shared_ptr<Shared> shared, TopicPartition name, std::string folder,
                     LogConfig config, Offset log_start, Offset recovery_point, Recovered recovered,
                     FlushQueue& queue, WantCheckpoint want_checkpoint)
    : shared_(std::move(shared)),
      name_(std::move(name)),
      folder_(std::move(folder)),
      queue_(queue),
      want_checkpoint_(std::move(want_checkpoint)),
      config_(clamped(config)),
      segments_(std::move(recovered.segments)),
      producers_(std::move(recovered.producers)),
      end_(segments_.back()->end()),
      planned_size_(segments_.back()->size()),
      planned_base_(segments_.back()->base()),
      since_checkpoint_(int64_t(recovered.bytes_read)),
      high_watermark_(end_.value),
      log_start_(log_start.value),
      recovery_point_(recovery_point.value) {
  // Rolled segments whose indexes a crash kept from being written.
  for (size_t i = 0; i + 1 < segments_.size(); ++i) {
    IndexTail tail = segments_[i]->take_index_tail(true);
    if (!tail.empty()) sealed_tails_.push_back(std::move(tail));
  }
}

Offset Partition::log_end() const {
  std::lock_guard lock(mutex_);
  return end_;
}

int64_t Partition::size_bytes() const {
  std::lock_guard lock(mutex_);
  int64_t sum = 0;
  for (const auto& segment : segments_) sum += int64_t(segment->size());
  return sum;
}

int64_t Partition::pending_bytes() const {
  std::lock_guard lock(mutex_);
  return pending_bytes_;
}

LogConfig Partition::config() const {
  std::lock_guard lock(mutex_);
  return config_;
}

void Partition::configure(const LogConfig& config) {
  std::lock_guard lock(mutex_);
  config_ = clamped(config);
}

AppendResult Partition::append(std::string_view batch, AppendDone done) {
  BatchHeader header;
  const AppendOutcome checked = check_appended_batch(batch, config().batch_bytes_max, header);
  if (checked != AppendOutcome::kPending) return {checked, Offset(-1)};
  const int64_t now = now_ms();

  std::lock_guard lock(mutex_);
  if (gone_) return {AppendOutcome::kGone, Offset(-1)};
  if (refusing_ || !shared_->gate.open()) return {AppendOutcome::kStorageError, Offset(-1)};
  if (header.idempotent()) {
    const ProducerTable::Verdict verdict = producers_.check(header);
    if (verdict.repeated) {
      if (verdict.last_offset < high_watermark())
        return {AppendOutcome::kDurable, verdict.base_offset};
      repeats_.push_back({verdict.last_offset + 1, std::move(done)});
      return {AppendOutcome::kPending, verdict.base_offset};
    }
    if (verdict.outcome != AppendOutcome::kPending) return {verdict.outcome, Offset(-1)};
  }
  header.base_offset = end_;
  producers_.note(header, now);
  enqueue(header, batch);
  if (done) waiters_.push_back({end_, std::move(done)});
  if (!queued_) {
    queued_ = true;
    queue_.push(shared_from_this());
  }
  return {AppendOutcome::kPending, header.base_offset};
}

Partition::Chunk& Partition::chunk_for(const BatchHeader& header) {
  const bool full = planned_size_ > 0 &&
                    (int64_t(planned_size_ + header.size) > config_.segment_bytes ||
                     header.last_offset() - planned_base_ > std::numeric_limits<int32_t>::max());
  if (!full && !chunks_.empty() && chunks_.back().bytes.size() + header.size <= kFlushBytesMax)
    return chunks_.back();
  chunks_.push_back(std::move(spare_));
  spare_ = {};
  Chunk& chunk = chunks_.back();
  chunk.bytes.clear();
  chunk.headers.clear();
  chunk.roll = full;
  if (full) {
    planned_base_ = header.base_offset;
    planned_size_ = 0;
  }
  return chunk;
}

void Partition::enqueue(const BatchHeader& header, std::string_view batch) {
  Chunk& chunk = chunk_for(header);
  const size_t at = chunk.bytes.size();
  chunk.bytes.append(batch);
  patch_batch(std::span(chunk.bytes).subspan(at), header.base_offset);
  chunk.headers.push_back(header);
  planned_size_ += header.size;
  pending_bytes_ += int64_t(header.size);
  end_ = header.next_offset();
}

bool Partition::flush() {
  Dones dones;
  bool advanced = false;
  {
    std::lock_guard flush_lock(flush_mutex_);
    Chunk chunk;
    {
      std::lock_guard lock(mutex_);
      if (chunks_.empty()) {
        queued_ = false;
        return false;
      }
      chunk = std::move(chunks_.front());
      chunks_.pop_front();
    }
    if (shared_->gate.open()) {
      Status written = write(chunk);
      if (!written)
        shared_->gate.close(std::move(written).error());
      else
        advanced = true;
    }
    std::lock_guard lock(mutex_);
    if (advanced) {
      publish(chunk);
      dones = take_waiters(chunk.end());
      if (chunk.bytes.capacity() <= kSpareBytesMax) spare_ = std::move(chunk);
    } else {
      dones = drop_pending();
    }
  }
  flushed_.notify_all();
  if (advanced && shared_->on_advance) shared_->on_advance(*this);
  for (const AppendDone& done : dones)
    done(advanced ? AppendOutcome::kDurable : AppendOutcome::kStorageError);
  bool want_checkpoint = false, more = false;
  {
    std::lock_guard lock(mutex_);
    // Still marked as queued until here, so the completions of a partition come in order.
    more = queued_ = !chunks_.empty();
    if (since_checkpoint_ >= shared_->checkpoint_bytes && !wants_checkpoint_ && advanced)
      want_checkpoint = wants_checkpoint_ = true;
  }
  if (want_checkpoint) want_checkpoint_(shared_from_this());
  return more;
}

Status Partition::write(const Chunk& chunk) {
  if (chunk.roll) WEIR_TRY(roll(chunk.headers.front().base_offset));
  Segment& last = *segments_.back();
  File& file = *last.file();
  Status status = file.append(chunk.bytes);
  if (status) status = file.sync();
  // Nobody was told of these bytes, and after a failed sync the cache may show what the disk lost.
  if (!status) (void)file.truncate(last.size());
  return status;
}

Status Partition::roll(Offset base) {
  const std::string stem = segment_stem(folder_, base);
  std::shared_ptr<File> file = WEIR_TRY(shared_->disk.open(stem + ".log"));
  WEIR_TRY(shared_->disk.sync_folder(folder_));
  auto segment = std::make_shared<Segment>(base, std::move(file), stem);
  segment->touch(now_ms());
  std::lock_guard lock(mutex_);
  sealed_tails_.push_back(segments_.back()->take_index_tail(true));
  segments_.push_back(std::move(segment));
  since_checkpoint_ += shared_->checkpoint_bytes;  // the sealed indexes want to be written
  return {};
}

void Partition::publish(Chunk& chunk) {
  Segment& last = *segments_.back();
  for (const BatchHeader& header : chunk.headers) last.note(header);
  last.touch(now_ms());
  high_watermark_.store(chunk.end().value);
  pending_bytes_ -= int64_t(chunk.bytes.size());
  since_checkpoint_ += int64_t(chunk.bytes.size());
}

Partition::Dones Partition::take_waiters(Offset below) {
  Dones dones;
  while (!waiters_.empty() && waiters_.front().end <= below) {
    dones.push_back(std::move(waiters_.front().done));
    waiters_.pop_front();
  }
  std::erase_if(repeats_, [&](Waiter& waiter) {
    if (waiter.end > below) return false;
    if (waiter.done) dones.push_back(std::move(waiter.done));
    return true;
  });
  return dones;
}

Partition::Dones Partition::drop_pending() {
  chunks_.clear();
  pending_bytes_ = 0;
  return take_waiters(Offset(std::numeric_limits<int64_t>::max()));
}

Status Partition::checkpoint(bool closing) {
  std::lock_guard files_lock(files_mutex_);
  std::unique_lock lock(mutex_);
  wants_checkpoint_ = false;
  const ProducerTable producers = producers_;
  const Offset at = end_;
  flushed_.wait(
      lock, [&] { return high_watermark() >= at || !shared_->gate.open() || gone_ || abandoned_; });
  if (high_watermark() < at || gone_ || abandoned_) return {};
  std::vector<IndexTail> tails = std::move(sealed_tails_);
  sealed_tails_.clear();
  tails.push_back(segments_.back()->take_index_tail(closing));
  since_checkpoint_ = 0;
  lock.unlock();
  for (const IndexTail& tail : tails) WEIR_TRY(write_index_tail(shared_->disk, tail));
  // Replacing the snapshot also syncs the folder, and so the names of the index files.
  WEIR_TRY(shared_->disk.write_whole(producer_snapshot_path(folder_, at), producers.encode()));
  recovery_point_.store(at.value);
  return {};
}

Status Partition::sweep_snapshots() {
  std::lock_guard files_lock(files_mutex_);
  {
    std::lock_guard lock(mutex_);
    if (gone_) return {};
  }
  return remove_producer_snapshots(shared_->disk, folder_, recovery_point());
}

void Partition::mark_gone() {
  Dones dones;
  {
    std::lock_guard files_lock(files_mutex_);
    std::lock_guard flush_lock(flush_mutex_);
    std::lock_guard lock(mutex_);
    gone_ = true;
    dones = drop_pending();
  }
  flushed_.notify_all();
  for (const AppendDone& done : dones) done(AppendOutcome::kGone);
}

void Partition::refuse_appends() {
  std::lock_guard lock(mutex_);
  refusing_ = true;
}

void Partition::abandon() {
  Dones dones;
  {
    std::lock_guard lock(mutex_);
    abandoned_ = refusing_ = true;
    dones = drop_pending();
  }
  flushed_.notify_all();
  // Whoever holds it may still call back; afterwards nobody will.
  { std::lock_guard files_lock(files_mutex_); }
  for (const AppendDone& done : dones) done(AppendOutcome::kStorageError);
}

}  // namespace weir::log
