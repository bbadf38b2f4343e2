#include "weir/lab/step.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>

#include "weir/lab/pipeline.h"
#include "weir/lab/sampler.h"

namespace weir::lab {
namespace fs = std::filesystem;
namespace {

constexpr Nanos kTurn = nanos_from_millis(20), kFaultTurn = nanos_from_millis(1);
constexpr Nanos kEngineReadyLimit = nanos_from_seconds(20);
constexpr Nanos kSettle = nanos_from_millis(150);  // from ready to the first due event

// One step in the making: owns its processes, its observer and its sampler.
class StepRun {
 public:
  StepRun(Lab& lab, const StepSpec& spec, std::string folder)
      : lab_(lab), spec_(spec), folder_(std::move(folder)) {}

  Result<StepData> run();

 private:
  Status start();
  Status await_engine();
  Status load();
  void drain();
  Status one_turn(Nanos now, bool draining);
  void report_progress(Nanos now, bool draining);
  Result<StepData> collect();
  uint64_t acked() const;

  Lab& lab_;
  const StepSpec& spec_;
  std::string folder_, data_;
  std::unique_ptr<Pipeline> pipeline_;
  std::unique_ptr<Observer> observer_;
  std::optional<Sampler> sampler_;
  std::optional<Injector> injector_;
  Nanos start_, end_, drained_, next_progress_, window_ = nanos_from_seconds(1);
  bool drain_complete_ = false;
  std::string trouble_;
};

Status StepRun::start() {
  data_ = lab_.folder.data_path() + "/" + fs::path(folder_).filename().string();
  std::error_code error;
  fs::create_directories(data_, error);
  if (error) return tl::unexpected(error_from_errno(error.value(), "make the folder", data_));
  PipelineOptions options{lab_.program, data_,
                          lab_.folder.log_path(fs::path(folder_).filename().string() + "-")};
  options.log_prefix.resize(options.log_prefix.size() - std::string_view(".log").size());
  options.outdir = folder_;
  options.workload = spec_.workload;
  options.partitions = spec_.partitions;
  options.parallelism = spec_.parallelism;
  options.trigger = spec_.trigger;
  pipeline_ = WEIR_TRY(Pipeline::start(options, lab_.guard, lab_.clock.anchor()));
  if (lab_.quick && spec_.trigger.value > 0) window_ = spec_.trigger;
  observer_ = WEIR_TRY(Observer::start(
      {{pipeline_->brokers(), {}}, Pipeline::kOutputTopic, spec_.partitions, window_},
      lab_.clock.anchor()));
  WEIR_TRY(pipeline_->start_engine());
  return await_engine();
}

Status StepRun::await_engine() {
  const Nanos limit = lab_.clock.now() + kEngineReadyLimit;
  while (observer_->attempt_ready() == 0) {
    if (auto status = pipeline_->engine().poll())
      return fail(Code::kFailed,
                  fmt::format("the engine ended at its start with status {}", *status),
                  pipeline_->log_tail("engine"));
    if (lab_.clock.now() > limit)
      return fail(Code::kTimeout, "the engine was not ready within 20 s",
                  pipeline_->log_tail("engine"));
    if (lab_.interrupted()) return fail(Code::kInterrupted, "interrupted");
    lab_.clock.sleep_until(lab_.clock.now() + kFaultTurn);
  }
  return {};
}

void StepRun::report_progress(Nanos now, bool draining) {
  if (now < next_progress_) return;
  next_progress_ = now + nanos_from_millis(250);
  sampler_->sample(pipeline_->processes(), now, false);
  if (!lab_.progress || now < start_) return;
  const double elapsed = (std::min(now, end_) - start_).seconds();
  Progress progress{spec_.label, elapsed, draining ? -1 : (end_ - now).seconds(), spec_.rate_eps};
  const double distinct = double(observer_->distinct());
  progress.backlog = spec_.rate_eps * elapsed - distinct;
  progress.processed_eps = distinct / std::max((now - start_).seconds(), 0.1);
  lab_.progress(progress);
}

Status StepRun::one_turn(Nanos now, bool draining) {
  if (injector_)
    WEIR_TRY_IN("fault", injector_->step(*pipeline_, lab_.clock, observer_->attempt_ready()));
  const bool at_fault = injector_ && !injector_->done() && injector_->times().injected;
  // With a fault under way the injector alone reaps and restarts what it has hit.
  if (!at_fault && trouble_.empty()) {
    if (auto status = pipeline_->engine().poll())
      trouble_ = fmt::format("the engine ended with status {}: {}", *status,
                             pipeline_->log_tail("engine"));
    else if (auto broken = pipeline_->broker().poll())
      trouble_ = fmt::format("the broker ended with status {}: {}", *broken,
                             pipeline_->log_tail("broker"));
  }
  report_progress(now, draining);
  lab_.clock.sleep_until(lab_.clock.now() + (injector_ && !injector_->done() ? kFaultTurn : kTurn));
  return {};
}

Status StepRun::load() {
  // Whole milliseconds, so that the files of the step tell every instant exactly.
  start_ = nanos_from_millis((lab_.clock.now() + kSettle).millis());
  end_ = start_ + spec_.length;
  observer_->set_origin(start_);
  sampler_.emplace(folder_ + "/resources.csv", start_);
  if (spec_.fault) injector_.emplace(*spec_.fault, start_, spec_.trigger);
  GeneratorOptions options;
  options.out = folder_;
  options.rate = fmt::format("{}", spec_.rate_eps);
  options.start = start_;
  options.length = spec_.length;
  options.size = lab_.plan.event_size;
  options.producers = lab_.plan.producers;
  options.producer_number = lab_.next_producer;
  lab_.next_producer = (lab_.next_producer + uint32_t(lab_.plan.producers)) % EventId::kProducers;
  WEIR_TRY(pipeline_->start_generator(options));
  while (lab_.clock.now() < end_ && trouble_.empty()) {
    WEIR_TRY(one_turn(lab_.clock.now(), false));
    if (lab_.interrupted()) {
      end_ = std::max(start_, nanos_from_millis(lab_.clock.now().millis()));
      pipeline_->generator().signal(SIGTERM);
    } else if (auto status = pipeline_->generator().poll(); status && *status != 0) {
      trouble_ = fmt::format("the generator ended with status {}: {}", *status,
                             pipeline_->log_tail("generator"));
    }
  }
  return {};
}

// Acknowledged so far by the ledgers; a generator that still runs keeps writing them.
uint64_t StepRun::acked() const {
  uint64_t total = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder_, error))
    if (entry.path().filename().string().starts_with("ledger-"))
      if (auto ledger = Ledger::read(entry.path().string()))
        total += ledger->count(Outcome::kAcked);
  return total;
}

