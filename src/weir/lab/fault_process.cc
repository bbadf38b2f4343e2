// Faults by a signal to a process that weir itself started and will start again.
#include <fmt/format.h>
#include <signal.h>

#include "weir/lab/fault_actions.h"
#include "weir/lab/fault_plan.h"
#include "weir/lab/tracked_child.h"

namespace weir::lab {
namespace {

class ProcessFault : public FaultAction {
 public:
  explicit ProcessFault(const FaultSpec& spec)
      : spec_(spec),
        target_(spec.kind.substr(0, spec.kind.find(':'))),
        action_(spec.kind.substr(spec.kind.find(':') + 1)) {}

  Status begin(const FaultTargets& targets, Nanos now) override {
    Child* process = process_of(targets);
    if (process == nullptr)
      return fail(Code::kFailed, spec_.kind + " has no process to hit",
                  "the " + target_ + " is not a process of this run",
                  "name a fault of your own: docs/faults.md");
    hit_ = process->id();
    begun_ = now;
    if (action_ == "kill" && !spec_.kill.empty()) {
      ChildOptions options;
      options.arguments = {"/bin/sh", "-c", spec_.kill};
      options.environment["WEIR_ENGINE_PID"] = std::to_string(hit_.pid);
      options.log = targets.log;
      killer_ = WEIR_TRY_IN("engine.kill", TrackedChild::start(options, targets.guard));
      return {};
    }
    process->signal(stops_only() ? SIGSTOP : action_ == "stop" ? SIGTERM : SIGKILL);
    return {};
  }

  Result<std::optional<std::string>> effect(const FaultTargets&, Nanos now) override {
    const ProcessState state = state_of(hit_);
    if (killer_)
      if (const auto status = killer_->child().poll(); status && *status != 0)
        return fail(Code::kFailed, fmt::format("engine.kill ended with {}", *status));
    const bool gone = state == ProcessState::kGone || state == ProcessState::kZombie;
    if (stops_only() ? state != ProcessState::kStopped : !gone) return std::nullopt;
    return fmt::format("pid {} {} {:.1f} ms after the {}", hit_.pid,
                       stops_only() ? "stopped" : "gone", double((now - begun_).value) / 1e6,
                       killer_ ? "command began" : "signal");
  }

  // Nobody is told of a stopped process. The replacement of a zombie is started at once, as if a
  // supervisor had declared it dead.
  std::optional<bool> noticed(const FaultTargets& targets) override {
    if (action_ == "pause") return std::nullopt;
    if (action_ == "zombie") return true;
    exit_ = process_of(targets)->poll();
    return exit_.has_value();
  }

  Nanos mend_at(const FaultTimes& times) const override {
    if (action_ == "pause") return *times.injected + spec_.pause;
    return *times.noticed + spec_.restart_delay;
  }

  Status mend(const FaultTargets& targets) override {
    if (action_ == "pause") process_of(targets)->signal(SIGCONT);
    if (action_ == "pause") return {};
    if (action_ == "zombie") return targets.engine.replace();
    if (target_ == "producer") return targets.restart_generator();
    return target_ == "broker" ? targets.broker.restart() : targets.engine.restart();
  }

  Result<std::optional<bool>> mended(const FaultTargets& targets, Nanos) override {
    if (action_ == "pause" || target_ == "producer") return true;
    return target_ == "broker" ? WEIR_TRY(targets.broker.ready())
                               : WEIR_TRY(targets.engine.ready(targets.observer));
  }

  // A zombie is woken only once its replacement has fenced it, so that it really is one.
  Result<bool> undone(const FaultTargets& targets, const FaultTimes& times) override {
    if (action_ != "zombie") return true;
    if (targets.engine.attempt(targets.observer) <= times.attempt_before) return false;
    targets.engine.old_process()->signal(SIGCONT);
    return true;
  }

  std::optional<int> exit_status(const FaultTargets& targets) override {
    if (action_ == "zombie" && !exit_)
      if (Child* old = targets.engine.old_process()) exit_ = old->poll();
    return exit_;
  }

  bool give_up(const FaultTargets& targets) override {
    // What was killed stays so: the step ends its processes anyway.
    if (Child* process = process_of(targets); process != nullptr && stops_only())
      process->signal(SIGCONT);
    return false;
  }

 private:
  bool stops_only() const { return action_ == "pause" || action_ == "zombie"; }
  Child* process_of(const FaultTargets& targets) const {
    if (target_ == "producer") return targets.generator;
    return target_ == "broker" ? targets.broker.process() : targets.engine.process();
  }

  FaultSpec spec_;
  std::string target_, action_;
  ProcessId hit_;
  Nanos begun_;
  std::optional<TrackedChild> killer_;
  std::optional<int> exit_;
};

}  // namespace

std::unique_ptr<FaultAction> make_process_fault(const FaultSpec& spec) {
  return std::make_unique<ProcessFault>(spec);
}

Result<std::unique_ptr<FaultAction>> make_fault_action(const FaultSpec& spec) {
  if (spec.named) return make_named_fault(spec);
  const std::string target = spec.kind.substr(0, spec.kind.find(':'));
  if (goes_over_link(spec.kind)) return make_link_fault(spec);
  if (spec.kind == "disk:full") return make_full_disk(spec);
  if (spec.kind == "checkpoint:lose") return make_lost_checkpoint(spec);
  if (spec.kind == "event:poison") return make_poison();
  if (target == "executor" || target == "worker") return make_spark_fault(spec);
  return make_process_fault(spec);
}

}  // namespace weir::lab
