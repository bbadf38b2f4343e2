// Laws of scaling, fitted to the throughput of runs with n parallel tasks.
//
//   X(n) = lambda n / (1 + sigma (n - 1) + kappa n (n - 1))
//
// Amdahl's law has kappa = 0 (AFIPS 1967); with kappa it is the universal scalability law (Gunther,
// "Guerrilla Capacity Planning", Springer 2007). lambda is X(1), sigma the contended share, kappa
// the cost of keeping pairs of tasks coherent; sigma, kappa >= 0.
//
// Least squares by Levenberg and Marquardt (Marquardt, SIAM J. Appl. Math. 1963) on each face of
// sigma >= 0, kappa >= 0, the least of them taken. Intervals are profile likelihoods: all values
// whose sum of squares, the other parameters refitted, is at most (1 + t^2 / f) times the least
// one, t of Student's distribution with f = runs - parameters degrees of freedom (Bates & Watts,
// "Nonlinear Regression Analysis", 1988). Pure functions; none throws.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "weir/stats/interval.h"

namespace weir::stats {

// One run: a repetition has the same n. Any unit of throughput, > 0.
struct ScalingPoint {
  double n = 1, throughput = 0;
};

enum class ScalingLaw { kAmdahl, kUniversal };
// What is taken to vary alike at each n: the logarithm (throughputs spread by a share of
// themselves, as repeated runs do), or the throughput itself (as published examples assume).
enum class Residuals { kRelative, kAbsolute };

class ScalingFit {
 public:
  // Empty when `points` are fewer than the law's parameters + 1, have fewer distinct n than
  // parameters, or hold a value that is not finite and positive.
  static std::optional<ScalingFit> of(std::span<const ScalingPoint> points, ScalingLaw law,
                                      Residuals residuals = Residuals::kRelative);

  double lambda() const;
  double sigma() const { return at_.sigma; }
  double kappa() const { return at_.kappa; }
  double throughput(double n) const;
  double sum_of_squares() const { return squares_; }
  int64_t degrees() const { return degrees_; }

  Estimate lambda_interval(double level = 0.95) const { return throughput_interval(1, level); }
  Estimate sigma_interval(double level = 0.95) const;
  Estimate kappa_interval(double level = 0.95) const;
  // Of the mean throughput at n, by the law.
  Estimate throughput_interval(double n, double level = 0.95) const;
  // n of the highest throughput, sqrt((1 - sigma) / kappa); empty where there is none.
  std::optional<double> peak() const;

  // Chance of runs that differ from the law by as much or more if the law holds: the F test of the
  // lack of fit against the spread of repetitions (Draper & Smith, "Applied Regression Analysis").
  // Empty without repetitions, or without more distinct n than parameters.
  std::optional<double> lack_of_fit() const;

 private:
  // The parameters as the solver moves them: the logarithm of the throughput at `base_n`.
  struct Parameters {
    double log_throughput = 0, sigma = 0, kappa = 0;
  };
  struct Fixed {
    std::optional<double> log_throughput, sigma, kappa;
  };
  struct Solution {
    Parameters at;
    double squares = 0;
  };
  ScalingFit() = default;
  bool residual(const Parameters& p, const ScalingPoint& point, double base_n, double& value,
                double (&gradient)[3]) const;
  std::optional<double> squares_of(const Parameters& p, double base_n) const;
  Parameters first_guess() const;
  std::optional<Solution> descend(Parameters from, const bool (&free)[3], double base_n) const;
  std::optional<Solution> solve(const Fixed& fixed, const Parameters& from, double base_n) const;
  Estimate profile(double Parameters::*which, double base_n, double level) const;

  std::vector<ScalingPoint> points_;
  ScalingLaw law_ = ScalingLaw::kAmdahl;
  Residuals residuals_ = Residuals::kRelative;
  Parameters at_;  // at n = 1
  double squares_ = 0;
  int64_t degrees_ = 0;
};

// What may be said of runs at several n.
struct ScalingAnswer {
  std::optional<ScalingFit> fit;
  ScalingLaw law = ScalingLaw::kAmdahl;
  double n_min = 0, n_max = 0;  // of the runs used
  // Why there is no fit; or, with one, why it is not the universal law, or has no kappa.
  std::string why;
};
// No law is used beyond this multiple of the largest n measured.
inline constexpr double kExtrapolationMax = 1.5;
// Amdahl's law from 4 distinct n. The universal law from 6 distinct n, 8 or more among them, each
// run at least 3 times; kept only if the interval of kappa excludes 0. Refused, too, where
// repetitions show at 1% that the law does not describe the runs.
ScalingAnswer fit_scaling(std::span<const ScalingPoint> points);

}  // namespace weir::stats
