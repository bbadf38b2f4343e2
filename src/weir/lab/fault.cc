#include "weir/lab/fault.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::lab {
namespace {

// A signal or a command that shows no effect for so long has missed.
constexpr Nanos kProofLimit = nanos_from_seconds(60);
// What is usual is seen in the time before a fault: so long, and in two triggers at least.
constexpr Nanos kUsualSpan = nanos_from_seconds(1);

// The first instant not before `earliest` that lies at `phase` of the trigger grid.
Nanos at_phase(Nanos earliest, Nanos trigger, double phase) {
  if (trigger.value <= 0) return earliest;
  const int64_t offset = int64_t(phase * double(trigger.value));
  const int64_t slot = (earliest.value - offset + trigger.value - 1) / trigger.value;
  return Nanos(slot * trigger.value + offset);
}

}  // namespace

Injector::Injector(const FaultSpec& spec, Nanos load_start, Nanos trigger)
    : spec_(spec),
      inject_at_(at_phase(load_start + spec.after, trigger, spec.phase)),
      prepare_at_(inject_at_ - std::max(kUsualSpan, trigger * 2)) {}

Status Injector::step(const FaultTargets& targets, Clock& clock) {
  const Nanos now = clock.now();
  if (spec_.stop != nullptr && times_.problem.empty() && !done())
    if (const std::string reason = spec_.stop->reason(); !reason.empty())
      give_up(targets, "stopped: " + reason);
  switch (stage_) {
    case Stage::kWaiting:
      if (now >= inject_at_) return inject(targets, clock);
      return now >= prepare_at_ ? prepare(targets, now) : Status{};
    case Stage::kProving:
      prove(targets, now);
      return {};
    case Stage::kNoticing:
      notice(targets, now);
      return {};
    case Stage::kHolding:
      return now >= action_->mend_at(times_) ? mend(targets, clock) : Status{};
    case Stage::kMending:
      return await(targets, now);
    case Stage::kUndoing:
      return clear(targets, now);
    case Stage::kDone:
      if (action_ && !times_.old_exit) times_.old_exit = action_->exit_status(targets);
      return {};
  }
  return {};
}

Status Injector::prepare(const FaultTargets& targets, Nanos now) {
  if (!action_) action_ = WEIR_TRY(make_fault_action(spec_));
  if (auto seen = action_->prepare(targets, now); !seen) give_up(targets, to_text(seen.error()));
  return {};
}

Status Injector::inject(const FaultTargets& targets, Clock& clock) {
  if (!action_) action_ = WEIR_TRY(make_fault_action(spec_));
  times_.attempt_before = targets.engine.attempt(targets.observer);
  times_.command = action_->command();
  times_.injected = clock.now();
  if (auto begun = action_->begin(targets, *times_.injected); !begun) {
    times_.injected.reset();
    give_up(targets, to_text(begun.error()));
    return {};
  }
  stage_ = Stage::kProving;
  return {};
}

void Injector::prove(const FaultTargets& targets, Nanos now) {
  const auto hit = action_->effect(targets, now);
  if (!hit) return give_up(targets, to_text(hit.error()));
  if (!*hit) {
    if (now > *times_.injected + kProofLimit) give_up(targets, "its effect was not seen in 60 s");
    return;
  }
  times_.death_proved = now;
  times_.poisoned = action_->poisoned();
  times_.proof = **hit;
  stage_ = Stage::kNoticing;
  notice(targets, now);
}

void Injector::notice(const FaultTargets& targets, Nanos now) {
  const auto noticed = action_->noticed(targets);
  if (noticed == false) return;
  if (noticed) times_.noticed = now;
  stage_ = Stage::kHolding;
}

Status Injector::mend(const FaultTargets& targets, Clock& clock) {
  WEIR_TRY_IN("restart", action_->mend(targets));
  stage_ = Stage::kMending;
  return await(targets, clock.now());
}

Status Injector::await(const FaultTargets& targets, Nanos now) {
  const auto mended = action_->mended(targets, now);
  if (!mended && !times_.problem.empty()) {
    times_.problem += "; " + to_text(mended.error());
    stage_ = Stage::kDone;
    return {};
  }
  if (!mended) return tl::unexpected(Error(mended.error()).in("restart"));
  if (*mended == false) return {};
  if (*mended) times_.restarted = now;
  stage_ = Stage::kUndoing;
  return clear(targets, now);
}

Status Injector::clear(const FaultTargets& targets, Nanos now) {
  if (!WEIR_TRY_IN("undo", action_->undone(targets, times_))) return {};
  times_.undone = now;
  stage_ = Stage::kDone;
  return {};
}

void Injector::give_up(const FaultTargets& targets, const std::string& why) {
  if (done()) return;
  if (times_.problem.empty() && !may_end()) times_.problem = why;
  stage_ = action_ && action_->give_up(targets) ? Stage::kMending : Stage::kDone;
}

}  // namespace weir::lab
