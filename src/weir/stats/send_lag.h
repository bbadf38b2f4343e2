// How far a generator's lateness moves the percentiles that are printed: docs/method.md, "Ceilings
// and send lag". Pure functions.
#pragma once
#include <span>

#include "weir/stats/histogram.h"

namespace weir::stats {

// Whether an event's lag tells anything of how long it waited afterwards.
enum class LagJoint {
  kIndependent,  // it waits for a trigger that knows nothing of it
  kTogether,     // it may: the events that were handed over latest may be the latest ones
};

// The largest change of a quantile, relative to it, when latency counts from hand-over instead of
// due. `latency` is visible - due and `lag` hand-over - due of the same events, in us. Independent:
// against the quantiles of latency - lag over all pairs. Together: quantile by quantile, which is
// never less than the truth where lag and wait rise together. 0 when nothing was recorded.
double send_lag_shift(const Histogram& latency, const Histogram& lag,
                      std::span<const double> quantiles, LagJoint joint);

}  // namespace weir::stats
