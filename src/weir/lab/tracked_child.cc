#include "weir/lab/tracked_child.h"

#include <utility>

namespace weir::lab {

Result<TrackedChild> TrackedChild::start(const ChildOptions& options, Guard& guard) {
  Spawn spawn;
  spawn.arguments = options.arguments;
  spawn.environment = options.environment;
  spawn.stderr_path = options.log;
  spawn.stdout_pipe = options.stdout_pipe;
  if (!options.stdout_pipe) spawn.stdout_path = options.log;
  spawn.nice = options.nice;
  spawn.cores = options.cores;
  TrackedChild started(WEIR_TRY(Child::start(spawn)), guard);
  WEIR_TRY(guard.track(started.id()));
  return started;
}

TrackedChild::TrackedChild(TrackedChild&& other) noexcept
    : child_(std::move(other.child_)), guard_(other.guard_) {
  other.child_.reset();
}

TrackedChild& TrackedChild::operator=(TrackedChild&& other) noexcept {
  if (this == &other) return *this;
  if (child_) stop(nanos_from_seconds(1));
  child_ = std::move(other.child_);
  guard_ = other.guard_;
  other.child_.reset();
  return *this;
}

TrackedChild::~TrackedChild() {
  if (child_) stop(nanos_from_seconds(1));
}

int TrackedChild::stop(Nanos grace) {
  const ProcessId id = child_->id();
  const int status = child_->stop(grace);
  // The guard may be gone only when this process is being torn down; then nobody needs telling.
  [[maybe_unused]] auto told = guard_->untrack(id);
  child_.reset();
  return status;
}

}  // namespace weir::lab
