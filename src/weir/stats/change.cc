#include "weir/stats/change.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

#include "weir/base/check.h"
#include "weir/stats/student.h"

namespace weir::stats {
namespace {

std::optional<std::vector<double>> logs_of(std::span<const double> values) {
  std::vector<double> logs;
  for (const double value : values) {
    if (!(value > 0) || !std::isfinite(value)) return std::nullopt;
    logs.push_back(std::log(value));
  }
  if (logs.size() < 3) return std::nullopt;
  return logs;
}

// The side of [-edge, edge] on which a log ratio lies.
ChangeVerdict side_of(double log_ratio, double edge, bool less_is_better) {
  if (std::abs(log_ratio) <= edge) return ChangeVerdict::kWithin;
  return (log_ratio < 0) == less_is_better ? ChangeVerdict::kBetter : ChangeVerdict::kWorse;
}

double normal_cdf(double z) { return std::erfc(-z / std::sqrt(2.0)) / 2; }

// P(T > at) of the noncentral t: the normal tail averaged over the chi density of the standard
// deviation's error, u = s / sigma, by Simpson's rule where that density is not negligible.
double noncentral_t_above(double at, double degrees, double noncentrality) {
  const double wide = 10 / std::sqrt(2 * degrees);
  const double from = std::max(0.0, 1 - wide), to = 1 + wide;
  const double front =
      std::log(2.0) + degrees / 2 * std::log(degrees / 2) - std::lgamma(degrees / 2);
  constexpr int kSteps = 2000;  // even
  double sum = 0;
  for (int i = 0; i <= kSteps; ++i) {
    const double u = from + (to - from) * i / kSteps;
    if (u <= 0) continue;
    const double density = std::exp(front + (degrees - 1) * std::log(u) - degrees * u * u / 2);
    const int weight = i == 0 || i == kSteps ? 1 : i % 2 == 1 ? 4 : 2;
    sum += weight * density * normal_cdf(noncentrality - at * u);
  }
  return std::clamp(sum * (to - from) / kSteps / 3, 0.0, 1.0);
}

double critical_t(int64_t n, double level) {
  return student_t_quantile(0.5 + level / 2, double(n - 1));
}

}  // namespace

const char* to_text(ChangeVerdict verdict) {
  switch (verdict) {
    case ChangeVerdict::kBetter:
      return "better";
    case ChangeVerdict::kWorse:
      return "worse";
    case ChangeVerdict::kWithin:
      return "within";
    case ChangeVerdict::kCannotTell:
      break;
  }
  return "cannot tell";
}

std::optional<LogChange> paired_change(std::span<const double> before,
                                       std::span<const double> after) {
  if (before.size() != after.size()) return std::nullopt;
  auto differences = logs_of(after);
  const auto logs_before = logs_of(before);
  if (!differences || !logs_before) return std::nullopt;
  for (size_t i = 0; i < differences->size(); ++i) (*differences)[i] -= (*logs_before)[i];
  const Moments m = moments(*differences);
  return LogChange{m.mean, m.deviation() / std::sqrt(double(m.n)), double(m.n - 1), m.deviation(),
                   m.n};
}

std::optional<LogChange> unpaired_change(std::span<const double> before,
                                         std::span<const double> after) {
  const auto x = logs_of(before), y = logs_of(after);
  if (!x || !y) return std::nullopt;
  const Moments a = moments(*x), b = moments(*y);
  const double share_a = a.variance / double(a.n), share_b = b.variance / double(b.n);
  LogChange change;
  change.mean = b.mean - a.mean;
  change.error = std::sqrt(share_a + share_b);
  const double below = share_a * share_a / double(a.n - 1) + share_b * share_b / double(b.n - 1);
  change.degrees = below > 0 ? change.error * change.error * change.error * change.error / below
                             : double(a.n + b.n - 2);
  change.spread = std::sqrt(a.variance + b.variance);
  change.n = std::min(a.n, b.n);
  return change;
}

Estimate ratio_interval(const LogChange& change, double level) {
  Estimate e{.level = level, .n = change.n, .method = "t interval of the mean log ratio"};
  const double half = student_t_quantile(0.5 + level / 2, change.degrees) * change.error;
  e.estimate = std::exp(change.mean);
  e.low = std::exp(change.mean - half);
  e.high = std::exp(change.mean + half);
  return e;
}

ChangeTest test_change(const LogChange& change, double allowed, bool less_is_better) {
  const double edge = std::log1p(allowed);
  const double distance = std::abs(std::abs(change.mean) - edge);
  ChangeTest test{side_of(change.mean, edge, less_is_better), 1};
  if (change.error > 0)
    test.p = 2 * student_t_cdf(-distance / change.error, change.degrees);
  else if (distance > 0)
    test.p = 0;
  return test;
}

Estimate bounds_ratio(const Estimate& before, const Estimate& after) {
  Estimate e{.level = std::max(0.0, before.level + after.level - 1),
             .n = std::min(before.n, after.n),
             .method = "ratio of the bounds of both"};
  if (before.estimate && after.estimate && *before.estimate > 0)
    e.estimate = *after.estimate / *before.estimate;
  if (!before.low || !before.high || !after.low || !after.high || !(*before.low > 0)) {
    e.why = "at least one of the two has no bounds";
    return e;
  }
  e.low = *after.low / *before.high;
  e.high = *after.high / *before.low;
  return e;
}

ChangeVerdict place_interval(const Estimate& ratio, double allowed, bool less_is_better) {
  if (!ratio.low || !ratio.high || !(*ratio.low > 0)) return ChangeVerdict::kCannotTell;
  const double edge = std::log1p(allowed);
  const auto low = side_of(std::log(*ratio.low), edge, less_is_better);
  const auto high = side_of(std::log(*ratio.high), edge, less_is_better);
  return low == high ? low : ChangeVerdict::kCannotTell;
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<size_t> order(p.size());
  std::iota(order.begin(), order.end(), size_t(0));
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size());
  double highest = 0;
  for (size_t rank = 0; rank < order.size(); ++rank) {
    highest = std::max(highest, double(p.size() - rank) * p[order[rank]]);
    adjusted[order[rank]] = std::min(1.0, highest);
  }
  return adjusted;
}

