#include "weir/lab/progress_observer.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "weir/event/event.h"
#include "weir/event/event_layout.h"
#include "weir/kafka/admin.h"
#include "weir/lab/tracked_child.h"
#include "weir/sys/disk.h"

namespace weir::lab {
namespace {

constexpr Nanos kPoll = nanos_from_millis(5);
// A commit may lie behind offsets that no reader ever gets (of transactions, or compacted away).
constexpr Nanos kInputPatience = nanos_from_seconds(2);

Nanos due_of(const kafka::FetchedRecord& record) {
  if (record.value.starts_with(layout::kBeforeId)) {
    const auto id = EventId::parse(record.value.substr(layout::kBeforeId.size(), layout::kIdChars));
    if (id && id->is_ours()) return id->due();
  }
  return nanos_from_millis(record.timestamp_ms);
}

}  // namespace

ProgressObserver::ProgressObserver(const Options& options, const Anchor& anchor,
                                   std::unique_ptr<kafka::Consumer> consumer)
    : options_(options), clock_(anchor), consumer_(std::move(consumer)) {
  observed_.source = "progress";
}

Result<std::unique_ptr<ProgressObserver>> ProgressObserver::start(const Options& options,
                                                                  const Anchor& anchor) {
  auto consumer = WEIR_TRY_IN("observer", kafka::Consumer::open(options.client, options.topic, {}));
  auto admin = WEIR_TRY_IN("observer", kafka::Admin::open(options.client));
  const auto ends = WEIR_TRY_IN("observer", admin->end_offsets(options.topic));
  for (size_t p = 0; p < ends.size(); ++p)
    WEIR_TRY_IN("observer", consumer->assign(PartitionId(int32_t(p)), ends[p]));
  std::unique_ptr<ProgressObserver> observer(
      new ProgressObserver(options, anchor, std::move(consumer)));
  observer->thread_ = std::thread([raw = observer.get()] { raw->read(); });
  return observer;
}

ProgressObserver::~ProgressObserver() { stop(); }

void ProgressObserver::follow(std::unique_ptr<ProgressSource> source, const BatchFiles& files) {
  std::lock_guard lock(mutex_);
  next_source_ = std::move(source);
  files_ = files;
}

void ProgressObserver::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  thread_.join();
  if (files_.batches.empty() || batches_.empty()) return;
  const auto written = real_disk()->write_whole(
      files_.batches, batches_csv(batches_, files_.trigger, files_.origin_csv));
  if (!written && observed_.error.empty()) observed_.error = to_text(written.error());
}

void ProgressObserver::read() {
  pthread_setname_np(pthread_self(), "observer");
  setpriority(PRIO_PROCESS, id_t(gettid()), kMeasuringNice);
  const Nanos begin = clock_.now();
  bool last = false;
  // One turn more after being told to stop: what was committed until then counts.
  while (!last && observed_.error.empty()) {
    last = stopping_;
    if (!read_input()) return;
    {
      std::lock_guard lock(mutex_);
      if (next_source_) source_ = std::move(next_source_);
    }
    const Nanos now = nanos_from_micros(clock_.now().micros());  // as files tell it
    if (source_ && (now >= next_ask_ || last)) ask(now);
    std::lock_guard lock(mutex_);
    apply_commits();
    observed_.core_share = thread_cpu_time().seconds() / std::max((now - begin).seconds(), 0.1);
  }
  source_.reset();
}

bool ProgressObserver::read_input() {
  auto polled = consumer_->poll(kPoll, kRecordsPerPoll);
  if (!polled) {
    std::lock_guard lock(mutex_);
    observed_.error = to_text(polled.error());
    return false;
  }
  const Nanos start = clock_.now();
  for (const auto& run : *polled)
    for (const auto& record : run.records)
      ages_.add(run.partition.value, record.offset.value, due_of(record));
  std::lock_guard lock(mutex_);
  observed_.longest_turn_s = std::max(observed_.longest_turn_s, (clock_.now() - start).seconds());
  return true;
}

