// What a rate must meet besides keeping up: --until "p99_ms <= 250". Pure functions.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/run/results.h"

namespace weir::lab {

// kUsage for what is no upper bound on a figure of a single step (objectives.h).
Status check_until(const std::vector<std::string>& until);

// Whether the step meets them all. Empty when one of its figures is not known. `why` says which is
// missed or unknown.
std::optional<bool> meets(const run::Step& step, const std::vector<std::string>& until,
                          std::string& why);

}  // namespace weir::lab
