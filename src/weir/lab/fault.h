// Faults on the processes of a step, each proved to have hit: docs/method.md, "Faults".
#pragma once
#include <optional>
#include <string>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/lab/pipeline.h"
#include "weir/sys/clock.h"

namespace weir::lab {

struct FaultSpec {
  std::string kind;  // "engine:kill" | "broker:kill" | "engine:pause" | "engine:zombie"
  Nanos after;       // since the start of the load: not before
  double phase = 0;  // of the trigger, 0..1
  Nanos pause = nanos_from_millis(1500);  // how long pause and zombie stop the engine
  Nanos restart_delay;                    // between noticing and restarting
};

// What happened when, on the run's clock.
struct FaultTimes {
  std::optional<Nanos> injected, death_proved, noticed, restarted, undone;
  int64_t attempt_before = 0;
  std::string proof;            // "pid 4711 gone after 1.2 ms"
  std::optional<int> old_exit;  // exit status of the process that was hit, when it ended
};

// A fault as a small state machine: step() is called often and never waits longer than a restart
// takes. Home thread: that of the pipeline.
class Injector {
 public:
  Injector(const FaultSpec& spec, Nanos load_start, Nanos trigger);
  // Does what is due at `now`.
  Status step(Pipeline& pipeline, Clock& clock, int64_t attempt_seen);
  bool done() const { return stage_ == Stage::kDone; }
  const FaultTimes& times() const { return times_; }

 private:
  enum class Stage { kWaiting, kProving, kNoticing, kRestarting, kPaused, kDone };
  void inject(Pipeline& pipeline, Clock& clock, int64_t attempt_seen);
  void prove(Pipeline& pipeline, Nanos now);
  void notice(Pipeline& pipeline, Nanos now);
  Status restart(Pipeline& pipeline, Clock& clock);
  void resume(Pipeline& pipeline, Nanos now, int64_t attempt_seen);
  Child& target(Pipeline& pipeline) const;

  FaultSpec spec_;
  Nanos inject_at_;
  Stage stage_ = Stage::kWaiting;
  FaultTimes times_;
};

}  // namespace weir::lab
