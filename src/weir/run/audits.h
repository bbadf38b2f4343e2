// The audits of a run, wherever they stand in its result. Pure.
#pragma once
#include <vector>

#include "weir/run/results.h"

namespace weir::run {

// Of steps, cells and faults, in the order of the experiments; they live as long as `result`.
std::vector<const AuditReport*> audits_of(const RunResult& result);

}  // namespace weir::run
