// What is checked before a run.
#pragma once
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/lab/plan.h"
#include "weir/lab/step.h"
#include "weir/run/results.h"

namespace weir::lab {

// Of the free space, what a step may write.
constexpr double kDiskShareMax = 0.7;

struct Preflight {
  std::string text;  // "2 cores, clock 31 ns, 1,048,576 files, 80 GB free"
  std::vector<run::Warning> warnings;
  bool durable = true;
};
// kUsage when the planned bytes do not fit on the disk (above 70% of what is free).
Result<Preflight> preflight(const Plan& plan, bool quick, const std::string& folder);

// The most bytes that a step of this plan keeps on disk at a time.
double planned_bytes(const Plan& plan, bool quick);

run::Target describe_target(const Plan& plan, const BrokerHost& broker, const EngineHost& engine);

// False when what was asked for was measured, and every step behind it is invalid.
bool rests_on_valid_steps(const run::RunResult& result);

}  // namespace weir::lab
