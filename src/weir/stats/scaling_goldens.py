#!/usr/bin/env python3
"""Writes scaling_goldens.h: fits of the laws of scaling by scipy, for scaling_test.cc.

Run by hand when a table changes: python3 scaling_goldens.py > scaling_goldens.h
Last made with scipy 1.10.1, numpy 1.24.2.
"""
import textwrap

import numpy
from scipy import optimize, stats

# SPEC SDM91 on a 16-way SPARCcenter 2000, October 1994: users, scripts per hour. Gunther, "Guerrilla
# Capacity Planning", Springer 2007; data set specsdm91 of the R package usl, which prints its fit.
SDM91 = ([1, 18, 36, 72, 108, 144, 216], [64.9, 995.9, 1652.4, 1853.2, 1828.9, 1775.0, 1702.2])


def model(n, lam, sigma, kappa=0.0):
    return lam * n / (1 + sigma * (n - 1) + kappa * n * (n - 1))


def residuals(theta, n, x, relative):
    fitted = model(n, *theta)
    return numpy.log(x) - numpy.log(fitted) if relative else x - fitted


def least(n, x, relative, law, fixed=None, base=1.0):
    """Least sum of squares with sigma, kappa >= 0; `fixed`: (index, value), index 0 the throughput
    at `base`. Nelder-Mead on squared roots and restarts: slow, and nothing like Marquardt."""
    free = [i for i in range(law) if fixed is None or i != fixed[0]]

    def unpack(u):
        theta = [0.0] * law
        for i, value in zip(free, u):
            theta[i] = numpy.exp(value) if i == 0 else value * value
        if fixed is not None:
            theta[fixed[0]] = fixed[1]
            if fixed[0] == 0:  # the throughput at `base` is given: lambda follows
                theta[0] = fixed[1] / model(base, 1.0, *theta[1:])
        return theta

    def squares(u):
        return float(numpy.sum(residuals(unpack(u), n, x, relative) ** 2))

    best = None
    for sigma in (1e-4, 0.01, 0.05, 0.3):
        for kappa in (1e-8, 1e-4, 0.005):
            start = [numpy.log(x[0] / n[0]), numpy.sqrt(sigma), numpy.sqrt(kappa)]
            u = numpy.array([start[i] for i in free])
            for _ in range(3):
                found = optimize.minimize(squares, u, method="Nelder-Mead",
                                          options={"xatol": 1e-13, "fatol": 1e-17,
                                                   "maxiter": 4000, "maxfev": 4000})
                u = found.x
            if best is None or found.fun < best[0]:
                best = (found.fun, unpack(found.x))
    return best


def profile(n, x, relative, law, index, centre, squares, base=1.0, level=0.95):
    degrees = len(n) - law
    bound = squares * (1 + stats.t.ppf(0.5 + level / 2, degrees) ** 2 / degrees)

    def beyond(value):
        return least(n, x, relative, law, (index, value), base)[0] - bound

    ends = []
    for side in (-1, 1):
        if side < 0 and index > 0 and beyond(0.0) <= 0:
            ends.append(0.0)
            continue
        step = max(abs(centre) * 0.1, 1e-4)
        while beyond(max(centre + side * step, 1e-12)) < 0:
            step *= 1.6
        ends.append(optimize.brentq(beyond, centre, max(centre + side * step, 1e-12), rtol=1e-9))
    return ends


def sample(seed, widths, runs, lam, sigma, kappa, spread):
    random = numpy.random.default_rng(seed)
    n = numpy.repeat(numpy.array(widths, float), runs)
    return n, model(n, lam, sigma, kappa) * numpy.exp(spread * random.standard_normal(len(n)))


def numbers(name, values):
    cells = ", ".join(repr(float(value)) for value in values)
    print(textwrap.fill(f"inline constexpr double {name}[] = {{{cells}}};", 100,
                        subsequent_indent="    "))


def case(name, n, x, relative, law, far):
    squares, theta = least(n, x, relative, law)
    theta = list(theta) + [0.0] * (3 - law)
    rows = [profile(n, x, relative, law, 0, theta[0], squares),
            profile(n, x, relative, law, 1, theta[1], squares),
            profile(n, x, relative, law, 2, theta[2], squares) if law == 3 else [0.0, 0.0],
            profile(n, x, relative, law, 0, model(far, *theta), squares, base=far)]
    numbers(f"k{name}N", n)
    numbers(f"k{name}X", x)
    print("// lambda, sigma, kappa, sum of squares; then low and high of lambda, sigma, kappa and of"
          f"\n// the throughput at {far:g}.")
    numbers(f"k{name}Fit", [*theta, squares, *(end for row in rows for end in row)])
    print()


print("// Made by scaling_goldens.py from scipy. Do not edit.")
print("#pragma once\n\nnamespace weir::stats::golden {\n")
n, x = (numpy.array(values, float) for values in SDM91)
parameters, covariance = optimize.curve_fit(model, n, x, p0=[65, 0.02, 1e-4])
print("// scipy.optimize.curve_fit of lambda, sigma, kappa to SPEC SDM91, absolute residuals.")
numbers("kSdm91N", n)
numbers("kSdm91X", x)
numbers("kSdm91Fit", parameters)
print()
case("Universal", *sample(1, (1, 2, 3, 4, 6, 8, 12), 3, 10_000, 0.04, 0.003, 0.02), True, 3, 12.0)
case("Amdahl", *sample(2, (1, 2, 4, 8), 1, 25_000, 0.08, 0.0, 0.03), True, 2, 8.0)
case("Linear", *sample(5, (1, 2, 3, 4, 6, 8), 3, 500, 0.0, 0.0, 0.02), True, 3, 8.0)
print("}  // namespace weir::stats::golden")
