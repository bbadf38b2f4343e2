// From what a step left to what is said of it: docs/method.md. No clock, no processes.
#pragma once
#include "weir/base/result.h"
#include "weir/lab/step.h"
#include "weir/run/results.h"
#include "weir/stats/verdict.h"

namespace weir::lab {

// `quick`: an indication; warm-up is as the spec says instead of being found in the data.
run::Step judge_step(const StepData& data, bool quick);
run::Fault judge_fault(const StepData& data, int repetition, bool quick);

// Backlog just after each visible result: events due minus events seen.
std::vector<stats::BacklogSample> backlog_of(const StepData& data);
// The same as the time that the load is behind, in events at its mean rate: what a steady pipeline
// keeps level however the rate changes. Of a steady load it is backlog_of() itself.
std::vector<stats::BacklogSample> backlog_as_delay(const StepData& data);

// latency.hlog, audit.json, timeline.json, progress.jsonl of a step, into its folder.
Status write_step_files(const StepData& data);

}  // namespace weir::lab
