// Student's t distribution and the regularized incomplete beta function under it. Pure functions.
#pragma once

namespace weir::stats {

// I_x(a, b) for a, b > 0 and x in 0..1: the continued fraction of Abramowitz & Stegun 26.5.8,
// evaluated by Lentz's method. Relative error below 1e-12 for the a, b used here (up to 1e4).
double regularized_incomplete_beta(double a, double b, double x);

// P(X <= t) for Student's t with `degrees` > 0 degrees of freedom (A&S 26.7.1). Degrees need not be
// whole (Welch).
double student_t_cdf(double t, double degrees);

// The t with P(X <= t) = p, p in (0, 1). Relative error below 1e-12 where |t| is in
// 1e-3..1e3.
double student_t_quantile(double p, double degrees);

}  // namespace weir::stats
