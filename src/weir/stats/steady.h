// Where warm-up ends. Pure functions.
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "weir/base/types.h"

namespace weir::stats {

// The least warm-up of a step: max(5 s, 3 triggers), on a JVM max(15 s, 20 triggers).
// trigger 0: none.
Nanos least_warm_up(Nanos trigger, bool on_jvm);

// 20% of the step, as in quick mode; method text "fixed 20%".
Nanos fixed_warm_up(Nanos step_length);

struct WarmUp {
  std::optional<size_t> cut;  // values before this index belong to warm-up; empty: did not settle
  std::string reason;         // one sentence
};
// The smallest cut in [least_cut, n / 2] after which the first 30% and the last 50% of 10 equal
// blocks agree: a t test on the block means, two-sided, with the variance of the last five (4
// degrees of freedom), not rejected at 1 - level. Geweke (1992) compares the first 10% and the last
// 50% of a Markov chain so; ten blocks of a step allow no window shorter than 30%. `values` is
// evenly spaced in time (per-second or per-batch latency or duration). Fewer than 10 values after a
// cut: did not settle.
WarmUp find_warm_up(std::span<const double> values, size_t least_cut, double level = 0.95);

}  // namespace weir::stats
