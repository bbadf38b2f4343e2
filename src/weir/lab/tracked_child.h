// A child process of a run that the guard knows of as long as it lives.
//
// Home thread: the run's.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/lab/guard.h"
#include "weir/sys/process.h"

namespace weir::lab {

// The scheduling priority of what measures: on shared cores the load and the stamps must not wait
// for the pipeline that they measure. Without the right to it they run like everybody else.
inline constexpr int kMeasuringNice = -10;

struct ChildOptions {
  std::vector<std::string> arguments;  // [0] is the program's path
  std::map<std::string, std::string> environment;
  std::string log;           // stdout and stderr are appended to it
  bool stdout_pipe = false;  // stdout is read through stdout_fd() instead
  int nice = 0;
  Cores cores;  // that it runs on; empty: those of weir run
};

class TrackedChild {
 public:
  static Result<TrackedChild> start(const ChildOptions& options, Guard& guard);
  TrackedChild(TrackedChild&& other) noexcept;
  TrackedChild& operator=(TrackedChild&& other) noexcept;
  ~TrackedChild();

  Child& child() { return *child_; }
  const ProcessId& id() const { return child_->id(); }
  // SIGTERM, then after `grace` SIGKILL; the guard forgets it. Returns its exit status.
  int stop(Nanos grace);

 private:
  TrackedChild(Child child, Guard& guard) : child_(std::move(child)), guard_(&guard) {}
  std::optional<Child> child_;
  Guard* guard_;
};

}  // namespace weir::lab
