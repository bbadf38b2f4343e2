#include "weir/lab/fault.h"

#include <fmt/format.h>
#include <signal.h>

namespace weir::lab {
namespace {

// The first instant not before `earliest` that lies at `phase` of the trigger grid.
Nanos at_phase(Nanos earliest, Nanos trigger, double phase) {
  if (trigger.value <= 0) return earliest;
  const int64_t offset = int64_t(phase * double(trigger.value));
  const int64_t slot = (earliest.value - offset + trigger.value - 1) / trigger.value;
  return Nanos(slot * trigger.value + offset);
}

bool stops_only(const std::string& kind) {
  return kind == "engine:pause" || kind == "engine:zombie";
}

}  // namespace

Injector::Injector(const FaultSpec& spec, Nanos load_start, Nanos trigger)
    : spec_(spec), inject_at_(at_phase(load_start + spec.after, trigger, spec.phase)) {}

Child& Injector::target(Pipeline& pipeline) const {
  return spec_.kind == "broker:kill" ? pipeline.broker() : pipeline.engine();
}

Status Injector::step(Pipeline& pipeline, Clock& clock, int64_t attempt_seen) {
  const Nanos now = clock.now();
  switch (stage_) {
    case Stage::kWaiting:
      if (now >= inject_at_) inject(pipeline, clock, attempt_seen);
      return {};
    case Stage::kProving:
      prove(pipeline, now);
      return {};
    case Stage::kNoticing:
      notice(pipeline, now);
      return {};
    case Stage::kRestarting:
      if (now >= *times_.noticed + spec_.restart_delay) return restart(pipeline, clock);
      return {};
    case Stage::kPaused:
      if (now >= *times_.injected + spec_.pause) resume(pipeline, now, attempt_seen);
      return {};
    case Stage::kDone:
      if (auto& old = pipeline.old_engine(); old && !times_.old_exit) times_.old_exit = old->poll();
      return {};
  }
  return {};
}

void Injector::inject(Pipeline& pipeline, Clock& clock, int64_t attempt_seen) {
  times_.attempt_before = attempt_seen;
  times_.injected = clock.now();
  target(pipeline).signal(stops_only(spec_.kind) ? SIGSTOP : SIGKILL);
  stage_ = Stage::kProving;
}

void Injector::prove(Pipeline& pipeline, Nanos now) {
  const ProcessId& process = target(pipeline).id();
  const ProcessState state = state_of(process);
  const bool hit = stops_only(spec_.kind)
                       ? state == ProcessState::kStopped
                       : state == ProcessState::kGone || state == ProcessState::kZombie;
  if (!hit) return;
  times_.death_proved = now;
  times_.proof = fmt::format("pid {} {} {:.1f} ms after the signal", process.pid,
                             stops_only(spec_.kind) ? "stopped" : "gone",
                             double((now - *times_.injected).value) / 1e6);
  stage_ = spec_.kind == "engine:pause"    ? Stage::kPaused
           : spec_.kind == "engine:zombie" ? Stage::kRestarting
                                           : Stage::kNoticing;
  // Nobody is told of a stopped process: the replacement of a zombie is started at once, as if a
  // supervisor had declared it dead.
  if (spec_.kind == "engine:zombie") times_.noticed = now;
}

void Injector::notice(Pipeline& pipeline, Nanos now) {
  times_.old_exit = target(pipeline).poll();
  if (!times_.old_exit) return;
  times_.noticed = now;
  stage_ = Stage::kRestarting;
}

Status Injector::restart(Pipeline& pipeline, Clock& clock) {
  if (spec_.kind == "broker:kill")
    WEIR_TRY_IN("restart", pipeline.restart_broker());
  else if (spec_.kind == "engine:zombie")
    WEIR_TRY_IN("restart", pipeline.replace_engine());
  else
    WEIR_TRY_IN("restart", pipeline.start_engine());
  times_.restarted = clock.now();
  stage_ = spec_.kind == "engine:zombie" ? Stage::kPaused : Stage::kDone;
  return {};
}

void Injector::resume(Pipeline& pipeline, Nanos now, int64_t attempt_seen) {
  if (spec_.kind == "engine:zombie") {
    // Woken only once its replacement has fenced it, so that it really is a zombie.
    if (attempt_seen <= times_.attempt_before) return;
    pipeline.old_engine()->signal(SIGCONT);
  } else {
    pipeline.engine().signal(SIGCONT);
    times_.restarted = now;
  }
  times_.undone = now;
  stage_ = Stage::kDone;
}

}  // namespace weir::lab
