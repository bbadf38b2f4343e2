// The cells of the scale experiment, whose repetitions belong together. Pure functions.
#pragma once
#include <cstdint>

#include "weir/run/results.h"

namespace weir::run {

// The geometric mean of what the runs of one cell processed, events per second; runs that are
// invalid or without a rate do not count. Empty where none does.
Figure mean_processed(const Scale& scale, int32_t partitions, int32_t parallelism);

}  // namespace weir::run
