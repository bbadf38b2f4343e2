// Headroom and outages by arithmetic: fluid queue, constant rate, constant capacity. Pure
// functions.
#pragma once
#include <optional>

namespace weir::stats {

// Seconds until the backlog of an outage of `outage_s` is gone, D * lambda / (C - lambda), counted
// from the moment processing resumes. Empty when capacity <= rate: never.
std::optional<double> drain_seconds(double outage_s, double rate_eps, double capacity_eps);

// 1 - rate / capacity; negative when overloaded. capacity_eps > 0.
double headroom(double rate_eps, double capacity_eps);

// A pipeline under a constant rate that stands still once for stopped_s within an observed window.
struct Pause {
  double stopped_s = 0;
  double window_s = 0;     // length of the observed window in due time, >= stopped_s
  double trigger_s = 0;    // events otherwise wait uniformly on 0..trigger; 0: no wait
  double utilisation = 0;  // rate / capacity in [0, 1): how slowly the backlog goes. Above 0.5 a
                           // trigger grid delays the backlog by more than these formulas say.
};
// The share of events, counted in the second they were due, whose latency exceeds `latency_s`.
// Without a trigger an event due u after the stop waits stopped_s - u (1 - utilisation), until that
// is 0. With one, all that fell due in L = stopped_s + trigger_s / 2 (the phase of the stop is not
// known) is one batch of utilisation x L: such an event waits L (1 + utilisation) - u; what fell
// due during that batch is the next, of length L x utilisation, and so on down to the trigger. All
// other events wait uniformly on 0..trigger_s.
double share_later_than(const Pause& pause, double latency_s);
// The latency that a share 1 - quantile of the events exceeds, in seconds. With little utilisation
// and a window W, above the trigger: stopped_s + trigger_s / 2 - (1 - quantile) W. Error below 1e-9
// s.
double paused_latency_quantile(const Pause& pause, double quantile);

}  // namespace weir::stats
