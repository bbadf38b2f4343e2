#include "weir/stats/sizing.h"

#include <algorithm>

namespace weir::stats {

std::optional<double> drain_seconds(double outage_s, double rate_eps, double capacity_eps) {
  if (capacity_eps <= rate_eps) return std::nullopt;
  return outage_s * rate_eps / (capacity_eps - rate_eps);
}

double headroom(double rate_eps, double capacity_eps) { return 1 - rate_eps / capacity_eps; }

namespace {
// Seconds' worth of events, of those the stop delays, that are later than latency_s; and all of
// them.
struct Delayed {
  double late_s, all_s;
};
Delayed delayed_by_stop(const Pause& p, double latency_s) {
  const double u = p.utilisation;
  if (p.trigger_s <= 0) {
    const double all = p.stopped_s / (1 - u);
    return {std::clamp((p.stopped_s - latency_s) / (1 - u), 0.0, all), all};
  }
  // Batch after batch, each of what fell due during the one before, until they fit the trigger. The
  // first holds on average half a trigger of events from before the stop.
  Delayed sum{0, 0};
  if (p.stopped_s <= 0) return sum;
  for (double length = p.stopped_s + p.trigger_s / 2; length > p.trigger_s; length *= u) {
    sum.late_s += std::clamp(length * (1 + u) - latency_s, 0.0, length);
    sum.all_s += length;
  }
  return sum;
}
}  // namespace

double share_later_than(const Pause& p, double latency_s) {
  if (p.window_s <= 0) return 0;
  const auto [late, all] = delayed_by_stop(p, latency_s);
  const double waiting =
      p.trigger_s > 0 ? std::clamp(1 - latency_s / p.trigger_s, 0.0, 1.0) : latency_s < 0;
  const double others = std::max(0.0, p.window_s - all);
  return std::min(1.0, (late + others * waiting) / p.window_s);
}

double paused_latency_quantile(const Pause& p, double quantile) {
  double low = 0, high = 2 * std::max(p.stopped_s, p.trigger_s);
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (share_later_than(p, middle) > 1 - quantile ? low : high) = middle;
  }
  return high;
}

}  // namespace weir::stats
