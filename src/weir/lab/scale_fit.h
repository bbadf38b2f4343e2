// What the cells of the scale experiment say together: docs/method.md, "Scalability". No clock, no
// processes.
#pragma once
#include <string>
#include <vector>

#include "weir/run/results.h"

namespace weir::lab {

// The tasks of a cell that can work at once: a partition has one task, a task several partitions.
int64_t width_of(const run::Step& cell);

// Fills scale.fit, limited_by and cores_note from its cells and cores. A law rests on cells whose
// overload step fell behind, and that neither the generator, the broker, the disk nor the cores
// stopped; cells wider than the cores count only where tasks wait (`wait_us` > 0), which needs no
// core.
void judge_scale(run::Scale& scale, double wait_us);

// The law and its parameters, or why there is none, in one sentence.
std::string law_text(const run::ScaleFit& fit);

}  // namespace weir::lab
