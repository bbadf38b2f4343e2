// weir's own broker as a child process, a fresh one for each step.
#pragma once
#include <memory>
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
  std::string data_folder() const override { return place_.data + "/broker"; }
  proxy::LinkProxy* link() override { return link_.get(); }
  std::string description() const override;
  bool durable() const override { return !context_.discard; }

 private:
  // Without a link_ `other` is not used.
  Status launch(const std::string& listen, const std::string& other);
  Result<bool> said_ready();

  HostContext context_;
  StepPlace place_;
  kafka::ClientConfig client_;
  std::unique_ptr<proxy::LinkProxy> link_;  // of all steps
  std::string other_;                       // the broker's address behind it
  std::optional<TrackedChild> child_;
  std::string said_;  // of its first line, which tells the address
  Nanos limit_;
  bool ready_ = false;
};

}  // namespace weir::lab
