// offered.csv of a step whose generator was killed and started again: one file in the end.
#pragma once
#include <string>

#include "weir/base/result.h"

namespace weir::lab {

// Before a second generator writes into `folder`: puts the first one's rows aside.
Status set_offered_aside(const std::string& folder);
// Puts them in front of the second one's rows; nothing where none were put aside.
Status join_offered(const std::string& folder);

}  // namespace weir::lab
