// Apache Spark as the engine: a Connect server that weir starts and supervises, or one that is
// there, with one streaming query of weir's at a time.
//
// The server outlives a query and serves the next one of the same parallelism. All talk with it is
// on the query driver's thread; what the driver reads is written to the step's folder there too.
#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "weir/lab/host.h"
#include "weir/lab/spark_observer.h"
#include "weir/lab/tracked_child.h"
#include "weir/spark/batch_files.h"
#include "weir/spark/query_driver.h"

namespace weir::lab {

class SparkEngine : public EngineHost {
 public:
  // kUsage when the plan's address of a server cannot be understood; kNotFound when there is no
  // Spark or no Java to start one with.
  static Result<std::unique_ptr<SparkEngine>> open(const HostContext& context);
  ~SparkEngine() override;

  Result<std::unique_ptr<Observer>> observe(const Query& query) override;
  Status start(const Query& query, const StepPlace& place) override;
  Result<bool> ready(const Observer& observer) override;
  int64_t attempt(const Observer& observer) const override;
  const std::string& address() const { return address_; }  // host:port of its Connect server
  std::string trouble() override;
  void stop_query() override;
  Nanos cold_start() const override;
  Child* process() override { return server_ ? &server_->child() : nullptr; }
  NamedProcesses processes() override;
  Status restart() override;
  Result<std::string> lose_checkpoint() override;
  Status replace() override;
  Child* old_process() override { return nullptr; }
  std::string description() const override;
  std::string guarantee(const std::string& workload) const override;

 private:
  SparkEngine(const HostContext& context) : context_(context), disk_(real_disk()) {}
  Status launch();
  Status make_driver();
  Result<bool> server_ended(int status);
  bool is_attached() const { return !context_.plan.connect.empty(); }
  std::string master() const;

  HostContext context_;
  std::unique_ptr<Disk> disk_;
  std::string home_, java_home_, version_, address_;
  Query query_;
  StepPlace place_;
  std::string query_id_, checkpoint_;  // of the present query
  std::string checkpoint_folder_;      // the same on this machine; empty when elsewhere
  int64_t attempt_ = 0;                // asked for
  int servers_ = 0, ports_tried_ = 0;
  int32_t server_parallelism_ = 0;
  bool is_new_server_ = false;
  Nanos limit_, lost_since_;
  std::string server_log_;
  std::optional<TrackedChild> server_;

  std::shared_ptr<SparkRecords> records_;  // of a metrics query
  // The driver's thread alone uses them once it runs.
  std::optional<spark::BatchFiles> files_;
  std::unique_ptr<spark::QueryDriver> driver_;  // ends before what its thread uses
};

}  // namespace weir::lab
