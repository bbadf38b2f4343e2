// Faults on a Spark standalone cluster: an executor of the run's application, or the worker that
// keeps it. Both belong to the cluster, which replaces what it can.
#include <fmt/format.h>
#include <signal.h>

#include <algorithm>

#include "weir/lab/fault_actions.h"
#include "weir/lab/spark_processes.h"

namespace weir::lab {
namespace {

// Between two readings of all of /proc.
constexpr Nanos kScanPause = nanos_from_millis(100);
// Spark's own limits for a lost executor (spark.network.timeout) and worker
// (spark.worker.timeout) are 120 and 60 s; after that nothing new is to be expected.
constexpr Nanos kReplacedLimit = nanos_from_seconds(150);

class SparkFault : public FaultAction {
 public:
  explicit SparkFault(const FaultSpec& spec) : is_worker_(spec.kind == "worker:kill") {}

  Status begin(const FaultTargets& targets, Nanos now) override {
    driver_ = targets.engine.process()->id();
    const auto executors = executors_of(driver_);
    if (executors.empty())
      return fail(Code::kFailed, "no executor of this run's application is on this machine",
                  fmt::format("none names a port of the driver, pid {}", driver_.pid),
                  "start workers here, or name a fault that reaches them: docs/faults.md");
    for (const auto& executor : executors) known_.push_back(executor.process);
    const auto& first = executors.front();
    // The worker of the first executor, with every executor it keeps.
    if (is_worker_) {
      for (const auto& executor : executors)
        if (executor.worker == first.worker) lost_.push_back(executor.process);
      hit_ = first.worker;
      name_ = fmt::format("the worker of executor {} of {}", first.number, first.application);
    } else {
      hit_ = first.process;
      lost_ = {first.process};
      name_ = fmt::format("executor {} of {}", first.number, first.application);
    }
    begun_ = now;
    // Only this process: one started by hand shares its group with whoever started it.
    if (identify(hit_.pid) != hit_ || kill(hit_.pid, SIGKILL) != 0)
      return fail(Code::kFailed, fmt::format("cannot kill {}, pid {}", name_, hit_.pid),
                  "it is gone already, or belongs to another user",
                  "run weir as the user who runs the worker");
    return {};
  }

  Result<std::optional<std::string>> effect(const FaultTargets&, Nanos now) override {
    const ProcessState state = state_of(hit_);
    if (state != ProcessState::kGone && state != ProcessState::kZombie) return std::nullopt;
    return fmt::format("pid {}, {}, gone {:.1f} ms after the signal", hit_.pid, name_,
                       double((now - begun_).value) / 1e6);
  }

  // A worker has noticed when it has reaped its executor; a worker's own death shows in the end of
  // its executors, which watch it.
  std::optional<bool> noticed(const FaultTargets&) override {
    return std::all_of(lost_.begin(), lost_.end(), [&](const ProcessId& one) {
      const ProcessState state = state_of(one);
      return state == ProcessState::kGone || (is_worker_ && state == ProcessState::kZombie);
    });
  }

  Nanos mend_at(const FaultTimes& times) const override { return *times.noticed; }
  Status mend(const FaultTargets&) override { return {}; }

  // Replaced: an executor of this application that was not there before. A cluster without a free
  // core starts none when its worker is gone, which is no failure.
  Result<std::optional<bool>> mended(const FaultTargets&, Nanos now) override {
    if (now > begun_ + kReplacedLimit) return std::optional<bool>();
    if (now < next_scan_) return false;
    next_scan_ = now + kScanPause;
    for (const auto& executor : executors_of(driver_))
      if (std::find(known_.begin(), known_.end(), executor.process) == known_.end()) return true;
    return false;
  }

  Result<bool> undone(const FaultTargets&, const FaultTimes&) override { return true; }
  bool give_up(const FaultTargets&) override { return false; }
  bool mends() const override { return false; }

 private:
  const bool is_worker_;
  ProcessId driver_, hit_;
  std::vector<ProcessId> known_, lost_;  // executors before the fault; those that it takes
  std::string name_;
  Nanos begun_, next_scan_;
};

}  // namespace

std::unique_ptr<FaultAction> make_spark_fault(const FaultSpec& spec) {
  return std::make_unique<SparkFault>(spec);
}

}  // namespace weir::lab
