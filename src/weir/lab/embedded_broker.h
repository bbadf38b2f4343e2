// weir's own broker as a child process, a fresh one for each step.
#pragma once
#include <string>

#include "weir/lab/host.h"
#include "weir/lab/tracked_child.h"

namespace weir::lab {

class EmbeddedBroker : public BrokerHost {
 public:
  explicit EmbeddedBroker(const HostContext& context) : context_(context) {}

  Status begin_step(const StepPlace& place) override;
  Result<bool> ready() override;
  void end_step() override;
  const kafka::ClientConfig& client() const override { return client_; }
  std::string topic_prefix() const override { return ""; }
  Child* process() override { return child_ ? &child_->child() : nullptr; }
  NamedProcesses processes() override;
  Status restart() override;
  std::string description() const override;
  bool durable() const override { return !context_.discard; }

 private:
  Status launch(const std::string& listen);

  HostContext context_;
  StepPlace place_;
  kafka::ClientConfig client_;
  std::optional<TrackedChild> child_;
  std::string said_;  // of its first line, which tells the address
  Nanos limit_;
  bool ready_ = false;
};

}  // namespace weir::lab
