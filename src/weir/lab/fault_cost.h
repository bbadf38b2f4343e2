// What a fault cost beside its times: docs/method.md, "Faults". Pure.
#pragma once
#include "weir/lab/step.h"
#include "weir/run/results.h"

namespace weir::lab {

// Fills the costs of `fault`, whose times are judged already; null where the data do not tell.
void judge_fault_cost(const StepData& data, run::Fault& fault);

// Events that were never offered because the generator itself was down, or died with it before they
// reached the broker; 0 for other faults.
double unoffered_events(const StepData& data);

}  // namespace weir::lab
