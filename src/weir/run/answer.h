// The step that a load experiment's answer rests on. Pure.
#pragma once
#include "weir/run/results.h"

namespace weir::run {

// The last step at the rate that a search found: the one that confirmed it. Without a search, or an
// answer, the highest that kept up; null when none did. Lives as long as `load`.
const Step* answer_step(const Load& load);

}  // namespace weir::run
