#include "weir/lab/external_engine.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/stat.h>

#include <cstring>
#include <filesystem>

#include "weir/event/event_template.h"
#include "weir/kafka/environment.h"
#include "weir/kafka/java_client.h"
#include "weir/lab/progress_observer.h"
#include "weir/lab/topic_observer.h"

namespace weir::lab {
namespace {

constexpr Nanos kExternalReadyLimit = nanos_from_seconds(180);
constexpr Nanos kEngineCommandLimit = nanos_from_seconds(30);
constexpr Nanos kStopGrace = nanos_from_seconds(15);
constexpr Nanos kReadyPause = nanos_from_millis(250);  // between two runs of the ready command
constexpr Nanos kAlive = nanos_from_seconds(2);        // who lives so long did not fail to start

std::string shortened(const std::string& command) {
  constexpr size_t kMost = 80;
  return command.size() <= kMost ? command : command.substr(0, kMost - 3) + "...";
}

Status check_identity(const Plan& plan, const Identity& identity) {
  if (identity.kind == Identity::Kind::kNone && plan.progress == "output")
    return fail(Code::kUsage, "event.identity none needs engine.progress",
                "without ids in the output, only the engine's progress shows what it has done",
                "set engine.progress to group:ID, checkpoint:PATH or command:CMD");
  if (plan.event_template.empty()) return {};
  const auto own = WEIR_TRY(EventTemplate::read(plan.event_template));
  const bool in_value =
      identity.kind == Identity::Kind::kEventId || identity.kind == Identity::Kind::kJson;
  if (in_value && !own.has_id())
    return fail(Code::kUsage, "the event template " + plan.event_template + " carries no id",
                "event.identity " + identity.text() + " is to find it in what the engine writes",
                "put {{id}} into the template, or use header:NAME or none");
  return {};
}

}  // namespace

Result<std::unique_ptr<EngineHost>> ExternalEngine::open(const HostContext& context) {
  const Plan& plan = context.plan;
  Options options;
  options.start = plan.start;
  options.stop = plan.stop;
  options.ready = plan.ready;
  options.progress = plan.progress;
  options.identity = WEIR_TRY(Identity::parse(plan.identity));
  WEIR_TRY(check_identity(plan, options.identity));
  // Whoever names a ready command says with it when his engine works as it will.
  // Whether an unknown command is a JVM cannot be seen.
  if (plan.ready.empty()) options.cold_start = kJvmColdStart;
  options.description = "external: " + shortened(plan.start);
  options.guarantee = "not stated: the engine's own";
  options.no_identity =
      "event.identity is none: the engine's output does not carry the events' ids, so lost and "
      "repeated events cannot be told; load and recovery are judged from " +
      plan.progress;
  if (plan.progress != "output")  // so that a misspelt one is told before anything starts
    WEIR_TRY(open_progress(plan.progress, {}));
  return std::make_unique<ExternalEngine>(context, std::move(options));
}

Result<std::unique_ptr<Observer>> ExternalEngine::observe(const Query& query) {
  follower_ = nullptr;
  if (options_.identity.kind != Identity::Kind::kNone) {
    TopicObserver::Options options{query.client, query.output_topic, query.partitions,
                                   query.window};
    options.identity = options_.identity;
    return WEIR_TRY(TopicObserver::start(options, context_.anchor));
  }
  auto observer = WEIR_TRY(ProgressObserver::start(
      {query.client, query.topic, query.partitions, query.window, options_.no_identity},
      context_.anchor));
  follower_ = observer.get();
  return observer;
}

Status ExternalEngine::start(const Query& query, const StepPlace& place) {
  query_ = query;
  place_ = place;
  attempt_ = 0;
  environment_ = options_.environment;
  environment_["WEIR_BROKERS"] = query.client.brokers;
  environment_["WEIR_TOPIC"] = query.topic;
  environment_["WEIR_OUTPUT_TOPIC"] = query.output_topic;
  environment_["WEIR_CHECKPOINT"] = place.data + "/checkpoint";
  environment_["WEIR_PARTITIONS"] = std::to_string(query.partitions);
  environment_["WEIR_PARALLELISM"] = std::to_string(query.parallelism);
  environment_["WEIR_TRIGGER_MS"] = std::to_string(query.trigger.millis());
  environment_["WEIR_WORKLOAD"] = query.workload;
  environment_["WEIR_OUTDIR"] = place.outdir;
  environment_["WEIR_RUN_ID"] = context_.run_id;
  environment_[kafka::kFileVariable] = WEIR_TRY(write_client_properties());
  if (options_.progress != "output") at_work_ = WEIR_TRY(progress_source());
  if (follower_ != nullptr) {
    ProgressObserver::BatchFiles files;
    files.batches = place.outdir + "/batches.csv";
    if (!options_.origin_csv.empty()) files.origin_csv = place.outdir + "/" + options_.origin_csv;
    files.trigger = query.trigger;
    follower_->follow(WEIR_TRY(progress_source()), files);
    follower_ = nullptr;
  }
  return launch();
}

Result<std::string> ExternalEngine::write_client_properties() const {
  if (query_.client.properties.empty()) return std::string();
  const auto java = WEIR_TRY(kafka::java_client_properties(query_.client, *disk_));
  const std::string folder = place_.data + "/client";
  WEIR_TRY(disk_->make_folders(folder));
  // Before anything secret is in it.
  if (chmod(folder.c_str(), S_IRWXU) != 0)
    return fail(Code::kFailed, "cannot close " + folder + " to others", strerror(errno));
  const std::string path = std::filesystem::absolute(folder + "/client.properties").string();
  WEIR_TRY(disk_->write_whole(path, kafka::java_properties_text(java)));
  return path;
}

Result<std::unique_ptr<ProgressSource>> ExternalEngine::progress_source() const {
  return open_progress(options_.progress, {query_.client, query_.topic, query_.partitions,
                                           environment_, log_path("progress")});
}

std::string ExternalEngine::log_path(const std::string& name) const {
  return place_.log_prefix + name + ".log";
}

Result<TrackedChild> ExternalEngine::run_command(const std::string& command,
                                                 const std::string& log) {
  ChildOptions options;
  options.arguments = {"/bin/sh", "-c", command};
  options.environment = environment_;
  options.log = log_path(log);
  options.cores = context_.cores;
  return TrackedChild::start(options, context_.guard);
}

Status ExternalEngine::launch() {
  environment_["WEIR_ATTEMPT"] = std::to_string(++attempt_);
  child_ = WEIR_TRY_IN("engine.start", run_command(options_.start, "engine"));
  started_ = SystemClock(context_.anchor).now();
  return {};
}

Result<bool> ExternalEngine::ready(const Observer&) {
  if (auto ended = trouble(); !ended.empty())
    return fail(Code::kFailed, "the engine ended at its start", ended,
                "read " + log_path("engine"));
  if (WEIR_TRY(ask_ready())) {
    ready_command_.reset();
    at_work_.reset();
    return true;
  }
  const Nanos now = SystemClock(context_.anchor).now();
  if (now < started_ + kExternalReadyLimit) return false;
  const std::string log = options_.ready.empty() ? "engine" : "ready";
  return fail(
      Code::kTimeout,
      fmt::format("the engine was not ready within {:.0f} s", kExternalReadyLimit.seconds()),
      log_tail(log_path(log)), "read " + log_path("engine"));
}

Result<bool> ExternalEngine::ask_ready() {
  const Nanos now = SystemClock(context_.anchor).now();
  if (!options_.ready.empty()) {
    if (!ready_command_) {
      if (now < next_ready_) return false;
      ready_command_ = WEIR_TRY_IN("engine.ready", run_command(options_.ready, "ready"));
      next_ready_ = now + kReadyPause;
    }
    const auto status = ready_command_->child().poll();
    if (!status && now > next_ready_ + kEngineCommandLimit) ready_command_.reset();
    if (!status) return false;
    ready_command_.reset();
    return *status == 0;
  }
  if (at_work_) return at_work_->at_work();
  return now >= started_ + kAlive;
}

std::string ExternalEngine::trouble() {
  if (!child_) return "";
  const auto status = child_->child().poll();
  if (!status) return "";
  // A command that hands the engine to somebody else (a cluster, a container) ends when it has.
  if (*status == 0 && !options_.stop.empty()) {
    child_.reset();
    return "";
  }
  return fmt::format("the engine ended with status {}: {}", *status, log_tail(log_path("engine")));
}

void ExternalEngine::end(std::optional<TrackedChild>& child, Nanos grace) {
  if (!child) return;
  const pid_t group = child->id().pid;
  child->stop(grace);
  child.reset();
  // What the command started and left behind.
  if (group > 1) kill(-group, SIGKILL);
}

void ExternalEngine::stop_query() {
  ready_command_.reset();
  at_work_.reset();
  if (!options_.stop.empty() && attempt_ > 0) {
    auto stopping = run_command(options_.stop, "stop");
    if (stopping) {
      stopping->child().wait(kEngineCommandLimit);
      if (child_) child_->child().wait(kStopGrace);
    }
  }
  end(child_, kStopGrace);
  end(old_, nanos_from_seconds(1));
  attempt_ = 0;
}

NamedProcesses ExternalEngine::processes() {
  NamedProcesses all;
  if (child_) all.emplace_back("engine", child_->id());
  if (old_) all.emplace_back("engine", old_->id());
  return all;
}

Status ExternalEngine::restart() {
  end(child_, nanos_from_seconds(0));
  return launch();
}

Status ExternalEngine::replace() {
  old_ = std::move(child_);
  child_.reset();
  return launch();
}

}  // namespace weir::lab
