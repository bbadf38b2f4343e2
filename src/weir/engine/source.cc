#include "weir/engine/source.h"

#include <algorithm>
#include <atomic>

#include "weir/base/check.h"
#include "weir/engine/added_work.h"

namespace weir::engine {
namespace {
constexpr size_t kChunkRecords = 4096;
constexpr size_t kChunksMax = 64;                   // waiting for the engine
constexpr size_t kAheadRecordsMax = 4'000'000;      // per worker: 32 MB of due times
constexpr size_t kAheadBytesMax = 64 << 20;         // per worker, of forward's results
constexpr Nanos kAheadPoll = nanos_from_millis(5);  // bounds how late a worker sees a trigger
constexpr Nanos kBatchPoll = nanos_from_millis(50);

// reference - due in us; due times from outside may be anything.
int64_t age_us(Nanos reference, int64_t due_ns) {
  int64_t age = 0;
  if (__builtin_sub_overflow(reference.value, due_ns, &age))
    return due_ns < 0 ? INT64_MAX : INT64_MIN;
  return age / 1000;
}
}  // namespace

void Tally::merge(Tally&& other) {
  events += other.events;
  malformed += other.malformed;
  foreign += other.foreign;
  ages.merge(other.ages);
  ids.merge(std::move(other.ids));
}

// One thread and its partitions. Members are its thread's, except where Source's mutex is named.
class Source::Worker {
 public:
  Worker(Source& source, const Connections& connections, Positions from, const Positions& skip)
      : source_(source),
        connections_(connections),
        added_(source.options_.cpu_us, source.options_.wait_us, source.clock_),
        records_per_poll_(std::min(kRecordsPerPoll, added_.events_within(kAheadPoll))) {
    for (const auto& [partition, offset] : from) {
      const auto skipped = skip.find(partition);
      lanes_[partition] = {offset, skipped == skip.end() ? 0 : skipped->second, {}};
    }
    thread_ = std::thread([this] { run(); });
  }
  void join() { thread_.join(); }

 private:
  struct Lane {
    int64_t next = 0;
    int64_t skip = 0;  // results still to be left out
    Chunk chunk;       // being filled
  };
  enum class Turn { kStop, kAhead, kBatch };

  void run() {
    Status status = open();
    {
      std::lock_guard lock(source_.mutex_);
      ++source_.opened_;
      if (!status && !source_.error_) source_.error_ = status.error();
    }
    source_.to_engine_.notify_one();
    while (status) {
      switch (wait_turn()) {
        case Turn::kStop:
          return;
        case Turn::kAhead:
          status = poll_ahead();
          break;
        case Turn::kBatch:
          status = read_batch();
          break;
      }
    }
    std::lock_guard lock(source_.mutex_);
    if (!source_.error_) source_.error_ = status.error();
    source_.to_engine_.notify_one();
  }

  Status open() {
    consumer_ = WEIR_TRY(connections_.consumer(source_.options_.topic));
    for (const auto& [partition, lane] : lanes_)
      WEIR_TRY(consumer_->assign(PartitionId(partition), Offset(lane.next)));
    return {};
  }

  bool is_full() const {
    return dues_.size() >= kAheadRecordsMax || ready_bytes_ >= kAheadBytesMax;
  }

  Turn wait_turn() {
    std::unique_lock lock(source_.mutex_);
    while (true) {
      if (source_.stopping_) return Turn::kStop;
      if (source_.begun_ != done_) break;
      if (source_.holding_)
        tell_positions();
      else if (source_.ahead_ && !is_full())
        return Turn::kAhead;
      source_.to_workers_.wait(lock);
    }
    held_ = false;
    ends_ = source_.ends_;
    reference_ = source_.reference_;
    return Turn::kBatch;
  }

  // Once per hold; needs Source's mutex.
  void tell_positions() {
    if (held_) return;
    held_ = true;
    for (const auto& [partition, lane] : lanes_) source_.held_at_[partition] = lane.next;
    ++source_.held_;
    source_.to_engine_.notify_one();
  }

  Status poll_ahead() {
    for (const auto& run : WEIR_TRY(consumer_->poll(kAheadPoll, records_per_poll_)))
      WEIR_TRY(take(run, INT64_MAX));
    return {};
  }

