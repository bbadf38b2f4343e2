// Whether something else ran on the machine while it was measured. Pure.
#pragma once
#include <cstdint>

#include "weir/run/results.h"

namespace weir::lab {

// Adds W005 when programs outside of the run used more than 10% of the cores during a step, cell or
// fault, and W006 when the hypervisor kept more than 5% of them; each tells of the worst. A
// pipeline that weir did not start itself may be among those programs: then (`watched_all` false)
// there is no W005.
void warn_of_disturbance(run::RunResult& result, int64_t cores, bool watched_all);

}  // namespace weir::lab
