// The guard: a process of its own session that outlives weir run and leaves no child behind.
//
// weir run writes to its stdin one line per process it starts ("track PID START_TICKS") or has seen
// end ("untrack PID START_TICKS"). When that pipe closes, however weir run died, the guard sends
// SIGCONT and SIGKILL to every group still recorded whose leader or any member it can still prove.
#pragma once
#include <optional>

#include "weir/base/result.h"
#include "weir/sys/process.h"

namespace weir::lab {

// weir run's end of it. Home thread: one.
class Guard {
 public:
  // Starts `program guard`, and makes this process the reaper of orphaned descendants.
  static Result<Guard> start(const std::string& program);
  Status track(const ProcessId& process);
  Status untrack(const ProcessId& process);
  const ProcessId& id() const { return child_.id(); }

 private:
  explicit Guard(Child child) : child_(std::move(child)) {}
  Status write_line(const std::string& line);
  Child child_;
};

// The guard process itself: reads lines from `input` until it ends, then kills what is recorded.
// Returns the exit code.
int run_guard(int input);

}  // namespace weir::lab
