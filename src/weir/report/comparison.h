// What two or more stored runs have in common, and what not. Pure functions.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "weir/run/results.h"

namespace weir::report {

// Where the runs' conditions differ (workload, guarantee, trigger, rates, partitions, mode): a
// sentence each. What a target is (broker, engine, versions) is no difference of conditions.
std::vector<std::string> differences(const std::vector<const run::RunResult*>& runs);

struct Change {
  std::string what;
  double before = 0, after = 0;
  std::optional<double> low, high;  // of after / before
  std::string verdict, why;         // better | worse | cannot tell
};
// Changes from `before` to `after` of what both measured: sustainable rates by their bounds
// [low_B / high_A, high_B / low_A], p99 at the rates both offered, the times after faults. One run
// of each has no interval but where bounds were confirmed: then the answer is "cannot tell".
std::vector<Change> changes(const run::RunResult& before, const run::RunResult& after);

}  // namespace weir::report
