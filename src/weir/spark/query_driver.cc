#include "weir/spark/query_driver.h"

#include <pthread.h>

#include <fstream>

namespace weir::spark {
namespace {

constexpr Nanos kRetry = nanos_from_millis(100);
constexpr Nanos kVersionLimit = nanos_from_seconds(2);
constexpr int kPollsPerStatus = 5;

bool is_silence(const Error& error) {
  return error.code == Code::kUnreachable || error.code == Code::kTimeout ||
         error.code == Code::kInterrupted;
}

}  // namespace

QueryDriver::QueryDriver(Options options, const Anchor& anchor, OnRecord on_record)
    : options_(std::move(options)),
      on_record_(std::move(on_record)),
      clock_(anchor),
      take_over_(options_.take_over) {
  thread_ = std::thread([this] { run(); });
}

QueryDriver::~QueryDriver() { stop(Nanos(0)); }

void QueryDriver::connect(const std::string& address, int64_t attempt) {
  std::lock_guard lock(mutex_);
  next_ = Target{address, attempt};
  if (client_) client_->cancel();
  changed_.notify_all();
}

QueryDriver::State QueryDriver::state() const {
  std::lock_guard lock(mutex_);
  return state_;
}

void QueryDriver::stop(Nanos limit) {
  if (!thread_.joinable()) return;
  std::unique_lock lock(mutex_);
  stopping_ = true;
  stop_by_ = clock_.now() + limit;
  changed_.notify_all();
  // A call under way to a server that hangs is cut off in the end.
  changed_.wait_for(lock, std::chrono::nanoseconds((limit + nanos_from_millis(500)).value),
                    [&] { return state_.phase == Phase::kStopped; });
  if (client_) client_->cancel();
  lock.unlock();
  thread_.join();
}

bool QueryDriver::is_stopping() const {
  std::lock_guard lock(mutex_);
  return stopping_;
}

void QueryDriver::wait(Nanos span) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, std::chrono::nanoseconds(span.value), [&] { return stopping_ || next_; });
}

void QueryDriver::note(Phase phase, std::optional<Error> error) {
  std::lock_guard lock(mutex_);
  state_.phase = phase;
  state_.error = std::move(error);
}

bool QueryDriver::switch_target() {
  std::lock_guard lock(mutex_);
  if (!next_) return false;
  target_ = *std::exchange(next_, std::nullopt);
  client_ =
      std::make_shared<Client>(target_.address, take_over_ ? take_over_->session : Session::make());
  state_.phase = Phase::kConnecting;
  state_.error.reset();
  state_.idle = false;
  handle_.reset();
  newest_batch_ = -1;
  return true;
}

void QueryDriver::run() {
  pthread_setname_np(pthread_self(), "spark driver");
  while (!is_stopping()) {
    switch_target();
    turn();
  }
  finish();
  note(Phase::kStopped, std::nullopt);
  changed_.notify_all();
}

void QueryDriver::turn() {
  if (!client_) return wait(nanos_from_seconds(60));
  switch (state().phase) {
    case Phase::kConnecting:
      return try_version();
    case Phase::kRunning:
      poll();
      return wait(options_.poll);
    case Phase::kLost:
      return look_again();
    case Phase::kFailed:
    case Phase::kStopped:
      return wait(nanos_from_seconds(60));
  }
}

void QueryDriver::try_version() {
  auto version = client_->version(kVersionLimit);
  if (!version) {
    note(is_silence(version.error()) ? Phase::kConnecting : Phase::kFailed, version.error());
    return wait(kRetry);
  }
  {
    std::lock_guard lock(mutex_);
    state_.version = *version;
  }
  if (take_over_) {
    const QueryHandle old = *std::exchange(take_over_, std::nullopt);
    const auto status = client_->status(old, options_.call_limit);
    if (status && status->active) return set_running(old);
  }
  try_start();
}

