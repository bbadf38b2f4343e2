// The flags that say what is to be measured, and the plan that they, the environment and a file
// make: flag over WEIR_* over file over default. Shared by run, check and config.
#pragma once
#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "apps/weir/client_flags.h"
#include "weir/base/result.h"
#include "weir/kafka/client.h"
#include "weir/lab/plan.h"

namespace weir::cli {

struct PlanFlags {
  std::string experiment, plan_file, budget, broker, engine, assure;
  bool pin = false;
  std::vector<std::string> positional, settings, conf;
  std::vector<std::string> until;
  bool quick = false, full = false;
  ClientFlags client;  // of a broker that is somebody's
};

void add_plan_flags(CLI::App& app, PlanFlags& flags);
// --set alone, for the demo.
void add_set_flag(CLI::App& app, PlanFlags& flags);

// Sorts the positional words into an experiment and a plan file, either of which may be missing.
Status sort_positionals(PlanFlags& flags);

struct ResolvedPlan {
  lab::Plan plan;
  // Key -> where its value comes from: "plan.toml:7", "WEIR_SEED", "--set", "--budget", "--quick".
  // Keys at their default are missing.
  std::map<std::string, std::string> origin;
  kafka::ClientConfig reach;  // how somebody's cluster is reached; empty for weir's own brokers
};

// Reads, merges and checks. Sets flags.experiment when only the plan names experiments.
Result<ResolvedPlan> resolve_plan(PlanFlags& flags);

}  // namespace weir::cli
