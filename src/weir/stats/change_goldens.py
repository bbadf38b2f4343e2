#!/usr/bin/env python3
"""Writes change_goldens.h: reference values from scipy and statsmodels for change_test.cc and
signed_rank_test.cc.

Run by hand when a table changes: python3 change_goldens.py > change_goldens.h
Last made with scipy 1.17.1, numpy 2.4.6, statsmodels 0.15.0.
"""
import itertools

import numpy
import scipy
import statsmodels
from scipy import stats
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.power import TTestPower

BEFORE = [0.731, 0.712, 0.744, 0.728, 0.760, 0.719, 0.735]
AFTER = [0.802, 0.769, 0.841, 0.797, 0.802, 0.793, 0.733]
OTHER = [0.790, 0.812, 0.781, 0.840, 0.805]
TIED = [3.0, -1.0, 1.0, 0.0, 2.0, 2.0, -2.0, 5.0, 4.0, 1.0]


def number(value):
    return repr(float(value))


def array(name, values):
    print(f"inline constexpr double {name}[] = {{{', '.join(map(number, values))}}};")


def table(name, comment, columns, rows):
    print(f"// {comment}")
    print(f"struct {name}Row {{\n  double {', '.join(columns)};\n}};")
    print(f"inline constexpr {name}Row k{name}[] = {{")
    for row in rows:
        print("    {" + ",\n     ".join(map(number, row)) + "},")
    print("};\n")


def enumerate_signs(differences):
    """W+ and its exact tails, over all signs of the mid-ranks there are."""
    kept = [d for d in differences if d != 0]
    ranks = stats.rankdata(numpy.abs(kept))
    plus = sum(r for r, d in zip(ranks, kept) if d > 0)
    sums = [sum(r for r, s in zip(ranks, signs) if s)
            for signs in itertools.product((0, 1), repeat=len(kept))]
    below = sum(s <= plus for s in sums) / len(sums)
    above = sum(s >= plus for s in sums) / len(sums)
    return plus, min(1, 2 * min(below, above)), above


print("// Made by change_goldens.py from scipy "
      f"{scipy.__version__}, numpy {numpy.__version__} and statsmodels {statsmodels.__version__}.")
print("// Do not edit.\n// clang-format off")
print("#pragma once\n\nnamespace weir::stats::golden {\n")
for name, values in (("kBefore", BEFORE), ("kAfter", AFTER), ("kOther", OTHER), ("kTied", TIED)):
    array(name, values)
print()

x, y, z = numpy.log(BEFORE), numpy.log(AFTER), numpy.log(OTHER)
paired = stats.ttest_rel(y, x)
low, high = stats.t.interval(0.95, len(x) - 1, (y - x).mean(), stats.sem(y - x))
table("PairedT", "scipy.stats.ttest_rel of the logs; its interval as ratios",
      ["t", "p", "ratio", "low", "high"],
      [(paired.statistic, paired.pvalue, numpy.exp((y - x).mean()), numpy.exp(low),
        numpy.exp(high))])
welch = stats.ttest_ind(z, x, equal_var=False)
a, b = x.var(ddof=1) / len(x), z.var(ddof=1) / len(z)
degrees = (a + b) ** 2 / (a ** 2 / (len(x) - 1) + b ** 2 / (len(z) - 1))
half = stats.t.ppf(0.975, degrees) * numpy.sqrt(a + b)
middle = z.mean() - x.mean()
table("WelchT", "scipy.stats.ttest_ind(equal_var=False) of the logs; its interval as ratios",
      ["t", "p", "degrees", "low", "high"],
      [(welch.statistic, welch.pvalue, degrees, numpy.exp(middle - half),
        numpy.exp(middle + half))])
edge = numpy.log(1.03)
table("Beyond", "two-sided p of the mean log ratio against log(1.03): scipy.stats.ttest_1samp",
      ["p"], [(stats.ttest_1samp(y - x, edge).pvalue,)])

wilcoxon = stats.wilcoxon(y - x, mode="exact")
table("Wilcoxon", "scipy.stats.wilcoxon(mode=exact) of the logs' differences", ["p", "p_positive"],
      [(wilcoxon.pvalue, stats.wilcoxon(y - x, mode="exact", alternative="greater").pvalue)])
table("TiedRanks", "every sign of the mid-ranks of kTied, enumerated", ["plus", "p", "p_positive"],
      [enumerate_signs(TIED)])

P = [0.01, 0.04, 0.03, 0.005, 0.2, 0.011, 0.9]
array("kPValues", P)
array("kHolm", multipletests(P, method="holm")[1])
print()

table("Power", "1 - scipy.stats.nct.cdf(t(0.975), n - 1, distance sqrt(n) / spread)",
      ["distance", "spread", "n", "power"],
      [(d, s, n, stats.nct.sf(stats.t.ppf(0.975, n - 1), n - 1, d * numpy.sqrt(n) / s))
       for d, s in ((0.05, 0.03), (0.02, 0.05), (0.18, 0.1), (0.0, 0.1)) for n in (3, 7, 20, 200)])
table("PairsNeeded", "statsmodels TTestPower.solve_power(power=0.8), two-sided, rounded up",
      ["effect", "n"],
      [(e, numpy.ceil(TTestPower().solve_power(effect_size=e, alpha=0.05, power=0.8)))
       for e in (0.2, 0.35, 0.5, 0.8, 1.2)])
print("}  // namespace weir::stats::golden")
