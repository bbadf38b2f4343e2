#include "weir/lab/spark_engine.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "weir/checkpoint/folder.h"
#include "weir/kafka/java_client.h"
#include "weir/lab/topic_observer.h"
#include "weir/setup/java.h"
#include "weir/setup/software.h"
#include "weir/spark/server.h"
#include "weir/sys/free_port.h"

namespace weir::lab {
namespace {

namespace fs = std::filesystem;

constexpr Nanos kServerReadyLimit = nanos_from_seconds(120), kAttachLimit = nanos_from_seconds(15);
constexpr Nanos kLostLimit = nanos_from_seconds(60);
// Each query brings generated code of its own, which a warm JVM has to compile as well.
constexpr Nanos kNewQuery = nanos_from_seconds(6);
constexpr Nanos kLastBatchLimit = nanos_from_seconds(5), kServerGrace = nanos_from_seconds(5);
constexpr int kPortsMax = 3;
constexpr const char* kCheckpointConf = "spark.sql.streaming.checkpointLocation";

// weir's clock minus the wall clock, which Spark's records tell in whole milliseconds.
Nanos clock_shift(const Anchor& anchor) {
  const Anchor now = Anchor::take();
  const Nanos shift = anchor.realtime + (now.monotonic - anchor.monotonic) - now.realtime;
  return nanos_from_millis(std::llround(double(shift.value) / 1e6));
}

}  // namespace

Result<std::unique_ptr<SparkEngine>> SparkEngine::open(const HostContext& context) {
  std::unique_ptr<SparkEngine> engine(new SparkEngine(context));
  if (engine->is_attached()) {
    engine->address_ = WEIR_TRY(spark::parse_connect_url(context.plan.connect));
    return engine;
  }
  const auto found = WEIR_TRY(setup::spark_home());
  engine->home_ = found.home;
  engine->version_ = found.version;
  engine->java_home_ = WEIR_TRY(setup::find_java(setup::kJavaOfSpark)).home;
  return engine;
}

SparkEngine::~SparkEngine() {
  stop_query();
  if (server_) server_->stop(kServerGrace);
}

std::string SparkEngine::master() const {
  if (!context_.plan.master.empty()) return context_.plan.master;
  const bool has_query = !query_.topic.empty();
  return fmt::format("local[{}]", has_query ? query_.parallelism : context_.plan.parallelism);
}

Result<std::unique_ptr<Observer>> SparkEngine::observe(const Query& query) {
  records_.reset();
  if (query.workload != "metrics")
    return WEIR_TRY(TopicObserver::start(
        {query.client, query.output_topic, query.partitions, query.window}, context_.anchor));
  records_ = std::make_shared<SparkRecords>(query.trigger, query.window);
  return std::make_unique<SparkObserver>(records_, query.client, query.topic);
}

Status SparkEngine::start(const Query& query, const StepPlace& place) {
  query_ = query;
  place_ = place;
  attempt_ = 1;
  lost_since_ = Nanos();
  query_id_ = checkpoint::random_uuid();
  checkpoint_folder_ = place.data + "/checkpoint";
  checkpoint_ = "file://" + fs::absolute(checkpoint_folder_).string();
  const auto& conf = context_.plan.conf;
  if (const auto base = conf.find(kCheckpointConf); base != conf.end()) {
    checkpoint_ = fmt::format("{}/{}/{}", base->second, context_.run_id, place.label);
    checkpoint_folder_.clear();
  } else {
    // Spark keeps the id that it finds, so that headers and checkpoint agree.
    WEIR_TRY_IN("checkpoint", disk_->make_folders(checkpoint_folder_));
    WEIR_TRY_IN("checkpoint", disk_->write_whole(checkpoint_folder_ + "/metadata",
                                                 checkpoint::metadata_text(query_id_)));
  }
  files_ = WEIR_TRY(spark::BatchFiles::create(*disk_, place.outdir, query.trigger));
  const bool serves =
      server_ && !server_->child().poll() && server_parallelism_ == query.parallelism;
  is_new_server_ = !is_attached() && !serves;
  ports_tried_ = 0;
  if (is_new_server_) WEIR_TRY(launch());
  limit_ = SystemClock(context_.anchor).now() + (is_attached() ? kAttachLimit : kServerReadyLimit);
  return make_driver();
}

Status SparkEngine::launch() {
  if (server_) server_->stop(kServerGrace);
  server_.reset();
  spark::ServerOptions options;
  options.home = home_;
  options.java_home = java_home_;
  options.master = master();
  options.driver_memory = context_.plan.driver_memory;
  options.conf = context_.plan.conf;
  if (options.master.starts_with("spark://"))
    options.conf.try_emplace("spark.cores.max", std::to_string(query_.parallelism));
  else if (!options.master.starts_with("local"))
    options.conf.try_emplace("spark.executor.instances", std::to_string(query_.parallelism));
  options.folder = fs::absolute(context_.data + "/spark").string();
  WEIR_TRY(disk_->make_folders(options.folder));
  const auto fixed = options.conf.find(spark::kPortConf);
  if (fixed == options.conf.end()) {
    options.port = WEIR_TRY(free_port());
    address_ = fmt::format("127.0.0.1:{}", options.port);
  } else {
    address_ = "127.0.0.1:" + fixed->second;
  }
  ++ports_tried_;
  server_log_ = fmt::format("{}/spark-{}.log", context_.log, ++servers_);
  const auto command = spark::server_command(options);
  ChildOptions child;
  child.arguments = command.arguments;
  child.environment = command.environment;
  child.log = server_log_;
  child.cores = context_.cores;
  server_ = WEIR_TRY_IN("spark", TrackedChild::start(child, context_.guard));
  server_parallelism_ = query_.parallelism;
  return {};
}

Status SparkEngine::make_driver() {
  spark::QueryOptions query;
  query.kafka = WEIR_TRY(kafka::java_client_properties(query_.client, *disk_));
  query.topic = query_.topic;
  query.output_topic = query_.output_topic;
  query.checkpoint = checkpoint_;
  query.query_id = query_id_;
  query.partitions = query_.partitions;
  query.trigger = query_.trigger;

  spark::QueryDriver::Options options;
  options.handle_path = place_.data + "/spark-query.json";
  // Both run on the driver's thread, which ends before the engine.
  options.plan = [this, query, records = records_](int64_t attempt) mutable {
    query.attempt = attempt;
    query.name = fmt::format("weir-{}-{}", place_.label, attempt);
    // Before the query goes on, the checkpoint tells what was committed without a record.
    if (attempt > 1 && records && !checkpoint_folder_.empty())
      if (auto newest = checkpoint::newest_committed(*disk_, checkpoint_folder_); newest && *newest)
        records->prove_committed((*newest)->first, (*newest)->second.ends);
    return query_.workload == "metrics" ? spark::metrics_plan(query) : spark::forward_plan(query);
  };
  auto on_record = [this, records = records_](const std::string& json,
                                              const spark::Progress& progress, Nanos at,
                                              int64_t attempt) {
    const Nanos shift = clock_shift(context_.anchor);
    files_->add(json, progress, at, attempt, shift);
    if (records) records->take(progress, at, attempt, shift);
  };
  driver_ = std::make_unique<spark::QueryDriver>(std::move(options), context_.anchor,
                                                 std::move(on_record));
  driver_->connect(address_, attempt_);
  return {};
}

Result<bool> SparkEngine::server_ended(int status) {
  const auto log = disk_->read(server_log_);
  const std::string text = log ? *log : "";
  const bool is_own_port = !context_.plan.conf.contains(spark::kPortConf);
  if (spark::is_port_taken(text) && is_own_port && ports_tried_ < kPortsMax) {
    WEIR_TRY(launch());  // somebody took the port between the look and the start
    driver_->connect(address_, attempt_);
    return false;
  }
  return tl::unexpected(spark::server_error(
      fmt::format("the Spark Connect server ended with status {}", status), text));
}

Result<bool> SparkEngine::ready(const Observer&) {
  if (!driver_) return false;
  const auto state = driver_->state();
  if (!state.version.empty()) version_ = state.version;
  using Phase = spark::QueryDriver::Phase;
  if (state.phase == Phase::kRunning && state.attempt >= attempt_) {
    if (records_) records_->confirm(state.attempt, state.confirmed);
    return true;
  }
  if (state.phase == Phase::kFailed) return tl::unexpected(*state.error);
  if (server_)
    if (const auto status = server_->child().poll()) return server_ended(*status);
  if (SystemClock(context_.anchor).now() < limit_) return false;
  const std::string last = state.error ? state.error->what + ": " + state.error->why : "";
  if (is_attached())
    return fail(Code::kUnreachable, "no Spark Connect server answers at " + context_.plan.connect,
                last, "check the address, and that the server runs");
  const auto log = disk_->read(server_log_);
  Error error = spark::server_error(
      fmt::format("the Spark Connect server was not ready within {} s", kServerReadyLimit.second()),
      log ? *log : "");
  error.code = Code::kTimeout;
  error.remedy = "read " + server_log_;
  return tl::unexpected(std::move(error));
}

int64_t SparkEngine::attempt(const Observer&) const {
  return driver_ ? driver_->state().attempt : 0;
}

std::string SparkEngine::trouble() {
  if (!driver_) return "";
  if (server_)
    if (const auto status = server_->child().poll())
      return to_text(
          spark::server_error(fmt::format("the Spark driver ended with status {}", *status),
                              disk_->read(server_log_).value_or("")));
  const auto state = driver_->state();
  using Phase = spark::QueryDriver::Phase;
  if (state.phase == Phase::kFailed) return to_text(*state.error);
  if (records_) records_->confirm(state.attempt, state.confirmed);
  const Nanos now = SystemClock(context_.anchor).now();
  if (state.phase != Phase::kLost)
    lost_since_ = Nanos();
  else if (lost_since_.value == 0)
    lost_since_ = now;
  // A stopped server of our own is a fault under way; one that is not ours has left.
  if (is_attached() && lost_since_.value != 0 && now > lost_since_ + kLostLimit)
    return "the Spark Connect server has not answered for a minute: " + state.error->why;
  return "";
}

void SparkEngine::stop_query() {
  if (!driver_) return;
  const bool runs = driver_->state().phase == spark::QueryDriver::Phase::kRunning;
  driver_->stop(runs ? kLastBatchLimit : Nanos(0));
  driver_.reset();
  files_.reset();
}

Nanos SparkEngine::cold_start() const { return is_new_server_ ? kJvmColdStart : kNewQuery; }

NamedProcesses SparkEngine::processes() {
  NamedProcesses all;
  if (server_) all.emplace_back("engine", server_->id());
  return all;
}

Status SparkEngine::restart() {
  if (is_attached())
    return fail(Code::kUsage, "the Spark Connect server is not weir's to start again", {},
                "let whoever runs it start it; weir sends the query again by itself");
  ports_tried_ = 0;
  WEIR_TRY(launch());
  limit_ = SystemClock(context_.anchor).now() + kServerReadyLimit;
  driver_->connect(address_, ++attempt_);
  return {};
}

// The folder begins anew with the same id, so that the output's headers go on to tell the query.
Result<std::string> SparkEngine::lose_checkpoint() {
  if (checkpoint_folder_.empty())
    return fail(Code::kUsage, "Spark's checkpoint cannot be taken away",
                "it is at " + checkpoint_ + ", not on this machine", "leave checkpoint:lose out");
  std::error_code error;
  fs::rename(checkpoint_folder_, checkpoint_folder_ + "-lost", error);
  if (error)
    return tl::unexpected(error_from_errno(error.value(), "take away", checkpoint_folder_));
  WEIR_TRY_IN("checkpoint", disk_->make_folders(checkpoint_folder_));
  WEIR_TRY_IN("checkpoint", disk_->write_whole(checkpoint_folder_ + "/metadata",
                                               checkpoint::metadata_text(query_id_)));
  return "its checkpoint taken away";
}

Status SparkEngine::replace() {
  return fail(Code::kUsage, "two Spark drivers cannot share one checkpoint",
              "Spark has no fence between them", "leave engine:zombie out on Spark");
}

std::string SparkEngine::description() const {
  const std::string version = version_.empty() ? "" : " " + version_;
  return fmt::format("Apache Spark{}, {}", version,
                     is_attached() ? "at " + context_.plan.connect : master());
}

std::string SparkEngine::guarantee(const std::string& workload) const {
  if (workload == "metrics") return "each batch observed once, no output";
  return "at least once";
}

}  // namespace weir::lab