double t_power(double distance, double spread, int64_t n, double level) {
  WEIR_CHECK_LT(1, n);
  if (!(spread > 0)) return distance > 0 ? 1 : 0;
  return noncentral_t_above(critical_t(n, level), double(n - 1),
                            distance * std::sqrt(double(n)) / spread);
}

std::optional<int64_t> pairs_to_decide(const LogChange& change, double allowed, double level,
                                       double power) {
  const double edge = std::log1p(allowed), size = std::abs(change.mean);
  const auto decides = [&](int64_t n) {
    if (size > edge) return t_power(size - edge, change.spread, n, level) >= power;
    // Both ends must be cleared; what either misses adds up at most (Bonferroni).
    return t_power(edge - size, change.spread, n, level) +
               t_power(edge + size, change.spread, n, level) - 1 >=
           power;
  };
  if (!decides(kPairsMax)) return std::nullopt;
  int64_t low = 2, high = kPairsMax;  // never fewer than 3: the interval needs them
  while (high - low > 1) {
    const int64_t middle = (low + high) / 2;
    (decides(middle) ? high : low) = middle;
  }
  return high;
}

double smallest_change(double spread, int64_t n, double allowed, double level, double power) {
  if (!(spread > 0)) return 1 + allowed;
  double low = 0, high = spread;
  while (t_power(high, spread, n, level) < power) high *= 2;
  for (int i = 0; i < 60; ++i) {
    const double middle = (low + high) / 2;
    (t_power(middle, spread, n, level) < power ? low : high) = middle;
  }
  return (1 + allowed) * std::exp(high);
}

double swapped_called_different(std::span<const double> log_ratios, double level, uint64_t seed) {
  const int64_t n = int64_t(log_ratios.size());
  WEIR_CHECK_LT(2, n);
  constexpr uint64_t kDrawn = 65'536;
  const bool all = n <= 16;
  const uint64_t ways = all ? uint64_t(1) << n : kDrawn;
  std::mt19937_64 random(seed);
  const double limit = critical_t(n, level);
  double squares = 0;
  for (const double ratio : log_ratios) squares += ratio * ratio;
  uint64_t different = 0;
  for (uint64_t way = 0; way < ways; ++way) {
    double sum = 0;
    uint64_t signs = way;
    for (int64_t i = 0; i < n; ++i) {
      if (!all && i % 64 == 0) signs = random();
      sum += signs & 1 ? log_ratios[size_t(i)] : -log_ratios[size_t(i)];
      signs >>= 1;
    }
    // t = mean / (s / sqrt(n)), with the squares that no swap changes.
    const double mean = sum / double(n);
    const double variance = std::max(0.0, squares - double(n) * mean * mean) / double(n - 1);
    different += std::abs(mean) * std::sqrt(double(n)) > limit * std::sqrt(variance);
  }
  return double(different) / double(ways);
}

Estimate log_prediction(std::span<const double> values, double level) {
  Estimate e{.level = level,
             .n = int64_t(values.size()),
             .method = "t prediction interval of one more log"};
  const auto logs = logs_of(values);
  if (!logs) {
    e.why = values.size() < 3 ? "fewer than 3 values" : "not all values are positive numbers";
    return e;
  }
  const Moments m = moments(*logs);
  const double half = critical_t(m.n, level) * m.deviation() * std::sqrt(1 + 1 / double(m.n));
  e.estimate = std::exp(m.mean);
  e.low = std::exp(m.mean - half);
  e.high = std::exp(m.mean + half);
  return e;
}

}  // namespace weir::stats