// A source that cannot be asked (its broker is away, its command failed) leaves the observer blind.
void ProgressObserver::ask(Nanos now) {
  auto readings = source_->read();
  const Nanos seen = nanos_from_micros(clock_.now().micros());
  next_ask_ = seen + source_->interval();
  std::lock_guard lock(mutex_);
  if (!readings) {
    if (readings.error().code == Code::kUsage) observed_.error = to_text(readings.error());
    if (readings.error().code == Code::kCorrupt) ++observed_.unreadable;
    if (blind_since_.value == 0) blind_since_ = now;
    return;
  }
  if (blind_since_.value != 0) observed_.blind_s += (seen - blind_since_).seconds();
  blind_since_ = Nanos();
  for (auto& reading : *readings) commits_.push_back({seen, std::move(reading)});
}

void ProgressObserver::apply_commits() {
  while (!commits_.empty()) {
    const Commit& commit = commits_.front();
    const bool read =
        std::all_of(commit.reading.committed.begin(), commit.reading.committed.end(),
                    [&](const auto& at) { return ages_.read_up_to(at.first) >= at.second; });
    if (!read && !stopping_ && clock_.now() - commit.at < kInputPatience) return;
    apply(commit);
    commits_.pop_front();
  }
}

void ProgressObserver::apply(const Commit& commit) {
  Visible visible;
  visible.at = commit.at;
  visible.batch = commit.reading.batch;
  visible.input_end = commit.reading.committed;
  SeenBatch batch{commit.reading.batch, commit.reading.planned, commit.at, {}};
  double sum_ms = 0;
  for (const auto& [partition, next] : commit.reading.committed)
    ages_.pass(partition, next, [&](Nanos due, int64_t count) {
      const Nanos age = commit.at - due;
      const int64_t since = due.value - origin_;
      const size_t window =
          since <= 0 ? 0 : std::min(size_t(since / options_.window.value), kWindowsMax);
      if (observed_.windows.size() <= window) observed_.windows.resize(window + 1);
      observed_.windows[window].record(age.micros(), count);
      batch.latency.record(age.micros(), count);
      recent_.record(age.micros(), count);
      visible.distinct += count;
      visible.newest_due = std::max(visible.newest_due, due);
      visible.worst_ms = std::max(visible.worst_ms, double(age.value) / 1e6);
      sum_ms += double(age.value) / 1e6 * double(count);
    });
  if (visible.distinct == 0) return;
  visible.mean_age_ms = sum_ms / double(visible.distinct);
  observed_.distinct += uint64_t(visible.distinct);
  observed_.results.push_back(visible);
  if (batch.batch >= 0 && batch.planned.value > 0) batches_.push_back(std::move(batch));
}

uint64_t ProgressObserver::distinct() const {
  std::lock_guard lock(mutex_);
  return observed_.distinct;
}

Observations ProgressObserver::snapshot() const {
  std::lock_guard lock(mutex_);
  return observed_;
}

std::vector<Visible> ProgressObserver::results_since(size_t from) const {
  std::lock_guard lock(mutex_);
  if (from >= observed_.results.size()) return {};
  return {observed_.results.begin() + ptrdiff_t(from), observed_.results.end()};
}

Histogram ProgressObserver::take_recent() {
  std::lock_guard lock(mutex_);
  return std::exchange(recent_, {});
}

AuditReport ProgressObserver::judge(const std::vector<Ledger>& ledgers, bool complete) const {
  AuditReport report;
  report.level = "none";
  report.why = options_.reason;
  report.complete = complete;
  for (const auto& ledger : ledgers) {
    report.sent += ledger.sent();
    report.acked += ledger.count(Outcome::kAcked);
    report.failed += ledger.count(Outcome::kFailed);
    report.unknown += ledger.count(Outcome::kUnknown);
  }
  report.processed = distinct();
  if (!complete && report.processed < report.acked)
    report.pending = report.acked - report.processed;
  return report;
}

}  // namespace weir::lab
