// weir's own micro-batch engine as a child process, a fresh one for each query.
#pragma once
#include <string>

#include "weir/lab/host.h"
#include "weir/lab/tracked_child.h"

namespace weir::lab {

class NativeEngine : public EngineHost {
 public:
  explicit NativeEngine(const HostContext& context) : context_(context) {}

  Result<std::unique_ptr<Observer>> observe(const Query& query) override;
  Status start(const Query& query, const StepPlace& place) override;
  Result<bool> ready(const Observer& observer) override;
  int64_t attempt(const Observer& observer) const override { return observer.attempt_ready(); }
  std::string trouble() override;
  void stop_query() override;
  Child* process() override { return child_ ? &child_->child() : nullptr; }
  NamedProcesses processes() override;
  Status restart() override;
  Result<std::string> lose_checkpoint() override;
  Status replace() override;
  Child* old_process() override { return old_ ? &old_->child() : nullptr; }
  std::string description() const override;
  std::string guarantee(const std::string& workload) const override;

 private:
  Status launch();

  HostContext context_;
  Query query_;
  StepPlace place_;
  std::optional<TrackedChild> child_, old_;
  bool restarted_ = false;                // ready() has yet to see the new start
  std::optional<int64_t> starts_before_;  // seen when it was asked for the first time after that
  Nanos limit_;
};

}  // namespace weir::lab
