// What weir itself can do on this machine: how fast its generators send, and how fast its observer
// reads. Measured alone before a run, so that no limit of weir's is taken for the pipeline's, and
// kept in the cache folder until machine, weir, load or workload are others or a week is over.
//
// docs/method.md, "Ceilings". Home thread: the run's.
#pragma once
#include <optional>
#include <string>

#include "weir/base/result.h"
#include "weir/lab/plan.h"
#include "weir/lab/step.h"
#include "weir/run/results.h"

namespace weir::lab {

// The cache's file: one object, an entry for each machine and kind of load.
std::string ceilings_path();

// Those of an earlier run that hold for this plan, this machine and this `program`; empty when none
// do, or they are older than a week at `now`, or the file is damaged.
std::optional<run::Ceilings> cached_ceilings(const Plan& plan, const std::string& program,
                                             Nanos now);

// The cached ones, else measures and stores them, in about 2 s. What could not be measured is empty
// with the reason.
Result<run::Ceilings> find_ceilings(Lab& lab);

// Adds W001 and W002 when a step, cell or fault offered more than 70% of a ceiling.
void warn_of_ceilings(run::RunResult& result);

}  // namespace weir::lab
