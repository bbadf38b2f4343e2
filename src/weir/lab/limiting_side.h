// What a step that falls behind had no more of: docs/method.md, "The limiting side". By what the
// step left alone; no clock, no processes.
#pragma once
#include <string>
#include <vector>

#include "weir/lab/step.h"
#include "weir/run/results.h"

namespace weir::lab {

// Everything that the evidence names, the likeliest first; `step` has its rates and CPU seconds
// already, [from, to) is its measured time. Empty: nothing was at its limit.
std::vector<run::Limit> limits_of(const StepData& data, const run::Step& step, Nanos from,
                                  Nanos to);

// In one phrase: "cores: 1.9 of 2 in use (...); skew: ...".
std::string limits_text(const std::vector<run::Limit>& limits, const StepData& data,
                        const run::Step& step);

}  // namespace weir::lab
