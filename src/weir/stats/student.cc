#include "weir/stats/student.h"

#include <cmath>
#include <limits>

#include "weir/base/check.h"

namespace weir::stats {
namespace {

// The continued fraction of A&S 26.5.8 by the modified Lentz method; converges fast for
// x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300, kAccuracy = 1e-16;
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  if (std::abs(d) < kTiny) d = kTiny;
  d = 1 / d;
  double value = d;
  for (int m = 1; m <= 2000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double change = 1;
    for (const double term : {even, odd}) {
      d = 1 + term * d;
      c = 1 + term / c;
      if (std::abs(d) < kTiny) d = kTiny;
      if (std::abs(c) < kTiny) c = kTiny;
      d = 1 / d;
      change = c * d;
      value *= change;
    }
    if (std::abs(change - 1) < kAccuracy) break;
  }
  return value;
}

double log_gamma(double x) {
  int sign = 0;
  return lgamma_r(x, &sign);  // std::lgamma writes a global
}

}  // namespace

double regularized_incomplete_beta(double a, double b, double x) {
  WEIR_CHECK(a > 0 && b > 0);
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const double front = std::exp(log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * std::log(x) +
                                b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

double student_t_cdf(double t, double degrees) {
  WEIR_CHECK(degrees > 0);
  if (t == 0) return 0.5;
  // Of the two equal forms the one whose argument does not round to 1 near t = 0.
  const double square = t * t;
  const double half_tail =
      square < degrees
          ? 0.5 - 0.5 * regularized_incomplete_beta(0.5, degrees / 2, square / (degrees + square))
          : 0.5 * regularized_incomplete_beta(degrees / 2, 0.5, degrees / (degrees + square));
  return t > 0 ? 1 - half_tail : half_tail;
}

double student_t_quantile(double p, double degrees) {
  WEIR_CHECK(p > 0 && p < 1);
  if (p == 0.5) return 0;
  if (p > 0.5) return -student_t_quantile(1 - p, degrees);
  // Bisection on the lower tail: it cannot miss, and 200 halvings reach the last bit.
  double low = -1, high = 0;
  while (student_t_cdf(low, degrees) > p && low > -std::numeric_limits<double>::max() / 4) low *= 2;
  for (int i = 0; i < 200; ++i) {
    const double middle = low + (high - low) / 2;
    if (middle == low || middle == high) break;
    (student_t_cdf(middle, degrees) > p ? high : low) = middle;
  }
  return low + (high - low) / 2;
}

}  // namespace weir::stats
