// The ledgers that the producers of a step left in its folder.
#pragma once
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/event/ledger.h"

namespace weir::lab {

// Every ledger-*.bin of `folder` and of its generators' folders, by producer number. Fails when one
// cannot be read, which for a moment may be so while its producer starts.
Result<std::vector<Ledger>> read_ledgers(const std::string& folder);

uint64_t count(const std::vector<Ledger>& ledgers, Outcome outcome);

}  // namespace weir::lab