  // Reads each partition up to its end and hands over what it came to.
  Status read_batch() {
    in_batch_ = true;
    age_pending();
    for (auto& chunk : ready_)
      if (!hand_over(std::move(chunk))) return {};
    ready_.clear();
    ready_bytes_ = 0;
    for (auto& [partition, lane] : lanes_) {
      const auto end = ends_.find(partition);
      if (end == ends_.end()) continue;
      WEIR_CHECK_LE(lane.next, end->second);
      while (lane.next < end->second)
        if (!WEIR_TRY(read_some(partition, lane, end->second))) return {};
      if (!lane.chunk.entries.empty() && !hand_over(std::move(lane.chunk))) return {};
      lane.chunk = {};
    }
    in_batch_ = false;
    done_++;
    std::lock_guard lock(source_.mutex_);
    source_.tallies_.push_back(std::move(tally_));
    tally_ = {};
    ++source_.finished_;
    source_.to_engine_.notify_one();
    return {};
  }

  // False when the source is being closed.
  Result<bool> read_some(int32_t partition, Lane& lane, int64_t end) {
    const size_t wanted = size_t(std::min<int64_t>(end - lane.next, int64_t(records_per_poll_)));
    for (const auto& run : WEIR_TRY(consumer_->poll(PartitionId(partition), kBatchPoll, wanted)))
      WEIR_TRY(take(run, end));
    // The rest up to the end may be no records: a transaction's marker, say.
    lane.next =
        std::max(lane.next, std::min(end, consumer_->position(PartitionId(partition)).value));
    age_pending();
    std::lock_guard lock(source_.mutex_);
    return !source_.stopping_;
  }

  void age_pending() {
    for (int64_t due : dues_) tally_.ages.record(age_us(reference_, due));
    dues_.clear();
  }

  // Adds a run's records below `end`. Offsets may have gaps, so a run can reach beyond the end:
  // then the partition is read again from there.
  Status take(const kafka::FetchedRun& run, int64_t end) {
    Lane& lane = lanes_.at(run.partition.value);
    size_t taken = 0;
    for (const auto& record : run.records) {
      if (record.offset.value >= end) {
        lane.next = end;
        added_.pay(taken);
        return consumer_->assign(run.partition, Offset(end));
      }
      WEIR_TRY(add(run.partition, record, lane));
      lane.next = record.offset.value + 1;
      ++taken;
    }
    added_.pay(taken);
    return {};
  }

  Status add(PartitionId partition, const kafka::FetchedRecord& record, Lane& lane) {
    ++tally_.events;
    const auto event = parser_.parse(record.value);
    if (!event) return reject(partition, record);
    const bool ours = event->id && event->id->is_ours();
    if (!ours) ++tally_.foreign;
    if (lane.skip > 0) {
      --lane.skip;
      return {};
    }
    dues_.push_back(event->due().value);
    if (source_.options_.workload == Workload::kMetrics) {
      if (ours) tally_.ids.add(*event->id);
      return {};
    }
    return project(partition, *event, lane);
  }

  Status reject(PartitionId partition, const kafka::FetchedRecord& record) {
    ++tally_.malformed;
    source_.malformed_->add(partition, record);
    if (source_.options_.on_bad_event == OnBadEvent::kSkip) return {};
    return fail(
        Code::kFailed,
        fmt::format("a malformed event at offset {} of {}", record.offset, where(partition.value)),
        "its value is null, not a JSON object, or has no event_id; a sample is in " +
            source_.malformed_->path(),
        "--on-bad-event skip counts such events and goes on");
  }

  Status project(PartitionId partition, const ParsedEvent& event, Lane& lane) {
    Chunk& chunk = lane.chunk;
    chunk.partition = partition;
    const size_t at = chunk.bytes.size();
    chunk.bytes += event.event_id;
    const size_t value_at = chunk.bytes.size();
    parser_.append_projection(event, chunk.bytes);
    chunk.entries.push_back(
        {uint32_t(at), uint32_t(value_at - at), uint32_t(chunk.bytes.size() - value_at)});
    if (chunk.entries.size() < kChunkRecords && chunk.bytes.size() < kAheadBytesMax / 4) return {};
    if (in_batch_) {
      hand_over(std::move(chunk));
    } else {
      ready_bytes_ += chunk.bytes.size();
      ready_.push_back(std::move(chunk));
    }
    chunk = {};
    return {};
  }

