#include "weir/lab/spark_observer.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "weir/event/event.h"
#include "weir/event/result.h"
#include "weir/kafka/consumer.h"
#include "weir/spark/checksum.h"
#include "weir/spark/stream_plan.h"
#include "weir/sys/clock.h"

namespace weir::lab {
namespace {

constexpr Nanos kReadLimit = nanos_from_seconds(60), kSilenceLimit = nanos_from_seconds(10);

}  // namespace

SparkRecords::SparkRecords(Nanos trigger, Nanos window)
    : bounds_(spark::age_bounds(trigger)), window_(window) {}

Histogram& SparkRecords::window_of(Nanos due) {
  const int64_t since = (due - origin_).value;
  const size_t index = since <= 0 ? 0 : std::min(size_t(since / window_.value), kWindowsMax);
  if (observed_.windows.size() <= index) observed_.windows.resize(index + 1);
  return observed_.windows[index];
}

// Each bucket's events count at its middle.
void SparkRecords::add_latencies(const spark::ObservedBatch& batch, Nanos reference, Nanos at) {
  for (size_t i = 0; i < batch.ages.size() && i + 1 < bounds_.size(); ++i) {
    if (batch.ages[i] <= 0) continue;
    const Nanos due = reference - Nanos((bounds_[i] + bounds_[i + 1]) * 500'000);
    window_of(due).record((at - due).micros(), batch.ages[i]);
    recent_.record((at - due).micros(), batch.ages[i]);
  }
}

void SparkRecords::extend(int32_t partition, int64_t end, int64_t batch, bool has_record) {
  auto& ranges = ranges_[partition];
  const int64_t first = ranges.empty() ? 0 : ranges.back().end;
  if (end <= first) return;
  ranges.push_back({first, end, batch, has_record});
  observed_.distinct += uint64_t(end - first);
}

void SparkRecords::take(const spark::Progress& progress, Nanos at, int64_t attempt, Nanos shift) {
  if (!progress.executed || !progress.observed) return;
  std::lock_guard lock(mutex_);
  if (!batches_.emplace(progress.batch, *progress.observed).second) return;
  const spark::ObservedBatch& batch = *progress.observed;
  for (const auto& [partition, start] : progress.start)
    extend(partition, start, progress.batch - 1, false);
  for (const auto& [partition, end] : progress.end) extend(partition, end, progress.batch, true);
  malformed_ += batch.malformed;

  const Nanos reference = nanos_from_millis(batch.reference_ms) + shift;
  Visible visible{at, progress.batch, attempt, batch.rows - batch.malformed};
  const auto used = [](int64_t count) { return count > 0; };
  const auto youngest = std::find_if(batch.ages.begin(), batch.ages.end(), used);
  const auto oldest = std::find_if(batch.ages.rbegin(), batch.ages.rend(), used);
  const size_t below = size_t(youngest - batch.ages.begin());
  const size_t above = size_t(batch.ages.rend() - oldest);
  if (youngest != batch.ages.end() && above < bounds_.size()) {
    visible.newest_due = reference - nanos_from_millis(bounds_[below]);
    visible.worst_ms = (at - reference).exact_millis() + double(bounds_[above]);
  }
  visible.mean_age_ms = (at - reference).exact_millis() + batch.age_mean_ms;
  visible.input_end = progress.end;
  add_latencies(batch, reference, at);
  observed_.results.push_back(std::move(visible));
}

void SparkRecords::confirm(int64_t attempt, Nanos at) {
  std::lock_guard lock(mutex_);
  if (attempt <= confirmed_) return;
  confirmed_ = attempt;
  observed_.fences.push_back({at, attempt});
}

void SparkRecords::prove_committed(int64_t batch, const spark::Positions& ends) {
  std::lock_guard lock(mutex_);
  for (const auto& [partition, end] : ends) extend(partition, end, batch, false);
}

SparkObserver::~SparkObserver() = default;

void SparkObserver::set_origin(Nanos origin) {
  std::lock_guard lock(records_->mutex_);
  records_->origin_ = origin;
}

uint64_t SparkObserver::distinct() const {
  std::lock_guard lock(records_->mutex_);
  return records_->observed_.distinct - uint64_t(records_->malformed_);
}

int64_t SparkObserver::attempt_ready() const {
  std::lock_guard lock(records_->mutex_);
  return records_->confirmed_;
}

Observations SparkObserver::snapshot() const {
  std::lock_guard lock(records_->mutex_);
  Observations copy = records_->observed_;
  copy.distinct -= uint64_t(records_->malformed_);
  return copy;
}

std::vector<Visible> SparkObserver::results_since(size_t from) const {
  std::lock_guard lock(records_->mutex_);
  const auto& results = records_->observed_.results;
  if (from >= results.size()) return {};
  return {results.begin() + ptrdiff_t(from), results.end()};
}

Histogram SparkObserver::take_recent() {
  std::lock_guard lock(records_->mutex_);
  return std::exchange(records_->recent_, {});
}

// The input topic once more: what stands at the offsets of each batch.
class SparkObserver::Reader {
 public:
  explicit Reader(const SparkRecords& records) : records_(records) {}

  // Partitions and how far each is to be read.
  std::map<int32_t, int64_t> ends() const {
    std::map<int32_t, int64_t> ends;
    for (const auto& [partition, ranges] : records_.ranges_) ends[partition] = ranges.back().end;
    return ends;
  }

  void take(int32_t partition, const kafka::FetchedRecord& record) {
    const auto& ranges = records_.ranges_.at(partition);
    size_t& at = cursors_[partition];
    while (at < ranges.size() && record.offset.value >= ranges[at].end) ++at;
    if (at == ranges.size()) return;
    const SparkRecords::Range& range = ranges[at];
    Found& found = found_[{range.batch, range.has_record, lane_of(partition)}];
    const auto event = parser_.parse(record.value);
    if (!event) return;
    spark::add_id(found.lane, event->event_id);
    if (event->id && event->id->is_ours())
      found.ids.add(*event->id);
    else
      ++found.foreign;
  }

  // Adds what agrees with Spark's checksums; returns what does not, for a person.
  std::string settle(AuditSet& audit, uint64_t& receipt_lost) {
    std::string differences;
    for (auto& [key, found] : found_) {
      if (!key.has_record) {
        receipt_lost += uint64_t(found.lane.count);
      } else if (const auto expected = expected_of(key); found.lane != expected) {
        differences += fmt::format(
            "batch {}, partitions {} modulo {}: Spark saw {} events with checksum {:x}, its "
            "offsets "
            "hold {} with {:x}\n",
            key.batch, key.lane, lanes_, expected.count, uint64_t(expected.exclusive_or),
            found.lane.count, uint64_t(found.lane.exclusive_or));
        continue;
      }
      Receipt receipt;
      receipt.batch = key.batch;
      receipt.foreign = found.foreign;
      found.ids.write_to(receipt);
      audit.add(receipt, SeenAt{-1, -1, key.batch});
    }
    Receipt rest;
    rest.malformed = records_.malformed_;
    audit.add(rest, {});
    return differences;
  }

  // Which lanes the query has, from its records.
  void count_lanes() {
    for (const auto& [number, batch] : records_.batches_)
      lanes_ = std::max<int32_t>(lanes_, int32_t(batch.lanes.size()));
  }

 private:
  struct Key {
    int64_t batch;
    bool has_record;
    int32_t lane;
    auto operator<=>(const Key&) const = default;
  };
  struct Found {
    spark::ObservedBatch::Lane lane;
    IdCollector ids;
    int64_t foreign = 0;
  };

  int32_t lane_of(int32_t partition) const { return partition % lanes_; }
  spark::ObservedBatch::Lane expected_of(const Key& key) const {
    const auto& lanes = records_.batches_.at(key.batch).lanes;
    return size_t(key.lane) < lanes.size() ? lanes[size_t(key.lane)] : spark::ObservedBatch::Lane{};
  }

  const SparkRecords& records_;
  EventParser parser_;
  int32_t lanes_ = 1;
  std::map<int32_t, size_t> cursors_;  // partition -> its range that the next record may be in
  std::map<Key, Found> found_;
};

Status SparkObserver::verify() {
  Reader reader(*records_);
  reader.count_lanes();
  auto left = reader.ends();
  if (left.empty()) return {};
  auto consumer = WEIR_TRY(kafka::Consumer::open(client_, topic_, {}));
  for (const auto& [partition, end] : left)
    WEIR_TRY(consumer->assign(PartitionId(partition), Offset(0)));
  SystemClock clock(Anchor::take());
  const Nanos limit = clock.now() + kReadLimit;
  Nanos silent_since = clock.now();
  while (!left.empty()) {
    const auto runs = WEIR_TRY(consumer->poll(nanos_from_millis(100), kRecordsPerPoll));
    for (const auto& run : runs) {
      for (const auto& record : run.records) reader.take(run.partition.value, record);
      const auto at = left.find(run.partition.value);
      if (at != left.end() && !run.records.empty() &&
          run.records.back().offset.value + 1 >= at->second)
        left.erase(at);
    }
    const Nanos now = clock.now();
    if (!runs.empty()) silent_since = now;
    if (now > limit || now > silent_since + kSilenceLimit)
      return fail(Code::kTimeout, "the input topic could not be read again in time");
  }
  if (const auto differences = reader.settle(audit_, receipt_lost_); !differences.empty())
    records_->observed_.error = "Spark's checksums differ from the topic's: " + differences;
  return {};
}

void SparkObserver::stop() {
  if (std::exchange(stopped_, true)) return;
  std::lock_guard lock(records_->mutex_);
  verified_ = verify().has_value();
}

AuditReport SparkObserver::judge(const std::vector<Ledger>& ledgers, bool complete) const {
  AuditReport report = audit_.judge(ledgers, complete);
  report.level = verified_ ? "checksum" : "count";
  report.receipt_lost = receipt_lost_;
  if (verified_) return report;
  report.processed = distinct();
  const uint64_t missing = report.acked > report.processed ? report.acked - report.processed : 0;
  report.lost = complete ? missing : 0;
  report.pending = complete ? 0 : missing;
  report.lost_ids.clear();
  return report;
}

Status SparkObserver::write_seen(const std::string& path) const { return audit_.write(path); }

}  // namespace weir::lab
