#include "weir/stats/sizing.h"

#include <algorithm>

namespace weir::stats {

std::optional<double> drain_seconds(double outage_s, double rate_eps, double capacity_eps) {
  if (capacity_eps <= rate_eps) return std::nullopt;
  return outage_s * rate_eps / (capacity_eps - rate_eps);
}

double headroom(double rate_eps, double capacity_eps) { return 1 - rate_eps / capacity_eps; }

double share_later_than(const Pause& p, double latency_s) {
  if (p.window_s <= 0) return 0;
  // Events due while the stop still delays them: at u after it began, stopped - u (1 - utilisation).
  const double delayed_s = std::min(p.stopped_s / (1 - p.utilisation), p.window_s);
  const double late_s = std::clamp((p.stopped_s - latency_s) / (1 - p.utilisation), 0.0, delayed_s);
  const double waiting =
      p.trigger_s > 0 ? std::clamp(1 - latency_s / p.trigger_s, 0.0, 1.0) : latency_s < 0;
  return (late_s + (p.window_s - late_s) * waiting) / p.window_s;
}

double paused_latency_quantile(const Pause& p, double quantile) {
  double low = 0, high = std::max(p.stopped_s, p.trigger_s);
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    (share_later_than(p, middle) > 1 - quantile ? low : high) = middle;
  }
  return high;
}

}  // namespace weir::stats
