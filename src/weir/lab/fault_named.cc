// Faults by a user's own commands: do, check and undo of the plan's [faults.named.NAME].
#include <fmt/format.h>

#include "weir/lab/fault_actions.h"
#include "weir/lab/tracked_child.h"

namespace weir::lab {
namespace {

// Between two runs of the check command.
constexpr Nanos kCheckPause = nanos_from_millis(100);
// How long the check may go on saying that the fault is in effect after it was undone.
constexpr Nanos kClearLimit = nanos_from_seconds(60);

class NamedFaultAction : public FaultAction {
 public:
  explicit NamedFaultAction(const FaultSpec& spec) : spec_(spec), named_(*spec.named) {}

  Status begin(const FaultTargets& targets, Nanos now) override {
    environment_ = {{"WEIR_FAULT", spec_.kind},
                    {"WEIR_REPETITION", std::to_string(spec_.repetition)},
                    {"WEIR_BROKERS", targets.broker.client().brokers}};
    if (Child* engine = targets.engine.process())
      environment_["WEIR_ENGINE_PID"] = std::to_string(engine->id().pid);
    if (Child* broker = targets.broker.process())
      environment_["WEIR_BROKER_PID"] = std::to_string(broker->id().pid);
    Undo undo{fmt::format("{} {}", spec_.kind, spec_.repetition), named_.undo_command, environment_,
              named_.max.seconds()};
    undo_ = WEIR_TRY(targets.guard.journal(undo));
    begun_ = now;
    do_ = WEIR_TRY_IN("do", start(targets, named_.do_command));
    return {};
  }

  Result<std::optional<std::string>> effect(const FaultTargets& targets, Nanos now) override {
    if (now > begun_ + named_.max)
      return fail(Code::kTimeout,
                  fmt::format("not in effect within max_s, {:.0f} s", named_.max.seconds()));
    if (const auto status = do_->child().poll(); !status)
      return std::nullopt;
    else if (*status != 0)
      return fail(Code::kFailed, fmt::format("do ended with {}", *status), log_tail(targets.log));
    const auto holds = WEIR_TRY(check(targets, now));
    if (holds != true) return std::nullopt;
    return fmt::format("check ended with 0, {:.1f} ms after do began",
                       double((now - begun_).value) / 1e6);
  }

  std::optional<bool> noticed(const FaultTargets&) override { return std::nullopt; }

  Nanos mend_at(const FaultTimes& times) const override {
    return std::min(*times.death_proved + named_.hold, begun_ + named_.max);
  }

  Status mend(const FaultTargets& targets) override { return targets.guard.undo(*undo_); }

  // Once undo ended with 0 and check no longer does.
  Result<std::optional<bool>> mended(const FaultTargets& targets, Nanos now) override {
    const auto outcome = targets.guard.outcome(*undo_);
    if (!outcome) return false;
    if (!*outcome) return tl::unexpected(outcome->error());
    if (given_up_) return true;
    if (!undone_at_) undone_at_ = now, check_.reset();
    const auto holds = WEIR_TRY(check(targets, now));
    if (holds == false) return true;
    if (now < *undone_at_ + kClearLimit) return false;
    return fail(Code::kTimeout, "undo ended with 0, but check still says that it is in effect",
                fmt::format("for {:.0f} s", kClearLimit.seconds()),
                "look at what " + spec_.kind + " has left, by hand");
  }

  Result<bool> undone(const FaultTargets&, const FaultTimes&) override { return true; }

  bool give_up(const FaultTargets& targets) override {
    given_up_ = true;
    do_.reset();
    // Untold, the guard undoes it when this run ends.
    if (undo_) [[maybe_unused]]
      auto asked = targets.guard.undo(*undo_);
    return undo_.has_value();
  }

  std::string command() const override { return named_.do_command; }

 private:
  Result<TrackedChild> start(const FaultTargets& targets, const std::string& command) {
    ChildOptions options;
    options.arguments = {"/bin/sh", "-c", command};
    options.environment = environment_;
    options.log = targets.log;
    return TrackedChild::start(options, targets.guard);
  }

  // Whether the fault is in effect; empty while the command runs, or until the next one is due.
  Result<std::optional<bool>> check(const FaultTargets& targets, Nanos now) {
    if (!check_) {
      if (now < next_check_) return std::nullopt;
      check_ = WEIR_TRY_IN("check", start(targets, named_.check_command));
      check_limit_ = now + named_.max;
    }
    const auto status = check_->child().poll();
    if (!status && now < check_limit_) return std::nullopt;
    check_.reset();
    next_check_ = now + kCheckPause;
    if (!status) return fail(Code::kTimeout, "check did not end within max_s");
    return *status == 0;
  }

  FaultSpec spec_;
  NamedFault named_;
  std::map<std::string, std::string> environment_;
  std::optional<int64_t> undo_;
  std::optional<TrackedChild> do_, check_;
  Nanos begun_, next_check_, check_limit_;
  std::optional<Nanos> undone_at_;
  bool given_up_ = false;
};

}  // namespace

std::unique_ptr<FaultAction> make_named_fault(const FaultSpec& spec) {
  return std::make_unique<NamedFaultAction>(spec);
}

}  // namespace weir::lab
