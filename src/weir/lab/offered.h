// What the generators of a step offered: its schedule, and the files that several of them left, as
// those of one.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/lab/step.h"
#include "weir/load/schedule.h"

namespace weir::lab {

// When the events of a step that starts then were due. spec.rate_eps is above 0.
load::Schedule schedule_of(const StepSpec& spec, Nanos start);

// How many events of the step were due until `at`, none of them after its load ended.
double events_due(const StepData& data, Nanos at);

// Folders in `folder` that generators beside the first write to, sorted; empty when there was one
// process and it was not killed.
std::vector<std::string> generator_folders(const std::string& folder);

// hand-over - due of the events due in each second, in us; empty where an older version left none.
std::map<int64_t, Histogram> send_lags(const std::string& folder);

// Once all have ended: their seconds and ledgers become the step's own, their folders go.
Status join_generators(const std::string& folder);

}  // namespace weir::lab
