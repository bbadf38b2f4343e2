// Somebody's Kafka cluster. Nothing is started or stopped there; what weir creates are topics whose
// names begin with "weir-<run id>-", and only these it deletes: after each step, at an end however
// it came about, and through the guard's journal when weir itself was killed.
//
// Home thread: the run's.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "weir/kafka/admin.h"
#include "weir/lab/host.h"

namespace weir::lab {

class ForeignBroker : public BrokerHost {
 public:
  // Reaches the cluster. kUnreachable; kUsage when it cannot keep the plan's topics: fewer brokers
  // than copies, fewer copies than min.insync.replicas, or too little room on a disk that is this
  // machine's.
  static Result<std::unique_ptr<ForeignBroker>> open(const HostContext& context);

  Status begin_step(const StepPlace&) override { return {}; }
  Result<bool> ready() override { return true; }
  void end_step() override {}
  const kafka::ClientConfig& client() const override { return client_; }
  std::string topic_prefix() const override { return prefix_; }
  Child* process() override { return nullptr; }
  NamedProcesses processes() override { return {}; }
  Status restart() override;
  std::string asks() const override;
  std::map<std::string, std::string> topic_settings() const override;
  Status own(const std::string& topic) override;
  void disown(const std::string& topic) override;
  std::string description() const override;
  bool durable() const override;

 private:
  ForeignBroker(const HostContext& context, kafka::ClientConfig client, kafka::ClusterInfo cluster);
  Status check_copies() const;
  Status check_room();
  std::string setting(const char* name) const;

  const HostContext context_;
  kafka::ClientConfig client_;
  kafka::ClusterInfo cluster_;
  std::string prefix_;
  double bytes_ = 0;                    // of a step at most, one copy
  std::optional<double> free_bytes_;    // where its log folder is on this machine
  std::map<std::string, int64_t> own_;  // topic -> entry of the guard's journal
};

// "3.9" of an inter.broker.protocol.version like "3.9-IV0"; empty when it does not look so.
std::string kafka_version(const std::string& protocol_version);

// `id` as part of a topic's name: what Kafka does not allow there becomes '-', at most 80 letters.
std::string topic_word(const std::string& id);

}  // namespace weir::lab
