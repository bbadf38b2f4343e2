// Made by change_goldens.py from scipy 1.17.1, numpy 2.4.6 and statsmodels 0.15.0.
// Do not edit.
// clang-format off
#pragma once

namespace weir::stats::golden {

inline constexpr double kBefore[] = {0.731, 0.712, 0.744, 0.728, 0.76, 0.719, 0.735};
inline constexpr double kAfter[] = {0.802, 0.769, 0.841, 0.797, 0.802, 0.793, 0.733};
inline constexpr double kOther[] = {0.79, 0.812, 0.781, 0.84, 0.805};
inline constexpr double kTied[] = {3.0, -1.0, 1.0, 0.0, 2.0, 2.0, -2.0, 5.0, 4.0, 1.0};

// scipy.stats.ttest_rel of the logs; its interval as ratios
struct PairedTRow {
  double t, p, ratio, low, high;
};
inline constexpr PairedTRow kPairedT[] = {
    {4.965840484678806,
     0.0025373800049113826,
     1.0789378666777623,
     1.0392917553883019,
     1.1200963676616729},
};

// scipy.stats.ttest_ind(equal_var=False) of the logs; its interval as ratios
struct WelchTRow {
  double t, p, degrees, low, high;
};
inline constexpr WelchTRow kWelchT[] = {
    {6.320237461858042,
     0.0003452471324998143,
     7.2400864734112504,
     1.0613227810025687,
     1.1387320013952373},
};

// two-sided p of the mean log ratio against log(1.03): scipy.stats.ttest_1samp
struct BeyondRow {
  double p;
};
inline constexpr BeyondRow kBeyond[] = {
    {0.022982773063983608},
};

// scipy.stats.wilcoxon(mode=exact) of the logs' differences
struct WilcoxonRow {
  double p, p_positive;
};
inline constexpr WilcoxonRow kWilcoxon[] = {
    {0.03125,
     0.015625},
};

// every sign of the mid-ranks of kTied, enumerated
struct TiedRanksRow {
  double plus, p, p_positive;
};
inline constexpr TiedRanksRow kTiedRanks[] = {
    {38.0,
     0.08203125,
     0.041015625},
};

inline constexpr double kPValues[] = {0.01, 0.04, 0.03, 0.005, 0.2, 0.011, 0.9};
inline constexpr double kHolm[] = {0.06, 0.12, 0.12, 0.035, 0.4, 0.06, 0.9};

// 1 - scipy.stats.nct.cdf(t(0.975), n - 1, distance sqrt(n) / spread)
struct PowerRow {
  double distance, spread, n, power;
};
inline constexpr PowerRow kPower[] = {
    {0.05,
     0.03,
     3.0,
     0.3671471788557472},
    {0.05,
     0.03,
     7.0,
     0.9534394742168272},
    {0.05,
     0.03,
     20.0,
     0.9999998142689767},
    {0.05,
     0.03,
     200.0,
     1.0},
    {0.02,
     0.05,
     3.0,
     0.0646041673088424},
    {0.02,
     0.05,
     7.0,
     0.14407197209055214},
    {0.02,
     0.05,
     20.0,
     0.3968695468518149},
    {0.02,
     0.05,
     200.0,
     0.9998784464517431},
    {0.18,
     0.1,
     3.0,
     0.4085225040422382},
    {0.18,
     0.1,
     7.0,
     0.9749874325310103},
    {0.18,
     0.1,
     20.0,
     0.9999999916309946},
    {0.18,
     0.1,
     200.0,
     1.0},
    {0.0,
     0.1,
     3.0,
     0.02500000000000002},
    {0.0,
     0.1,
     7.0,
     0.024999999999999717},
    {0.0,
     0.1,
     20.0,
     0.025000000000000043},
    {0.0,
     0.1,
     200.0,
     0.025000000000000022},
};

// statsmodels TTestPower.solve_power(power=0.8), two-sided, rounded up
struct PairsNeededRow {
  double effect, n;
};
inline constexpr PairsNeededRow kPairsNeeded[] = {
    {0.2,
     199.0},
    {0.35,
     67.0},
    {0.5,
     34.0},
    {0.8,
     15.0},
    {1.2,
     8.0},
};

}  // namespace weir::stats::golden
