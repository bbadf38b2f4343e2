// How much one system differs from another, as a ratio, and whether that is better, worse, within
// what is allowed, or cannot be told. Pure functions; none throws.
//
// Everything happens on the natural logarithm of after / before, so that twice and half as much are
// equally far from no change. An allowed change of m reaches from 1 / (1 + m) to 1 + m.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "weir/stats/interval.h"

namespace weir::stats {

enum class ChangeVerdict { kBetter, kWorse, kWithin, kCannotTell };
const char* to_text(ChangeVerdict verdict);  // "better", "worse", "within", "cannot tell"

// Mean log ratio with its standard error. `spread` is the standard deviation of one pair's log
// ratio (of unpaired sides: what it would be, had they been paired at random).
struct LogChange {
  double mean = 0, error = 0, degrees = 0, spread = 0;
  int64_t n = 0;  // pairs; of unpaired sides the smaller one
};
// Pairs measured together: before[i] with after[i]. Empty unless there are n >= 3 of each, all
// positive and finite.
std::optional<LogChange> paired_change(std::span<const double> before,
                                       std::span<const double> after);
// Sides measured independently: Welch's t with Satterthwaite's degrees of freedom (Welch 1947).
// Empty unless both have n >= 3 positive, finite values.
std::optional<LogChange> unpaired_change(std::span<const double> before,
                                         std::span<const double> after);

// The t interval, turned back into a ratio.
Estimate ratio_interval(const LogChange& change, double level = 0.95);

// `side` is where the estimate lies; `p` the smallest alpha at which the two-sided t interval at
// 1 - alpha lies wholly on that side of the allowed change's ends. So the verdict at 95% is `side`
// where p < 0.05, else "cannot tell". For "worse" and "better" that is the t test against the
// allowed change; for "within" the interval inclusion that Schuirmann (1987) shows to be two
// one-sided tests, here at 2.5% each.
struct ChangeTest {
  ChangeVerdict side = ChangeVerdict::kCannotTell;
  double p = 1;
};
ChangeTest test_change(const LogChange& change, double allowed, bool less_is_better);

// Bounds of after / before from the bounds of both: [low_after / high_before, high_after /
// low_before]. Its level is what is left of both (Bonferroni). Empty with the reason where one has
// none.
Estimate bounds_ratio(const Estimate& before, const Estimate& after);
// Where a whole interval of a ratio lies.
ChangeVerdict place_interval(const Estimate& ratio, double allowed, bool less_is_better);

// Holm (1979): p values of m tests, adjusted so that the chance of one false claim among all stays
// below alpha when claims need adjusted p < alpha. In the order given.
std::vector<double> holm(std::span<const double> p);

// The chance that n pairs of this spread (of log ratios) put the t interval at `level` wholly above
// a point that lies `distance` below the truth: 1 - the cdf of the noncentral t. n >= 2.
double t_power(double distance, double spread, int64_t n, double level = 0.95);

// The least number of pairs, all measured afresh, that decide with `power` if the truth is what was
// estimated; at most kPairsMax, else empty: the estimate is too close to the allowed change's end.
inline constexpr int64_t kPairsMax = 1000;
std::optional<int64_t> pairs_to_decide(const LogChange& change, double allowed, double level = 0.95,
                                       double power = 0.8);
// The smallest true ratio above 1 that n pairs call worse (or better) than allowed, with `power`.
double smallest_change(double spread, int64_t n, double allowed, double level = 0.95,
                       double power = 0.8);

// Of pairs of one system against itself: the share of all ways to swap the sides within pairs (all
// 2^n up to n = 16, else 65,536 drawn from `seed`) that the t interval at `level` would call
// different from no change at all. About 1 - level when the method fits the noise. n >= 3.
double swapped_called_different(std::span<const double> log_ratios, double level, uint64_t seed);

// The interval that one more value is expected in, by the t interval of the logs: mean +/- t s
// sqrt(1 + 1/n) (Hahn & Meeker, Statistical Intervals). n >= 3 positive values.
Estimate log_prediction(std::span<const double> values, double level = 0.95);

}  // namespace weir::stats
