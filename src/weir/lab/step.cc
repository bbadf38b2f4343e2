#include "weir/lab/step.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "weir/base/crc32c.h"
#include "weir/lab/fault_plan.h"
#include "weir/lab/ledgers.h"
#include "weir/lab/offered.h"
#include "weir/lab/pipeline.h"
#include "weir/lab/sampler.h"

namespace weir::lab {
namespace fs = std::filesystem;
namespace {

constexpr Nanos kStepTurn = nanos_from_millis(20), kFaultTurn = nanos_from_millis(1);
constexpr double kRoomLeast = 8 << 20;  // bytes; less is a full disk
constexpr Nanos kRestMost = nanos_from_seconds(10);
constexpr Nanos kSuspendedMost = nanos_from_millis(10);
constexpr Nanos kSettle = nanos_from_millis(150);  // from ready to the first due event

// One step in the making: owns its processes, its observer and its sampler.
class StepRun {
 public:
  StepRun(Lab& lab, const StepSpec& spec, std::string folder)
      : lab_(lab), spec_(spec), folder_(std::move(folder)) {}

  Result<StepData> run();
  // Whether the step ended because nothing more could be written.
  bool disk_is_full() const { return disk_full_; }

 private:
  Status start();
  Status load();
  Nanos drain_from(Nanos load_ended) const;
  void drain();
  Status one_turn(Nanos now, bool draining);
  void report_start();
  void look_at_disk();
  void report_progress(Nanos now, bool draining);
  void remove_data();
  Result<StepData> collect();
  bool all_seen() const;
  FaultTargets targets();
  bool is_at_fault() const;
  GeneratorOptions generator_options();
  Status restart_generator(Nanos at);
  load::Schedule schedule() const;
  bool look_at_generators();  // true once all have ended
  void settle_fault();

