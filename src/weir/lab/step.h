// One step of an experiment: fresh broker, topics, checkpoint and processes, one constant rate, at
// most one fault, a drain, an audit. run_step() does and observes; judging is apart (judge.h).
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/event/audit.h"
#include "weir/event/ledger.h"
#include "weir/lab/fault.h"
#include "weir/lab/host.h"
#include "weir/lab/observer.h"
#include "weir/lab/plan.h"
#include "weir/lab/progress.h"
#include "weir/load/arrivals.h"
#include "weir/run/folder.h"
#include "weir/run/table.h"
#include "weir/sys/clock.h"

namespace weir::lab {

// What every step of a run shares. References outlive it.
struct Lab {
  const Plan& plan;
  run::Folder& folder;
  SystemClock clock;
  HostContext host;  // of this run's processes
  BrokerHost& broker;
  EngineHost& engine;
  bool quick = false, keep_data = false;
  uint32_t next_producer = 0;                     // counted up for each generator started
  std::function<bool()> interrupted;              // true: stop soon
  std::function<void(const Progress&)> progress;  // about four times a second
  Nanos rest_until = {};  // when the disk has done what the step before left to it, about
};

// How a step's load is spread over time; its events are due by load::Schedule.
struct StepSchedule {
  load::Arrivals arrivals;
  Nanos length;  // of the load as planned, which a ramp and steps stretch over
  uint64_t seed = 0;
};

struct StepSpec {
  std::string label, workload;
  double rate_eps = 0;
  Nanos warmup, length;  // length of the load, warm-up included
  Nanos trigger;
  StepSchedule schedule;  // set by run_step(), from the plan
  int32_t partitions = 4, parallelism = 2;
  double added_us = 0;  // of CPU and waiting, to each event, in the engine's tasks
  std::optional<FaultSpec> fault;
};

// Everything a step left, for judging.
struct StepData {
  StepSpec spec;
  std::string folder;  // absolute
  Nanos start, end;    // of the load
  Nanos window;        // width of the observer's due-time windows
  Nanos drained;       // when the drain ended
  bool drain_complete = false;
  int64_t cores = 0;         // that the machine of the run has
  int64_t target_cores = 0;  // of them for broker and engine alone; 0: they share all
  Observations observed;
  run::Table offered, batches, resources;
  std::map<int64_t, Histogram> send_lag;  // by second since the epoch; us
  std::vector<Ledger> ledgers;
  AuditReport audit;
  FaultTimes fault;
  std::string trouble;  // a process that died on its own, or why the observer ended
};

// Fails when the pipeline cannot be started; an interruption ends the load early and is no failure.
Result<StepData> run_step(Lab& lab, const StepSpec& spec);

// The engine back to back: fills the topic for about `fill`, then starts the engine on it; where
// its process is cold, a second time, and only that counts. fill_eps is of generator and broker,
// drain_eps of broker and engine.
struct DrainTest {
  uint64_t events = 0;
  double fill_eps = 0, drain_eps = 0;
};
Result<DrainTest> run_drain_test(Lab& lab, Nanos fill);

}  // namespace weir::lab
