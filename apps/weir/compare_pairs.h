// weir compare --run: from two plans to their comparison.
#pragma once
#include "apps/weir/compare_flags.h"
#include "weir/compare/answer.h"

namespace weir::cli {

// Measures what the flags ask for (or what --resume holds), tells each step on stderr unless quiet,
// and keeps compare.json in the folder. Its exit is settled. kInterrupted when told to stop.
Result<compare::Answer> compare_pairs(const CompareFlags& flags, const compare::Gate& gate,
                                      const std::string& command);

}  // namespace weir::cli
