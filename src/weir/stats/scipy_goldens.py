#!/usr/bin/env python3
"""Writes scipy_goldens.h: reference values from scipy and numpy for the unit tests beside it.

Run by hand when a table changes: python3 scipy_goldens.py > scipy_goldens.h
Last made with scipy 1.10.1, numpy 1.24.2, mpmath 1.2.1.
"""
import textwrap

import mpmath
import numpy
from scipy import special, stats


def t_quantile(p, degrees):
    """To 30 digits; scipy 1.10's own t.ppf is good to 1e-9 only."""
    mpmath.mp.dps = 30
    half = mpmath.mpf(degrees) / 2

    def tail(t):
        return mpmath.betainc(half, mpmath.mpf(1) / 2, 0, degrees / (degrees + t * t),
                              regularized=True) / 2

    low = min(mpmath.mpf(p), 1 - mpmath.mpf(p))
    guess = abs(stats.t.ppf(float(low), degrees))
    t = mpmath.findroot(lambda x: tail(x) - low, guess)
    return float(t if p > 0.5 else -t)


def table(name, comment, columns, rows):
    print(f"// {comment}")
    print(f"struct {name}Row {{\n  double {', '.join(columns)};\n}};")
    print(f"inline constexpr {name}Row k{name}[] = {{")
    for row in rows:
        cells = "{" + ", ".join(repr(float(value)) for value in row) + "},"
        print(textwrap.fill(cells, 100, initial_indent="    ", subsequent_indent="     "))
    print("};\n")


print("// Made by scipy_goldens.py from scipy, numpy and mpmath. Do not edit.")
print("#pragma once\n\nnamespace weir::stats::golden {\n")

table("TQuantiles", "Student's t by mpmath", ["p", "degrees", "t"],
      [(p, d, t_quantile(p, d)) for d in (1, 2, 3, 5, 7, 7.31, 9, 30, 119, 1000)
       for p in (0.0005, 0.025, 0.3, 0.6, 0.95, 0.975, 0.995)])
table("TCdf", "scipy.stats.t.cdf(t, degrees)", ["t", "degrees", "p"],
      [(t, d, stats.t.cdf(t, d)) for d in (1, 4.5, 7, 60)
       for t in (-12.5, -2.0, -1e-3, 0.25, 1.0, 3.7)])
table("Beta", "scipy.special.betainc(a, b, x)", ["a", "b", "x", "value"],
      [(a, b, x, special.betainc(a, b, x)) for a, b in ((0.5, 0.5), (3.5, 0.5), (2, 7), (60, 0.5))
       for x in (0.01, 0.3, 0.77, 0.999)])

sample = [4.1, 3.7, 12.9, 5.5, 0.8, 7.25, 6.125]
print("inline constexpr double kSample[] = {" + ", ".join(map(str, sample)) + "};\n")
table("SampleQuantiles", "numpy.quantile(kSample, q)", ["q", "value"],
      [(q, numpy.quantile(sample, q)) for q in (0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1)])
n = len(sample)
logs = numpy.log(sample)
mean_half = t_quantile(0.975, n - 1) * stats.sem(sample)
log_half = t_quantile(0.95, n - 1) * stats.sem(logs)
table("SampleInterval", "of kSample: mean, its 95% t interval, geometric mean, its 90% t interval",
      ["mean", "low", "high", "geometric", "log_low", "log_high", "variance"],
      [(numpy.mean(sample), numpy.mean(sample) - mean_half, numpy.mean(sample) + mean_half,
        numpy.exp(numpy.mean(logs)), numpy.exp(numpy.mean(logs) - log_half),
        numpy.exp(numpy.mean(logs) + log_half), numpy.var(sample, ddof=1))])
table("NoLoss", "Upper Clopper-Pearson bound of 0 in n, scipy.stats.beta.ppf(0.95, 1, n)",
      ["n", "bound"],
      [(k, stats.beta.ppf(0.95, 1, k)) for k in (1, 5, 10, 58, 59, 1000)])
print("}  // namespace weir::stats::golden")