  // False when the source is being closed.
  bool hand_over(Chunk chunk) {
    std::unique_lock lock(source_.mutex_);
    source_.to_workers_.wait(
        lock, [this] { return source_.stopping_ || source_.chunks_.size() < kChunksMax; });
    if (source_.stopping_) return false;
    source_.chunks_.push_back(std::move(chunk));
    source_.to_engine_.notify_one();
    return true;
  }

  std::string where(int32_t partition) const {
    return fmt::format("partition {} of topic {}", partition, source_.options_.topic);
  }

  Source& source_;
  const Connections& connections_;  // used by open() only
  std::unique_ptr<kafka::Consumer> consumer_;
  EventParser parser_;
  AddedWork added_;
  const size_t records_per_poll_;  // so few that a worker still sees a trigger in time
  std::map<int32_t, Lane> lanes_;
  Tally tally_;
  std::vector<int64_t> dues_;  // of events whose batch has no reference yet, ns
  std::deque<Chunk> ready_;    // results read ahead
  size_t ready_bytes_ = 0;
  Positions ends_;
  Nanos reference_;
  bool in_batch_ = false, held_ = false;
  uint64_t done_ = 0;  // batches finished
  std::thread thread_;
};

Result<std::unique_ptr<Source>> Source::open(const Connections& connections,
                                             const EngineOptions& options, const Positions& from,
                                             const Positions& skip, MalformedLog* malformed,
                                             Clock& clock) {
  std::unique_ptr<Source> source(new Source(options, malformed, clock));
  const size_t count = std::clamp<size_t>(from.size(), 1, size_t(options.parallelism));
  std::vector<Positions> shares(count);
  for (const auto& [partition, offset] : from)
    shares[size_t(partition) % count][partition] = offset;
  for (auto& share : shares)
    source->workers_.push_back(
        std::make_unique<Worker>(*source, connections, std::move(share), skip));
  std::unique_lock lock(source->mutex_);
  source->to_engine_.wait(lock, [&] { return source->opened_ == source->workers_.size(); });
  if (source->error_) {
    Error error = *source->error_;
    lock.unlock();
    return tl::unexpected(std::move(error));
  }
  lock.unlock();
  return source;
}

Source::Source(const EngineOptions& options, MalformedLog* malformed, Clock& clock)
    : options_(options), malformed_(malformed), clock_(clock) {}

Source::~Source() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  to_workers_.notify_all();
  for (auto& worker : workers_) worker->join();
}

void Source::read_ahead() {
  std::lock_guard lock(mutex_);
  ahead_ = true;
  to_workers_.notify_all();
}

Result<Positions> Source::hold() {
  std::unique_lock lock(mutex_);
  held_ = 0;
  held_at_.clear();
  holding_ = true;
  to_workers_.notify_all();
  to_engine_.wait(lock, [this] { return held_ == workers_.size() || error_; });
  if (error_) return tl::unexpected(*error_);
  return held_at_;
}

void Source::begin(const Positions& ends, Nanos reference) {
  std::lock_guard lock(mutex_);
  WEIR_CHECK_EQ(finished_, size_t(0));
  ends_ = ends;
  reference_ = reference;
  ahead_ = true;  // behind this batch
  holding_ = false;
  ++begun_;
  to_workers_.notify_all();
}

std::optional<Chunk> Source::next_chunk(Nanos limit) {
  std::unique_lock lock(mutex_);
  to_engine_.wait_for(lock, std::chrono::nanoseconds(limit.value), [this] {
    return !chunks_.empty() || finished_ == workers_.size() || error_;
  });
  if (chunks_.empty()) return std::nullopt;
  Chunk chunk = std::move(chunks_.front());
  chunks_.pop_front();
  to_workers_.notify_all();
  return chunk;
}

Result<std::optional<Tally>> Source::finish(Nanos limit) {
  std::unique_lock lock(mutex_);
  to_engine_.wait_for(lock, std::chrono::nanoseconds(limit.value),
                      [this] { return finished_ == workers_.size() || error_; });
  if (error_) return tl::unexpected(*error_);
  if (finished_ != workers_.size() || !chunks_.empty()) return std::nullopt;
  Tally all;
  for (auto& tally : tallies_) all.merge(std::move(tally));
  tallies_.clear();
  finished_ = 0;
  return all;
}

}  // namespace weir::engine
