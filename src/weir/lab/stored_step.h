// A step read back from its folder, so that it can be judged again from what was stored.
#pragma once
#include <string>

#include "weir/base/result.h"
#include "weir/lab/step.h"

namespace weir::lab {

// What write_step_files(), the generator, the engine and the sampler left in `folder`. The label,
// workload, partitions and parallelism are not in those files and stay as StepSpec has them.
// kNotFound or kCorrupt name the file.
Result<StepData> read_stored_step(const std::string& folder);

}  // namespace weir::lab
