// The exact signed-rank test and its estimate of location: what a few pairs say without assuming a
// distribution. Pure functions; none throws. Differences must be finite.
#pragma once
#include <cstdint>
#include <span>

#include "weir/stats/interval.h"

namespace weir::stats {

// More differences than this are refused: the exact distribution is not needed there.
inline constexpr int64_t kSignedRankMax = 200;

// Wilcoxon (1945). Differences of 0 are left out, equal sizes share their mean rank, and the
// distribution is that of all 2^n ways to sign the ranks there are (the shift algorithm of
// Streitberg & Röhmel, 1986), so p is exact with ties too.
struct SignedRank {
  int64_t n = 0, zeros = 0;  // differences that are not 0; those that are
  double plus = 0;           // sum of the ranks of the positive differences
  double p = 1;              // two-sided: twice the smaller tail, at most 1
  double p_positive = 1;     // one-sided: differences tend to be positive
};
// n = 0 and p = 1 for more than kSignedRankMax differences.
SignedRank signed_rank(std::span<const double> differences);

// Hodges & Lehmann (1963): the median of the n (n + 1) / 2 averages of two differences (each with
// itself too), and the interval between the averages that the test at 1 - level does not reject
// (Hollander & Wolfe, Nonparametric Statistical Methods, 3.3). The result's level is the exact one
// reached, at least `level`; with ties it is conservative. Fewer than 6 differences cannot give 95%
// and have no interval.
Estimate hodges_lehmann(std::span<const double> differences, double level = 0.95);

// The exact sign test: two-sided p of `one` against `other` pairs that differ in one direction and
// in the other, if both were as likely (of yes and no it is McNemar's test, 1947). Pairs that do
// not differ do not count.
double sign_test(int64_t one, int64_t other);

}  // namespace weir::stats