  Lab& lab_;
  StepSpec spec_;
  std::string folder_, data_;
  std::unique_ptr<Pipeline> pipeline_;
  std::optional<Sampler> sampler_;
  std::optional<Injector> injector_;
  std::optional<ProgressMeter> meter_;
  Nanos start_, end_, drained_, next_progress_, window_ = nanos_from_seconds(1);
  Nanos suspended_;  // before the load
  bool drain_complete_ = false, fault_told_ = false, disk_full_ = false;
  std::string trouble_;
};

Status StepRun::start() {
  const std::string label = fs::path(folder_).filename().string();
  data_ = lab_.folder.data_path() + "/" + label;
  std::error_code error;
  fs::create_directories(data_, error);
  if (error) return tl::unexpected(error_from_errno(error.value(), "make the folder", data_));
  if (lab_.quick && spec_.trigger.value > 0) window_ = spec_.trigger;
  PipelineOptions options;
  options.place = {label, data_, lab_.host.log + "/" + label + "-", folder_};
  options.workload = spec_.workload;
  options.partitions = spec_.partitions;
  options.parallelism = spec_.parallelism;
  options.trigger = spec_.trigger;
  options.window = window_;
  options.over_link = spec_.fault && goes_over_link(spec_.fault->kind);
  report_start();
  while (lab_.clock.now() < lab_.rest_until && !lab_.interrupted())
    lab_.clock.sleep_until(std::min(lab_.rest_until, lab_.clock.now() + kStepTurn));
  pipeline_ =
      WEIR_TRY(Pipeline::open({lab_.host, lab_.broker, lab_.engine, lab_.interrupted}, options));
  WEIR_TRY(pipeline_->start_engine());
  const Nanos cold = lab_.engine.cold_start();
  spec_.warmup = spec_.warmup + cold;
  spec_.length = spec_.length + cold;
  if (spec_.fault) spec_.fault->after = spec_.fault->after + cold;
  return {};
}

// Broker and engine may take long to start: whoever watches is told what is being waited for.
void StepRun::report_start() {
  if (!lab_.progress) return;
  Progress progress;
  progress.label = spec_.label;
  progress.phase = "starting";
  progress.at = lab_.clock.now();
  lab_.progress(progress);
}

// A full disk stops whatever writes, and what it says then tells little. Where a fault fills it,
// that is what is measured.
void StepRun::look_at_disk() {
  struct statvfs space {};
  if (disk_full_ || spec_.fault || statvfs(lab_.folder.path().c_str(), &space) != 0) return;
  disk_full_ = double(space.f_bavail) * double(space.f_frsize) < kRoomLeast;
  if (disk_full_) trouble_ = "the disk of " + lab_.folder.path() + " is full";
}

void StepRun::report_progress(Nanos now, bool draining) {
  if (now < next_progress_) return;
  next_progress_ = now + nanos_from_millis(250);
  sampler_->sample(pipeline_->processes(), now, false);
  look_at_disk();
  if (!lab_.progress || now < start_) return;
  Observer& observer = pipeline_->observer();
  Progress progress = meter_->read(now, draining, observer.distinct(), observer.take_recent());
  // Also told when it came and went since the last time.
  if (injector_ && injector_->times().injected && (is_at_fault() || !fault_told_)) {
    fault_told_ = true;
    progress.fault = spec_.fault->kind;
    progress.fault_at = *injector_->times().injected;
    progress.fault_target = progress.fault.substr(0, progress.fault.find(':'));
  }
  lab_.progress(progress);
}

Status StepRun::one_turn(Nanos now, bool draining) {
  if (injector_) WEIR_TRY_IN("fault", injector_->step(targets(), lab_.clock));
  const bool at_fault = is_at_fault();
  if (!at_fault && trouble_.empty()) {
    trouble_ = pipeline_->engine().trouble();
    Child* broker = pipeline_->broker().process();
    if (const auto ended = broker != nullptr ? broker->poll() : std::nullopt)
      trouble_ =
          fmt::format("the broker ended with status {}: {}", *ended, pipeline_->log_tail("broker"));
  }
  report_progress(now, draining);
  lab_.clock.sleep_until(lab_.clock.now() +
                         (injector_ && !injector_->may_end() ? kFaultTurn : kStepTurn));
  return {};
}

FaultTargets StepRun::targets() {
  return {pipeline_->broker(),
          pipeline_->engine(),
          pipeline_->observer(),
          lab_.host.guard,
          lab_.host.log + "/faults.log",
          &pipeline_->first_generator(),
          [this] { return restart_generator(lab_.clock.now() + kSettle); },
          pipeline_->query().topic,
          pipeline_->link()};
}

// With a fault under way the injector alone reaps and restarts what it has hit.
bool StepRun::is_at_fault() const {
  return injector_ && !injector_->may_end() && injector_->times().injected;
}

// Takes producer numbers, so that ids of one step differ also after a restart.
GeneratorOptions StepRun::generator_options() {
  GeneratorOptions options;
  options.out = folder_;
  options.rate = fmt::format("{}", spec_.rate_eps);
  options.start = start_;
  options.length = spec_.schedule.length;
  options.size = lab_.plan.event_size;
  options.producers = lab_.plan.producers;
  options.processes = lab_.plan.processes;
  options.producer_number = lab_.next_producer;
  options.schedule = spec_.schedule.arrivals.text();
  options.seed = spec_.schedule.seed;
  const auto taken = uint32_t(options.producers * options.processes);
  lab_.next_producer = (lab_.next_producer + taken) % EventId::kProducers;
  return options;
}

// The schedule goes on as it was: what was due until now is not made up for.
Status StepRun::restart_generator(Nanos at) {
  GeneratorOptions options = generator_options();
  const auto processes = uint64_t(options.processes);
  const uint64_t due = schedule().due_count(at - Nanos(1));
  options.first_event = (due + processes - 1) / processes * processes;
  return pipeline_->restart_generator(options);
}

load::Schedule StepRun::schedule() const { return schedule_of(spec_, start_); }

Status StepRun::load() {
  // Whole milliseconds, so that the files of the step tell every instant exactly.
  start_ = nanos_from_millis((lab_.clock.now() + kSettle).millis());
  end_ = start_ + spec_.length;
  pipeline_->observer().set_origin(start_);
  suspended_ = suspended_time();
  sampler_.emplace(folder_ + "/resources.csv", start_, data_);
  sampler_->sample(pipeline_->processes(), lab_.clock.now(), true);
  if (spec_.fault) injector_.emplace(*spec_.fault, start_, spec_.trigger);
  spec_.schedule.arrivals = WEIR_TRY(load::Arrivals::parse(lab_.plan.schedule, "load.schedule"));
  spec_.schedule.length = spec_.length;
  // Of its own in each step, and the same when the plan is run again.
  const std::string name = fs::path(folder_).filename().string();
  spec_.schedule.seed = uint64_t(lab_.plan.seed) << 32 | crc32c(name);
  meter_.emplace(ProgressMeter::Load{spec_.label, folder_, schedule(), end_, spec_.trigger});
  WEIR_TRY(pipeline_->start_generators(generator_options()));
  while (lab_.clock.now() < end_ && trouble_.empty()) {
    WEIR_TRY(one_turn(lab_.clock.now(), false));
    if (lab_.interrupted()) {
      end_ = std::max(start_, nanos_from_millis(lab_.clock.now().millis()));
      pipeline_->signal_generators(SIGTERM);
    } else if (!is_at_fault()) {
      look_at_generators();
    }
  }
  return {};
}

// Whether every event acknowledged so far was seen; a generator that still runs writes its ledgers.
bool StepRun::all_seen() const {
  const auto ledgers = read_ledgers(folder_);
  return ledgers && pipeline_->observer().distinct() >= count(*ledgers, Outcome::kAcked);
}

// The drain's time counts from the load's end, or from when what a fault had hit was back: before
// that nothing could be drained.
Nanos StepRun::drain_from(Nanos load_ended) const {
  if (!injector_ || !injector_->times().injected) return load_ended;
  if (!injector_->may_end()) return lab_.clock.now();
  return std::max(load_ended, injector_->times().restarted.value_or(load_ended));
}

void StepRun::drain() {
  const Nanos begun = lab_.clock.now(), half(spec_.length.value / 2);
  const Nanos span = std::max({nanos_from_seconds(10), spec_.trigger * 3, half});
  bool generator_ended = false;
  while (lab_.clock.now() < drain_from(begun) + span && trouble_.empty() && !lab_.interrupted()) {
    if (!generator_ended && !is_at_fault()) generator_ended = look_at_generators();
    if (generator_ended && all_seen() && (!injector_ || injector_->may_end())) {
      drain_complete_ = true;
      break;
    }
    if (auto turn = one_turn(lab_.clock.now(), true); !turn) trouble_ = to_text(turn.error());
  }
  drained_ = lab_.clock.now();
}

bool StepRun::look_at_generators() {
  const auto status = pipeline_->poll_generators();
  if (status && *status != 0 && trouble_.empty())
    trouble_ = fmt::format("the generator ended with status {}: {}", *status,
                           pipeline_->generator_trouble());
  return status.has_value();
}

// Takes back what the fault has done, however the step ended, and waits for it.
void StepRun::settle_fault() {
  if (!injector_) return;
  injector_->give_up(targets(), "the step ended before the fault was over");
  const Nanos limit = lab_.clock.now() + kUndoLimit * (kUndoTries + 1);
  Status stepped;
  do {
    stepped = injector_->step(targets(), lab_.clock);
    if (!injector_->done()) lab_.clock.sleep_until(lab_.clock.now() + kStepTurn);
  } while (stepped && !injector_->done() && lab_.clock.now() < limit);
  if (!stepped && trouble_.empty()) trouble_ = to_text(stepped.error());
}

// The next step's flushes would wait for what this one leaves the disk to do. Many disks go on for
// a while when they have been told of the blocks that are free again: about as long as that took.
void StepRun::remove_data() {
  const Nanos begin = lab_.clock.now();
  std::error_code ignored;
  fs::remove_all(data_, ignored);
  if (lab_.quick) return;
  [[maybe_unused]] const Status flushed = flush_file_system(lab_.folder.path());
  const Nanos end = lab_.clock.now();
  lab_.rest_until = end + std::min(end - begin, kRestMost);
}

Result<StepData> StepRun::collect() {
  // What is still in the engine's hands may be a repeat: it ends its batch before the observer
  // stops.
  sampler_->sample(pipeline_->processes(), lab_.clock.now(), true);
  // The two clocks are read one after the other: what lies within is no suspension.
  if (const Nanos slept = suspended_time() - suspended_; slept > kSuspendedMost && trouble_.empty())
    trouble_ = fmt::format("the machine was suspended for {:.1f} s meanwhile", slept.seconds());
  settle_fault();
  pipeline_->stop_engine();
  const Nanos quiet = lab_.clock.now() + nanos_from_millis(100);
  lab_.clock.sleep_until(quiet);
  const Observer& observer = pipeline_->observer();
  pipeline_->stop();
  // Before anything is written: the step's files may need the room.
  if (!lab_.keep_data) remove_data();

  StepData data;
  data.spec = spec_;
  data.spec.added_us = lab_.plan.cpu_us + lab_.plan.wait_us;
  data.folder = folder_;
  data.window = window_;
  data.start = start_, data.end = end_, data.drained = drained_;
  data.drain_complete = drain_complete_;
  data.cores = sysconf(_SC_NPROCESSORS_ONLN);
  data.target_cores = int64_t(lab_.host.cores.size());
  data.observed = observer.snapshot();
  if (!data.observed.error.empty() && trouble_.empty()) trouble_ = data.observed.error;
  WEIR_TRY_IN("offered.csv", join_generators(folder_));
  if (auto table = run::Table::read(folder_ + "/offered.csv")) data.offered = std::move(*table);
  data.send_lag = send_lags(folder_);
  if (auto table = run::Table::read(folder_ + "/batches.csv")) data.batches = std::move(*table);
  data.ledgers = WEIR_TRY_IN("audit", read_ledgers(folder_));
  data.audit = observer.judge(data.ledgers, drain_complete_);
  data.audit.guarantee = pipeline_->engine().guarantee(spec_.workload);
  if (spec_.fault && spec_.fault->kind == "checkpoint:lose")
    data.audit.guarantee += "; none of that without its checkpoint";
  judge_guarantee(data.audit);
  WEIR_TRY_IN("audit", observer.write_seen(folder_ + "/observed.bin"));
  if (auto table = run::Table::read(folder_ + "/resources.csv")) data.resources = std::move(*table);
  if (injector_) data.fault = injector_->times();
  data.trouble = trouble_;
  return data;
}

Result<StepData> StepRun::run() {
  if (auto started = start(); !started) {
    look_at_disk();
    return tl::unexpected(started.error());
  }
  WEIR_TRY(load());
  drain();
  look_at_disk();  // before its data make room
  return collect();
}

}  // namespace

Result<StepData> run_step(Lab& lab, const StepSpec& spec) {
  const std::string folder = WEIR_TRY(lab.folder.begin_step(spec.label));
  StepRun step(lab, spec, folder);
  auto data = step.run();
  if (!step.disk_is_full()) return data;
  return fail(Code::kFailed, "the disk of " + lab.folder.path() + " is full",
              "the step " + spec.label + " could not be measured to its end; no space was left",
              "free some, then go on: weir run --resume " + lab.folder.path());
}

}  // namespace weir::lab
