// An engine that weir knows only from the commands that start and stop it, its topics, and what it
// tells of its progress. docs/engines.md is its manual.
#pragma once
#include <map>
#include <memory>
#include <string>

#include "weir/event/identity.h"
#include "weir/lab/host.h"
#include "weir/lab/progress_source.h"
#include "weir/lab/tracked_child.h"
#include "weir/sys/disk.h"

namespace weir::lab {

class ProgressObserver;

class ExternalEngine : public EngineHost {
 public:
  struct Options {
    // Run by sh in a process group of its own, with WEIR_... in its environment.
    std::string start;
    // May be empty: then SIGTERM to the group, and ready once it is seen or lives for a while.
    std::string stop, ready;
    std::string progress = "output";
    Identity identity;
    std::map<std::string, std::string> environment;  // beside WEIR_...
    std::string origin_csv;  // folder below the step's where the engine writes the origin's CSVs
    Nanos cold_start;
    std::string description, guarantee;
    std::string no_identity;  // why the audit knows no single events
  };

  ExternalEngine(const HostContext& context, Options options)
      : context_(context), options_(std::move(options)) {}
  // From the plan's [engine]; kUsage when its values do not fit together.
  static Result<std::unique_ptr<EngineHost>> open(const HostContext& context);

  Result<std::unique_ptr<Observer>> observe(const Query& query) override;
  Status start(const Query& query, const StepPlace& place) override;
  Result<bool> ready(const Observer& observer) override;
  int64_t attempt(const Observer&) const override { return 0; }
  std::string trouble() override;
  void stop_query() override;
  Nanos cold_start() const override { return options_.cold_start; }
  Child* process() override { return child_ ? &child_->child() : nullptr; }
  NamedProcesses processes() override;
  Status restart() override;
  Status replace() override;
  Child* old_process() override { return old_ ? &old_->child() : nullptr; }
  std::string description() const override { return options_.description; }
  std::string guarantee(const std::string&) const override { return options_.guarantee; }

 private:
  Status launch();
  // What the engine is told of the brokers' security: the path of a file in a folder that only this
  // user may read; empty when there is nothing to say.
  Result<std::string> write_client_properties() const;
  Result<bool> ask_ready();
  Result<std::unique_ptr<ProgressSource>> progress_source() const;
  Result<TrackedChild> run_command(const std::string& command, const std::string& log);
  std::string log_path(const std::string& name) const;
  static void end(std::optional<TrackedChild>& child, Nanos grace);

  HostContext context_;
  const Options options_;
  const std::unique_ptr<Disk> disk_ = real_disk();
  Query query_;
  StepPlace place_;
  std::map<std::string, std::string> environment_;
  ProgressObserver* follower_ = nullptr;  // of the latest observe(), until start()
  std::optional<TrackedChild> child_, old_, ready_command_;
  std::unique_ptr<ProgressSource> at_work_;  // asked until the engine is ready
  int64_t attempt_ = 0;
  Nanos started_, next_ready_;
};

}  // namespace weir::lab
