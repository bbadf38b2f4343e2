// Apache Kafka on this machine as the run's broker: one node in KRaft mode on loopback, started
// once per run, its data under the run's.
//
// Each start is a step of a small machine that ready() drives: format the storage, run the server,
// ask it. Nothing is read out of its log except for messages. Needs what `weir setup kafka`
// prepared and Java 11 or later; KAFKA_HEAP_OPTS replaces the heap that weir would choose.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "weir/lab/host.h"
#include "weir/lab/tracked_child.h"
#include "weir/setup/java.h"
#include "weir/setup/software.h"

namespace weir::lab {

class ApacheBroker : public BrokerHost {
 public:
  // kNotFound or kFailed when Kafka is not prepared or there is no Java for it.
  static Result<std::unique_ptr<ApacheBroker>> open(const HostContext& context);
  ~ApacheBroker() override;

  Status begin_step(const StepPlace& place) override;
  Result<bool> ready() override;
  void end_step() override {}  // topics tell the steps apart
  const kafka::ClientConfig& client() const override { return client_; }
  std::string topic_prefix() const override { return "weir-" + context_.run_id + "."; }
  Child* process() override { return child_ ? &child_->child() : nullptr; }
  NamedProcesses processes() override;
  Status restart() override;
  std::string data_folder() const override { return folder() + "/logs"; }
  proxy::LinkProxy* link() override { return link_.get(); }
  std::string description() const override;
  // Kafka acknowledges before it flushes; a crash of the machine may lose what it acknowledged.
  bool durable() const override { return false; }

 private:
  enum class Stage { kFormatting, kStarting, kReady };

  ApacheBroker(const HostContext& context, setup::Kafka kafka, setup::Java java)
      : context_(context), kafka_(std::move(kafka)), java_(std::move(java)) {}

  Status format();
  Status launch(Nanos limit);
  Status write_files();
  Result<TrackedChild> start_java(const std::vector<std::string>& heap,
                                  const std::vector<std::string>& arguments);
  Result<bool> ended(int status);
  tl::unexpected<Error> gave_up(const std::string& what) const;
  std::string folder() const { return context_.data + "/kafka"; }
  std::string log() const { return context_.log + "/broker.log"; }

  HostContext context_;
  setup::Kafka kafka_;
  setup::Java java_;
  kafka::ClientConfig client_;
  std::unique_ptr<proxy::LinkProxy> link_;
  uint16_t port_ = 0, controller_port_ = 0, link_port_ = 0;  // link_port_: behind the link
  std::optional<TrackedChild> child_;                        // the formatter, then the server
  Stage stage_ = Stage::kFormatting;
  bool served_ = false;  // its ports are known to clients and must stay
  int ports_tried_ = 0;
  Nanos limit_;  // when the present start has taken too long
};

}  // namespace weir::lab
