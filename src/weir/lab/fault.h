// Faults on the processes of a step, each proved to have hit: docs/faults.md.
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/lab/host.h"
#include "weir/lab/observer.h"
#include "weir/lab/plan.h"
#include "weir/lab/stop_conditions.h"
#include "weir/proxy/link_proxy.h"
#include "weir/sys/clock.h"

namespace weir::lab {

struct FaultSpec {
  std::string kind;  // "target:action"; of the catalogue, or of a named fault
  Nanos after;       // since the start of the load: not before
  double phase = 0;  // of the trigger, 0..1
  // How long pause and zombie stop a process, and faults of link, sink and disk last.
  Nanos pause = nanos_from_millis(1500);
  Nanos restart_delay;              // between noticing and restarting
  std::optional<NamedFault> named;  // the commands, where the kind is a named fault's
  std::string kill;                 // of an external engine: the command that kills it
  int repetition = 1;
  std::string cut = "reset";             // link:cut: reset | blackhole
  Nanos delay = nanos_from_millis(100);  // link:delay: each way; sink:slow: of a Produce request
  double throttle = 0;                   // link:throttle: bytes per second; 0: half of the usual
  // For judging: the latency above which an event is late, and what the pipeline can process.
  std::optional<double> late_ms, capacity_eps;
  // Checked while the fault lasts; may be null. Outlives the injector.
  const StopConditions* stop = nullptr;
};

// What happened when, on the run's clock.
struct FaultTimes {
  std::optional<Nanos> injected, death_proved, noticed, restarted, undone;
  int64_t attempt_before = 0;
  std::string proof;            // "pid 4711 gone 1.2 ms after the signal"
  std::optional<int> old_exit;  // exit status of the process that was hit, when it ended
  std::string command;          // what a named fault did
  int64_t poisoned = 0;         // malformed events that event:poison wrote
  std::string problem;          // why the fault does not count; empty when it does
};

// What a fault may hit. References outlive the injector.
struct FaultTargets {
  BrokerHost& broker;
  EngineHost& engine;
  const Observer& observer;
  Guard& guard;
  std::string log;  // where the output of a named fault's commands goes
  Child* generator = nullptr;
  std::function<Status()> restart_generator;  // with a producer number of its own
  std::string topic;                          // of the input
  proxy::LinkProxy* link = nullptr;           // between engine and broker; null: none
};

// One way to break something and to mend it. Each call returns at once; what takes time is asked
// for again. docs/faults.md tells of each.
class FaultAction {
 public:
  virtual ~FaultAction() = default;
  // Called now and then shortly before begin(): sees what is usual.
  virtual Status prepare(const FaultTargets&, Nanos) { return {}; }
  virtual Status begin(const FaultTargets& targets, Nanos now) = 0;
  // How it was proved to have hit, once it was.
  virtual Result<std::optional<std::string>> effect(const FaultTargets& targets, Nanos now) = 0;
  // Whether supervisor or cluster know; empty where nobody is told.
  virtual std::optional<bool> noticed(const FaultTargets& targets) = 0;
  // When mending begins, given when the fault began, was proved and was noticed.
  virtual Nanos mend_at(const FaultTimes& times) const = 0;
  virtual Status mend(const FaultTargets& targets) = 0;
  // True once what was hit is at work again; empty where nothing is restarted.
  virtual Result<std::optional<bool>> mended(const FaultTargets& targets, Nanos now) = 0;
  // After it was mended: true once nothing of the fault is left.
  virtual Result<bool> undone(const FaultTargets& targets, const FaultTimes& times) = 0;
  // Asked for now and then once all is done: the exit status of what was hit.
  virtual std::optional<int> exit_status(const FaultTargets&) { return std::nullopt; }
  // The step ends early: takes back what would outlive it. True: mended() tells when that is done.
  virtual bool give_up(const FaultTargets& targets) = 0;
  // False: the cluster mends, or nobody; a step need not wait for it.
  virtual bool mends() const { return true; }
  virtual std::string command() const { return ""; }
  virtual int64_t poisoned() const { return 0; }
};

// By spec.kind.
Result<std::unique_ptr<FaultAction>> make_fault_action(const FaultSpec& spec);

// A fault as a small state machine: step() is called often and never waits. Home thread: that of
// the pipeline.
class Injector {
 public:
  Injector(const FaultSpec& spec, Nanos load_start, Nanos trigger);
  // Does what is due now. Fails when a host could not be started again; a fault that did not hit,
  // was stopped or could not be undone is told in times().problem.
  Status step(const FaultTargets& targets, Clock& clock);
  bool done() const { return stage_ == Stage::kDone; }
  // Done, but for what the cluster may still do by itself: the step may end.
  bool may_end() const { return done() || (stage_ == Stage::kMending && !action_->mends()); }
  // The step ends: whatever the fault did is taken back. Call step() until done().
  void give_up(const FaultTargets& targets, const std::string& why);
  const FaultTimes& times() const { return times_; }

 private:
  enum class Stage { kWaiting, kProving, kNoticing, kHolding, kMending, kUndoing, kDone };
  Status prepare(const FaultTargets& targets, Nanos now);
  Status inject(const FaultTargets& targets, Clock& clock);
  void prove(const FaultTargets& targets, Nanos now);
  void notice(const FaultTargets& targets, Nanos now);
  Status mend(const FaultTargets& targets, Clock& clock);
  Status await(const FaultTargets& targets, Nanos now);
  Status clear(const FaultTargets& targets, Nanos now);

  FaultSpec spec_;
  Nanos inject_at_, prepare_at_;
  Stage stage_ = Stage::kWaiting;
  std::unique_ptr<FaultAction> action_;
  FaultTimes times_;
};

}  // namespace weir::lab
