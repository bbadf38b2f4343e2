// Moments, quantiles and confidence intervals of small samples. Pure functions; none throws. A
// sample too small for an answer gives an empty estimate whose `why` says so.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::stats {

// A figure with its uncertainty, as result.json prints it. Empty fields are printed null and `why`
// names the reason. Units are those of the data.
struct Estimate {
  std::optional<double> estimate, low, high;
  double level = 0.95;  // two-sided confidence of [low, high]
  int64_t n = 0;        // independent values it rests on
  std::string method;   // e.g. "t interval of the mean"
  std::string why;      // empty when nothing is missing
};

struct Moments {
  int64_t n = 0;
  double mean = 0;      // 0 when empty
  double variance = 0;  // divided by n - 1; 0 when n < 2
  double deviation() const;
};
// Welford's one-pass recurrence (Knuth, TAOCP vol. 2, 4.2.2): no cancellation for large means.
Moments moments(std::span<const double> values);

// The value at `quantile` (0..1) by linear interpolation between order statistics at (n - 1) q, as
// numpy and pandas do by default (type 7 of Hyndman & Fan 1996). Empty for no values. NaN must have
// been removed.
std::optional<double> quantile(std::vector<double> values, double quantile);

// mean +/- t(n-1) s / sqrt(n); needs n >= 2 for an interval.
Estimate mean_interval(std::span<const double> values, double level = 0.95);

// For positive quantities that vary by factors: the t interval of the mean of the logs, turned
// back; `estimate` is the geometric mean. Needs n >= 3 (Kalibera & Jones, ISMM 2013); a value <= 0
// or not finite gives an empty estimate.
Estimate log_interval(std::span<const double> values, double level = 0.95);

// Splits `values` into `blocks` consecutive blocks of equal whole size, the oldest n mod blocks
// values left out, and returns the block means. Empty when n < blocks.
std::vector<double> block_means(std::span<const double> values, int blocks);

}  // namespace weir::stats