void StepRun::drain() {
  const Nanos half(spec_.length.value / 2);
  const Nanos limit =
      lab_.clock.now() + std::max({nanos_from_seconds(10), spec_.trigger * 3, half});
  bool generator_ended = false;
  while (lab_.clock.now() < limit && trouble_.empty() && lab_.interrupted() == false) {
    if (!generator_ended) generator_ended = pipeline_->generator().poll().has_value();
    if (generator_ended && observer_->distinct() >= acked() && (!injector_ || injector_->done())) {
      drain_complete_ = true;
      break;
    }
    if (auto turn = one_turn(lab_.clock.now(), true); !turn) trouble_ = to_text(turn.error());
  }
  drained_ = lab_.clock.now();
}

Result<StepData> StepRun::collect() {
  // What is still in the engine's hands may be a repeat: it ends its batch before the observer
  // stops.
  sampler_->sample(pipeline_->processes(), lab_.clock.now(), true);
  if (injector_) {
    auto stepped = injector_->step(*pipeline_, lab_.clock, observer_->attempt_ready());
    if (!stepped && trouble_.empty()) trouble_ = to_text(stepped.error());
  }
  pipeline_->stop_engine();
  const Nanos quiet = lab_.clock.now() + nanos_from_millis(100);
  lab_.clock.sleep_until(quiet);
  observer_->stop();
  pipeline_->stop();
  // Before anything is written: the step's files may need the room.
  std::error_code ignored;
  if (!lab_.keep_data) fs::remove_all(data_, ignored);

  StepData data;
  data.spec = spec_;
  data.folder = folder_;
  data.window = window_;
  data.start = start_, data.end = end_, data.drained = drained_;
  data.drain_complete = drain_complete_;
  data.observed = observer_->snapshot();
  if (!data.observed.error.empty() && trouble_.empty()) trouble_ = data.observed.error;
  if (auto table = run::Table::read(folder_ + "/offered.csv")) data.offered = std::move(*table);
  if (auto table = run::Table::read(folder_ + "/batches.csv")) data.batches = std::move(*table);
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    if (!entry.path().filename().string().starts_with("ledger-")) continue;
    data.ledgers.push_back(WEIR_TRY_IN("audit", Ledger::read(entry.path().string())));
  }
  data.audit = observer_->audit().judge(data.ledgers, drain_complete_);
  data.audit.guarantee = "exactly once for readers of weir's rule";
  WEIR_TRY_IN("audit", observer_->audit().write(folder_ + "/observed.bin"));
  data.cpu_seconds = sampler_->cpu_seconds();
  if (injector_) data.fault = injector_->times();
  data.trouble = trouble_;
  return data;
}

