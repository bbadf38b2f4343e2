// One page for several runs side by side: the same figures on the same axes, and what each target
// promises.
#pragma once
#include <string>
#include <vector>

#include "weir/run/folder.h"
#include "weir/run/results.h"

namespace weir::report {

struct StoredRun {
  run::RunResult result;
  std::string folder;
};
// Reads the result.json of a run's folder.
Result<StoredRun> read_run(const std::string& folder);

// "embedded + native", "Kafka + spark": the name of a run's target; runs of one target are told
// apart by their ids.
std::vector<std::string> names_of(const std::vector<StoredRun>& runs);

// The page. Runs whose conditions differ (workload, rates, trigger ...) are drawn all the same, and
// every difference is named at its top.
std::string many_page(const std::vector<StoredRun>& runs);

}  // namespace weir::report
