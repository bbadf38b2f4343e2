#include "weir/lab/native_engine.h"

#include <fmt/format.h>

#include <filesystem>

#include "weir/base/duration.h"
#include "weir/kafka/environment.h"
#include "weir/lab/topic_observer.h"

namespace weir::lab {
namespace fs = std::filesystem;
namespace {

constexpr Nanos kNativeReadyLimit = nanos_from_seconds(20);

}  // namespace

Result<std::unique_ptr<Observer>> NativeEngine::observe(const Query& query) {
  return WEIR_TRY(TopicObserver::start(
      {query.client, query.output_topic, query.partitions, query.window}, context_.anchor));
}

Status NativeEngine::start(const Query& query, const StepPlace& place) {
  query_ = query;
  place_ = place;
  restarted_ = false;
  starts_before_.reset();
  return launch();
}

Status NativeEngine::launch() {
  ChildOptions options;
  options.arguments = {context_.program,
                       "stream",
                       "--brokers",
                       query_.client.brokers,
                       "--topic",
                       query_.topic,
                       "--output-topic",
                       query_.output_topic,
                       "--checkpoint",
                       place_.data + "/checkpoint",
                       "--outdir",
                       place_.outdir,
                       "--trigger",
                       duration_text(query_.trigger),
                       "--parallelism",
                       std::to_string(query_.parallelism),
                       "--workload",
                       query_.workload,
                       "--starting-offsets",
                       "earliest",
                       "--quiet"};
  for (const auto& [flag, us] :
       {std::pair("--cpu-us", context_.plan.cpu_us), std::pair("--wait-us", context_.plan.wait_us)})
    if (us > 0) options.arguments.insert(options.arguments.end(), {flag, fmt::format("{}", us)});
  options.environment = kafka::to_environment(query_.client);
  options.environment["WEIR_ANCHOR"] = context_.anchor.text();
  options.log = place_.log_prefix + "engine.log";
  options.cores = context_.cores;
  child_ = WEIR_TRY_IN("engine", TrackedChild::start(options, context_.guard));
  limit_ = SystemClock(context_.anchor).now() + kNativeReadyLimit;
  return {};
}

Result<bool> NativeEngine::ready(const Observer& observer) {
  // The fences of earlier starts stand in the output still.
  if (restarted_ && !starts_before_) starts_before_ = observer.starts_ready();
  if (observer.starts_ready() > starts_before_.value_or(0)) {
    restarted_ = false;
    return true;
  }
  if (auto ended = trouble(); !ended.empty())
    return fail(Code::kFailed, "the engine ended at its start", ended,
                "read " + place_.log_prefix + "engine.log");
  if (SystemClock(context_.anchor).now() < limit_) return false;
  return fail(Code::kTimeout, "the engine was not ready within 20 s",
              log_tail(place_.log_prefix + "engine.log"),
              "read " + place_.log_prefix + "engine.log");
}

std::string NativeEngine::trouble() {
  if (!child_) return "";
  const auto status = child_->child().poll();
  if (!status) return "";
  return fmt::format("the engine ended with status {}: {}", *status,
                     log_tail(place_.log_prefix + "engine.log"));
}

void NativeEngine::stop_query() {
  if (child_) child_->stop(nanos_from_seconds(5));
  if (old_) old_->stop(nanos_from_seconds(1));
  child_.reset();
  old_.reset();
}

NamedProcesses NativeEngine::processes() {
  NamedProcesses all;
  if (child_) all.emplace_back("engine", child_->id());
  if (old_) all.emplace_back("engine", old_->id());
  return all;
}

Status NativeEngine::restart() {
  restarted_ = true;
  starts_before_.reset();
  return launch();
}

Status NativeEngine::replace() {
  old_ = std::move(child_);
  child_.reset();
  return restart();
}

// The table of its batches belongs to the checkpoint, and is of no use to another one.
Result<std::string> NativeEngine::lose_checkpoint() {
  std::error_code error;
  fs::rename(place_.data + "/checkpoint", place_.data + "/checkpoint-lost", error);
  if (error)
    return tl::unexpected(
        error_from_errno(error.value(), "take away", place_.data + "/checkpoint"));
  const std::string table = place_.outdir + "/batches.csv";
  fs::rename(table, place_.outdir + "/batches-before.csv", error);
  if (error && error != std::errc::no_such_file_or_directory)
    return tl::unexpected(error_from_errno(error.value(), "set aside", table));
  return "its checkpoint taken away";
}

std::string NativeEngine::description() const { return "weir stream " WEIR_VERSION; }

std::string NativeEngine::guarantee(const std::string&) const {
  return "exactly once for readers of weir's rule";
}

}  // namespace weir::lab