void QueryDriver::try_start() {
  const StreamPlan plan = options_.plan(target_.attempt);
  auto started = client_->start(plan, options_.start_limit);
  if (!started && started.error().code == Code::kTimeout) {
    // Its answer may have been lost; sending the plan again would make a second query.
    if (auto found = client_->find_active(plan.name, options_.call_limit); found && *found)
      started = **found;
  }
  if (started) return set_running(*started);
  lost_or_failed(started.error());
}

void QueryDriver::set_running(QueryHandle handle) {
  if (!options_.handle_path.empty())
    std::ofstream(options_.handle_path, std::ios::trunc) << handle.text() << '\n';
  handle_ = std::move(handle);
  polls_ = 0;
  std::lock_guard lock(mutex_);
  state_.phase = Phase::kRunning;
  state_.attempt = target_.attempt;
  state_.confirmed = clock_.now();
  state_.error.reset();
}

void QueryDriver::lost_or_failed(const Error& error) {
  if (error.code == Code::kInterrupted) return;  // another target, or the end
  note(is_silence(error) ? (handle_ ? Phase::kLost : Phase::kConnecting) : Phase::kFailed, error);
  wait(kRetry);
}

void QueryDriver::take_records(const std::vector<std::string>& records) {
  const Nanos now = nanos_from_micros(clock_.now().micros());
  for (const auto& json : records) {
    const auto progress = parse_progress(json);
    if (!progress || !filter_.is_new(*progress)) continue;
    if (progress->executed) newest_batch_ = std::max(newest_batch_, progress->batch);
    on_record_(json, *progress, now, target_.attempt);
  }
}

void QueryDriver::poll() {
  auto newest = client_->last_progress(*handle_, options_.call_limit);
  if (newest && !newest->empty()) {
    // One record is cheap to ask for; the others only when some were missed.
    const auto progress = parse_progress(newest->back());
    if (progress && progress->executed && progress->batch > newest_batch_ + 1)
      newest = client_->recent_progress(*handle_, options_.call_limit);
  }
  if (!newest) {
    if (newest.error().code == Code::kNotFound) return look_again();
    return lost_or_failed(newest.error());
  }
  take_records(*newest);
  if (!state().idle || ++polls_ % kPollsPerStatus == 0) check_status();
}

void QueryDriver::check_status() {
  const auto status = client_->status(*handle_, options_.call_limit);
  if (!status) return lost_or_failed(status.error());
  if (status->active) {
    std::lock_guard lock(mutex_);
    state_.idle = state_.idle || status->idle();
    return;
  }
  Error error{Code::kFailed, "the query on Spark ended by itself", status->message};
  if (auto failure = client_->exception(*handle_, options_.call_limit); failure && *failure)
    error = error_from_java(error.what, (*failure)->java_class, (*failure)->message);
  note(Phase::kFailed, error);
}

void QueryDriver::look_again() {
  const auto status = client_->status(*handle_, kVersionLimit);
  if (status) return note(Phase::kRunning, std::nullopt);
  if (status.error().code != Code::kNotFound) return lost_or_failed(status.error());
  // The server is another one, or has forgotten us: the checkpoint knows how to go on.
  handle_.reset();
  ++target_.attempt;
  try_start();
}

void QueryDriver::finish() {
  if (!client_ || !handle_ || state().phase != Phase::kRunning) return;
  const Nanos by = [&] {
    std::lock_guard lock(mutex_);
    return stop_by_;
  }();
  const auto left = [&] { return by - clock_.now(); };
  while (left().value > 0) {
    const auto status = client_->status(*handle_, std::min(left(), options_.call_limit));
    if (!status || !status->active || !status->trigger_active) break;
    clock_.sleep_until(clock_.now() + nanos_from_millis(20));
  }
  const Nanos limit = std::max(left(), nanos_from_millis(300));
  if (auto records = client_->recent_progress(*handle_, limit)) take_records(*records);
  // Only Spark itself could say why it would not stop, and nobody needs the query any more.
  [[maybe_unused]] const auto stopped = client_->stop(*handle_, limit);
}

}  // namespace weir::spark