Result<StepData> StepRun::run() {
  WEIR_TRY(start());
  WEIR_TRY(load());
  drain();
  return collect();
}

}  // namespace

Result<StepData> run_step(Lab& lab, const StepSpec& spec) {
  const std::string folder = WEIR_TRY(lab.folder.begin_step(spec.label));
  return StepRun(lab, spec, folder).run();
}

Result<DrainTest> run_drain_test(Lab& lab, Nanos fill) {
  const std::string data = lab.folder.data_path() + "/drain";
  std::error_code error;
  fs::create_directories(data + "/out", error);
  if (error) return tl::unexpected(error_from_errno(error.value(), "make the folder", data));
  PipelineOptions options{lab.program, data, lab.folder.path() + "/log/drain-", data + "/out"};
  options.workload = lab.plan.workload;
  options.partitions = int32_t(lab.plan.partitions);
  options.parallelism = int32_t(lab.plan.parallelism);
  options.trigger = Nanos(0);
  auto pipeline = WEIR_TRY(Pipeline::start(options, lab.guard, lab.clock.anchor()));
  auto observer = WEIR_TRY(Observer::start({{pipeline->brokers(), {}},
                                            Pipeline::kOutputTopic,
                                            options.partitions,
                                            nanos_from_seconds(1)},
                                           lab.clock.anchor()));
  GeneratorOptions generator;
  generator.out = data + "/out";
  generator.rate = "max";
  generator.start = lab.clock.now();
  generator.length = fill;
  generator.size = lab.plan.event_size;
  generator.producer_number = lab.next_producer++;
  const Nanos fill_start = lab.clock.now();
  WEIR_TRY(pipeline->start_generator(generator));
  const auto finished = pipeline->generator().wait(fill + nanos_from_seconds(10));
  const Nanos filled = lab.clock.now();
  if (!finished || *finished != 0)
    return fail(Code::kFailed, "storing the load for the first guess failed",
                pipeline->log_tail("generator"));
  DrainTest test;
  for (const auto& entry : fs::directory_iterator(data + "/out", error))
    if (entry.path().filename().string().starts_with("ledger-"))
      test.events += WEIR_TRY(Ledger::read(entry.path().string())).count(Outcome::kAcked);
  const Nanos limit = lab.clock.now() + nanos_from_seconds(20);
  WEIR_TRY(pipeline->start_engine());
  while (observer->distinct() < test.events && lab.clock.now() < limit && !lab.interrupted())
    lab.clock.sleep_until(lab.clock.now() + nanos_from_millis(2));
  observer->stop();
  const Observations seen = observer->snapshot();
  pipeline->stop();
  fs::remove_all(data, error);
  if (seen.results.empty() || seen.fences.empty() || test.events == 0)
    return fail(Code::kFailed, "the engine gave no result from stored load",
                "see the logs under " + lab.folder.path() + "/log");
  test.fill_eps = double(test.events) / std::max((filled - fill_start).seconds(), 0.001);
  test.drain_eps = double(seen.distinct) /
                   std::max((seen.results.back().at - seen.fences.front().at).seconds(), 0.001);
  return test;
}

}  // namespace weir::lab
