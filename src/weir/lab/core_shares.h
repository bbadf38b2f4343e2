// How a run shares out the cores of its machine: some for the pipeline under test, the others for
// what measures it, so that neither takes the other's.
#pragma once
#include <string>

#include "weir/base/result.h"
#include "weir/sys/cores.h"

namespace weir::lab {

struct CoreShares {
  Cores weir, target;  // both empty: everything shares all
};
// What `target_cores` of a plan comes to on a machine with these cores. kUsage where one of the two
// would have none, or a core is named that cannot be used.
Result<CoreShares> share_cores(const std::string& target_cores, const Cores& usable);

// As --pin shares them: a quarter of the cores, at least one, for weir, the others for the target,
// as text of target.cores. kUsage where there is only one.
Result<std::string> pinned_cores(const Cores& usable);

}  // namespace weir::lab
