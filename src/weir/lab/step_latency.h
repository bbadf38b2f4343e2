// The event latency of a step, and how sure each percentile is (docs/method.md, "Which percentiles
// are printed"). Pure functions; `from` and `to` bound the measured time.
#pragma once
#include <map>
#include <string>

#include "weir/lab/step.h"
#include "weir/run/results.h"
#include "weir/stats/histogram.h"

namespace weir::lab {

// Of the events due in windows that lie in the measured time.
Histogram merged_latency(const StepData& data, Nanos from, Nanos to);
// Percentiles that enough batches bear, others empty with the reason.
run::Latency latency_of(const StepData& data, Nanos from, Nanos to);
// By name ("p99_ms") the 95% interval of each percentile that `latency` holds; none where events
// never became visible.
std::map<std::string, run::Estimate> latency_intervals(const StepData& data, Nanos from, Nanos to,
                                                       const run::Latency& latency);

}  // namespace weir::lab
