// The faults part of a plan: which kinds there are, what each needs of its target, and what may
// only be done with permission. docs/faults.md.
#pragma once
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/lab/fault.h"
#include "weir/lab/plan.h"

namespace weir::lab {

// One key of [faults.named.NAME]; false when there is no such key or its type differs. Of text and
// number exactly one is given.
bool set_named_fault(Plan& plan, const std::string& name, const std::string& key,
                     const std::string* text, const double* number);
// The named faults as an inline TOML table.
std::string named_faults_text(const Plan& plan);

// Leaves out of the default kinds what this target cannot have. What the plan names itself stays.
void settle_fault_kinds(Plan& plan);
// kUsage for a kind that there is not or that this target cannot have, an incomplete named fault,
// or a condition that cannot be read.
Status check_faults(const Plan& plan);

// How often each kind is repeated: what faults.assure needs; without it faults.repetitions, in
// quick mode once.
int planned_repetitions(const Plan& plan, bool quick);

// What the plan would do to systems that weir did not start, one line each; empty: nothing. Such a
// plan runs only with --allow-faults.
std::vector<std::string> faults_on_others(const Plan& plan);

// Whether a fault of this kind needs weir's proxy between engine and broker; and whether the plan
// has one.
bool goes_over_link(const std::string& kind);
bool needs_link(const Plan& plan);

// The fault of this kind as the plan has it; after and phase are left to the caller.
FaultSpec fault_spec(const Plan& plan, const std::string& kind, int repetition);

}  // namespace weir::lab
