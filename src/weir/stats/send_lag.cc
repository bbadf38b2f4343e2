#include "weir/stats/send_lag.h"

#include <algorithm>
#include <cmath>

namespace weir::stats {
namespace {

// The lag's distribution as so many values, each as likely.
constexpr int kParts = 200;

Histogram less_lag(const Histogram& latency, const Histogram& lag) {
  Histogram left;
  for (int part = 0; part < kParts; ++part) {
    const int64_t late = lag.quantile((part + 0.5) / kParts);
    latency.for_each([&](int64_t low, int64_t high, int64_t count) {
      const int64_t middle = low + (std::min(high, latency.max()) - low) / 2;
      left.record(std::max<int64_t>(0, middle - late), count);
    });
  }
  return left;
}

}  // namespace

double send_lag_shift(const Histogram& latency, const Histogram& lag,
                      std::span<const double> quantiles, LagJoint joint) {
  if (latency.total() == 0 || lag.total() == 0) return 0;
  Histogram left;
  if (joint == LagJoint::kIndependent) left = less_lag(latency, lag);
  double shift = 0;
  for (const double q : quantiles) {
    const auto with = double(latency.quantile(q));
    const double without =
        joint == LagJoint::kIndependent ? double(left.quantile(q)) : with - double(lag.quantile(q));
    if (with > 0) shift = std::max(shift, std::min(1.0, std::abs(with - without) / with));
  }
  return shift;
}

}  // namespace weir::stats
