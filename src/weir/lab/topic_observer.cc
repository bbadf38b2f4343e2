#include "weir/lab/topic_observer.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "weir/lab/pipeline.h"

namespace weir::lab {

TopicObserver::TopicObserver(const Options& options, const Anchor& anchor,
                             std::unique_ptr<kafka::Consumer> consumer)
    : options_(options),
      clock_(anchor),
      consumer_(std::move(consumer)),
      identity_(options.identity) {}

Result<std::unique_ptr<TopicObserver>> TopicObserver::start(const Options& options,
                                                            const Anchor& anchor) {
  auto consumer = WEIR_TRY_IN("observer", kafka::Consumer::open(options.client, options.topic, {}));
  for (int32_t p = 0; p < options.partitions; ++p)
    WEIR_TRY_IN("observer", consumer->assign(PartitionId(p), Offset(0)));
  std::unique_ptr<TopicObserver> observer(new TopicObserver(options, anchor, std::move(consumer)));
  observer->thread_ = std::thread([raw = observer.get()] { raw->read(); });
  return observer;
}

TopicObserver::~TopicObserver() { stop(); }

void TopicObserver::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void TopicObserver::read() {
  pthread_setname_np(pthread_self(), "observer");
  setpriority(PRIO_PROCESS, id_t(gettid()), kMeasuringNice);
  const Nanos begin = clock_.now();
  Nanos blind_since;
  while (!stopping_) {
    auto polled = consumer_->poll(nanos_from_millis(20), kRecordsPerPoll);
    const Nanos now = nanos_from_micros(clock_.now().micros());  // as files tell it
    std::lock_guard lock(mutex_);
    if (!polled) {
      observed_.error = to_text(polled.error());
      return;
    }
    if (const bool blind = !consumer_->connected(); blind != (blind_since.value != 0)) {
      if (!blind) observed_.blind_s += (now - blind_since).seconds();
      blind_since = blind ? now : Nanos();
    }
    const size_t before = observed_.results.size();
    std::vector<Visible> seen;
    for (const auto& run : *polled) take(run, now, seen);
    observed_.results.insert(observed_.results.end(), seen.begin(), seen.end());
    observed_.distinct = audit_.distinct();
    observed_.dropped_by_fence = filter_.dropped();
    if (observed_.results.size() != before)
      observed_.longest_turn_s = std::max(observed_.longest_turn_s, (clock_.now() - now).seconds());
    observed_.core_share = thread_cpu_time().seconds() / std::max((now - begin).seconds(), 0.1);
  }
}

void TopicObserver::take(const kafka::FetchedRun& run, Nanos now, std::vector<Visible>& seen) {
  for (size_t i = 0; i < run.records.size(); ++i) {
    const auto& record = run.records[i];
    SeenAt at{run.partition.value, record.offset.value, -1};
    const auto carried = consumer_->headers(run, i);
    const auto headers = from_headers(carried);
    if (headers) {
      at.batch = headers->batch;
      if (headers->kind == OutputKind::kFence) {
        int64_t& newest = fenced_[run.partition.value];
        if (headers->attempt > newest) newest = headers->attempt;
        starts_[{headers->query, headers->attempt}].insert(run.partition.value);
        if (observed_.fences.empty() || observed_.fences.back().attempt < headers->attempt)
          observed_.fences.push_back({now, headers->attempt});
      }
      if (!filter_.accept(run.partition, *headers)) continue;
      if (headers->kind == OutputKind::kReceipt) {
        if (auto receipt = receipt_from_json(record.value))
          take_receipt(*receipt, at, now, seen);
        else
          ++observed_.unreadable;
        continue;
      }
    }
    if (const auto id = identity_.read(record.key, record.value, carried))
      take_event(*id, at, headers ? headers->attempt : 0, now, seen);
    else
      audit_.add_foreign();
  }
}

Histogram& TopicObserver::window_of(Nanos due) {
  const int64_t since = due.value - origin_;
  const size_t index =
      since <= 0 ? 0 : std::min(size_t(since / options_.window.value), kWindowsMax);
  if (observed_.windows.size() <= index) observed_.windows.resize(index + 1);
  return observed_.windows[index];
}

void TopicObserver::take_receipt(const Receipt& receipt, const SeenAt& at, Nanos now,
                                 std::vector<Visible>& seen) {
  const uint64_t before = audit_.distinct();
  audit_.add(receipt, at);
  Visible visible{now,
                  receipt.batch,
                  receipt.attempt,
                  int64_t(audit_.distinct() - before),
                  receipt.reference,
                  0,
                  0,
                  receipt.input_end};
  const Nanos since_reference = now - receipt.reference;
  if (receipt.ages.total() > 0) {
    if (receipt.negatives == 0)
      visible.newest_due =
          nanos_from_micros((receipt.reference - nanos_from_micros(receipt.ages.min())).micros());
    visible.mean_age_ms = receipt.ages.mean() / 1e3 + since_reference.exact_millis();
    visible.worst_ms = double(receipt.ages.max()) / 1e3 + since_reference.exact_millis();
  }
  // Ages of one receipt are told apart to 0.1%; each bucket goes to the window it was due in.
  receipt.ages.for_each([&](int64_t low, int64_t high, int64_t count) {
    const int64_t age = std::min(low + (high - low) / 2, receipt.ages.max());
    const Nanos due = receipt.reference - nanos_from_micros(age);
    window_of(due).record((now - due).micros(), count);
    recent_.record((now - due).micros(), count);
  });
  seen.push_back(visible);
}

void TopicObserver::take_event(const EventId& id, const SeenAt& at, int64_t attempt, Nanos now,
                               std::vector<Visible>& seen) {
  const uint64_t before = audit_.distinct();
  audit_.add(id, at);
  if (audit_.distinct() == before) return;
  const Nanos due = nanos_from_micros(id.due().micros());
  if (seen.empty() || seen.back().batch != at.batch || seen.back().attempt != attempt)
    seen.push_back({now, at.batch, attempt, 0, due, 0, 0, {}});
  Visible& visible = seen.back();
  const double latency = (now - due).exact_millis();
  ++visible.distinct;
  visible.newest_due = std::max(visible.newest_due, due);
  visible.mean_age_ms += (latency - visible.mean_age_ms) / double(visible.distinct);
  visible.worst_ms = std::max(visible.worst_ms, latency);
  window_of(due).record((now - due).micros());
  recent_.record((now - due).micros());
}

uint64_t TopicObserver::distinct() const {
  std::lock_guard lock(mutex_);
  return observed_.distinct;
}

int64_t TopicObserver::attempt_ready() const {
  std::lock_guard lock(mutex_);
  if (int32_t(fenced_.size()) < options_.partitions) return 0;
  int64_t lowest = INT64_MAX;
  for (const auto& [partition, attempt] : fenced_) lowest = std::min(lowest, attempt);
  return lowest;
}

int64_t TopicObserver::starts_ready() const {
  std::lock_guard lock(mutex_);
  return std::count_if(starts_.begin(), starts_.end(), [this](const auto& start) {
    return int32_t(start.second.size()) >= options_.partitions;
  });
}

Observations TopicObserver::snapshot() const {
  std::lock_guard lock(mutex_);
  return observed_;
}

Histogram TopicObserver::take_recent() {
  std::lock_guard lock(mutex_);
  return std::exchange(recent_, {});
}

std::vector<Visible> TopicObserver::results_since(size_t from) const {
  std::lock_guard lock(mutex_);
  if (from >= observed_.results.size()) return {};
  return {observed_.results.begin() + ptrdiff_t(from), observed_.results.end()};
}

}  // namespace weir::lab
