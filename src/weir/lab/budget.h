// How long the experiments of a plan and their steps last, and what they write. Pure functions.
//
// Three ways to run a plan: quick (an indication in about a minute and a half), within a budget
// (one full search, whose probes on the way are short and whose ends are confirmed at full length),
// and full (budget 0: every step at full length, nothing left out).
#pragma once
#include "weir/base/types.h"
#include "weir/lab/plan.h"
#include "weir/run/results.h"
#include "weir/stats/search.h"

namespace weir::lab {

// How long each experiment may take; 0: not at all.
struct Budget {
  Nanos load, scale, faults;
  Nanos total() const { return load + scale + faults; }
};
// In quick mode 40 and 20 s and 14 s a fault (of at least two) at a trigger of 200 ms (44, 20 and
// 17 where the pipeline is not the embedded one), in proportion to the steps' length beyond, for
// scale alone 6 s more, and as much as its cells need where events wait or cells are repeated; else
// the plan's budget in shares of 40, 20 and 40% over the experiments named. faults.assure takes
// what its repetitions need. Without a budget (full) what they will need, about.
Budget share_budget(const Plan& plan, bool quick);

// What the steps of each experiment keep on disk at a time, at most, in bytes; with `keep_data`,
// all of them together. Rates that are not known yet are taken as a million events per second.
struct PlannedBytes {
  double load = 0, scale = 0, faults = 0;
};
PlannedBytes planned_bytes_by_part(const Plan& plan, bool quick, bool keep_data);

// Length and warm-up of a load step. Quick: 6 s or 24 triggers after 20% of warm-up. Else
// max(load.step, 20 triggers) after the least warm-up.
struct StepLength {
  Nanos warmup, length;
};
StepLength load_step_length(const Plan& plan, bool quick);
// Of the probes on the way to the limit within a budget, and of the latency curve there: a third of
// load.step, at least 20 triggers, after the least warm-up.
StepLength probe_length(const Plan& plan);
// Of one look (1, 2, 3: as many times the measured length) at a probe of the search.
StepLength look_length(const Plan& plan, bool quick, stats::ProbePurpose purpose, int look);
// How often an undecided rate is looked at in a search: in full 3 times, else once.
int looks_max(const Plan& plan, bool quick);
// What a step takes beside its load: starting, draining, stopping.
Nanos step_overhead(const Plan& plan, bool quick);

// What a probe of a search must leave of its time: once there is an answer, enough to confirm both
// of its ends.
Nanos kept_for_confirmation(const Plan& plan, bool quick, const run::Load& load,
                            stats::ProbePurpose purpose);

// Windows of max(1 s, trigger) before a fault, and as many after it: 60, within a budget as many as
// its share holds, from 15 on.
int fault_windows(const Plan& plan);
// Of a step with a fault of this kind, about; and of the longest of the plan's kinds.
Nanos fault_step_length(const Plan& plan, bool quick, const std::string& kind);
Nanos fault_step_length(const Plan& plan, bool quick);
// Of a cell, warm-up included.
Nanos cell_length(const Plan& plan, bool quick);

}  // namespace weir::lab
