// The scale part of a plan. Pure functions.
#pragma once
#include <cstdint>

#include "weir/lab/plan.h"

namespace weir::lab {

// Where each event waits by plan and the plan names no cells: 1, 2, 4 and 8 partitions and workers,
// because tasks that wait need no cores. What the plan names itself stays.
void settle_scale_cells(Plan& plan);

// How often each cell is measured: scale.repetitions; in a full run at least 3 times, in quick mode
// once unless the plan says otherwise.
int64_t scale_repetitions(const Plan& plan, bool quick);

// Events per second that the work added to each of them lets so many tasks do at most, on so many
// cores; infinite where none is added.
double added_work_bound(const Plan& plan, int64_t tasks, int64_t cores);
// Whether the work added to an event is so much more than the engine's own that it alone tells what
// the tasks can do.
bool added_work_dominates(const Plan& plan);

}  // namespace weir::lab
