#include "weir/stats/scaling.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>

#include "weir/stats/student.h"

namespace weir::stats {
namespace {

constexpr int kDescentTurnsMax = 200, kDoublingsMax = 60, kHalvings = 30;
constexpr double kSettled = 1e-13;  // relative change of the sum of squares
constexpr size_t kAmdahlWidths = 4, kUniversalWidths = 6, kRepetitions = 3;
constexpr double kUniversalReach = 8;
constexpr double kLackOfFitMax = 0.01;

using Matrix = std::array<std::array<double, 4>, 3>;  // three equations, right-hand side last

// Gauss's elimination with row exchange; false when singular.
bool solve_linear(Matrix& m, double (&x)[3]) {
  for (size_t column = 0; column < 3; ++column) {
    size_t best = column;
    for (size_t row = column + 1; row < 3; ++row)
      if (std::abs(m[row][column]) > std::abs(m[best][column])) best = row;
    std::swap(m[column], m[best]);
    if (!(std::abs(m[column][column]) > 1e-300)) return false;
    for (size_t row = 0; row < 3; ++row) {
      if (row == column) continue;
      const double factor = m[row][column] / m[column][column];
      for (size_t k = column; k < 4; ++k) m[row][k] -= factor * m[column][k];
    }
  }
  for (size_t i = 0; i < 3; ++i) x[i] = m[i][3] / m[i][i];
  return true;
}

double divisor(double sigma, double kappa, double n) {
  return 1 + sigma * (n - 1) + kappa * n * (n - 1);
}

std::map<double, std::vector<double>> by_width(std::span<const ScalingPoint> points) {
  std::map<double, std::vector<double>> widths;
  for (const auto& point : points) widths[point.n].push_back(point.throughput);
  return widths;
}

// P(F > f) with these degrees of freedom (Abramowitz & Stegun 26.6.2).
double f_tail(double f, double above, double below) {
  return regularized_incomplete_beta(below / 2, above / 2, below / (below + above * f));
}

}  // namespace

// False where the law has no value: sigma or kappa too far below 0.
bool ScalingFit::residual(const Parameters& p, const ScalingPoint& point, double base_n,
                          double& value, double (&gradient)[3]) const {
  const double n = point.n;
  const double here = divisor(p.sigma, p.kappa, n), base = divisor(p.sigma, p.kappa, base_n);
  if (!(here > 0) || !(base > 0)) return false;
  const double log_model = p.log_throughput + std::log(n / base_n) + std::log(base / here);
  gradient[0] = 1;
  gradient[1] = (base_n - 1) / base - (n - 1) / here;
  gradient[2] = base_n * (base_n - 1) / base - n * (n - 1) / here;
  if (residuals_ == Residuals::kRelative) {
    value = std::log(point.throughput) - log_model;
    return std::isfinite(value);
  }
  const double model = std::exp(log_model);
  for (double& slope : gradient) slope *= model;
  value = point.throughput - model;
  return std::isfinite(value);
}

std::optional<double> ScalingFit::squares_of(const Parameters& p, double base_n) const {
  double sum = 0, value = 0, gradient[3];
  for (const auto& point : points_) {
    if (!residual(p, point, base_n, value, gradient)) return std::nullopt;
    sum += value * value;
  }
  return sum;
}

// n / X = (1 + sigma (n - 1) + kappa n (n - 1)) / lambda is linear in three coefficients.
ScalingFit::Parameters ScalingFit::first_guess() const {
  Matrix m{};
  double best = 0;
  for (const auto& [n, x] : points_) {
    const double weight = x / n;
    const double row[] = {weight, weight * (n - 1), weight * n * (n - 1), 1};
    for (size_t i = 0; i < 3; ++i)
      for (size_t k = 0; k < 4; ++k) m[i][k] += row[i] * row[k];
    best = std::max(best, weight);
  }
  double c[3] = {0, 0, 0};
  Parameters guess{std::log(best), 0.01, law_ == ScalingLaw::kUniversal ? 1e-4 : 0};
  if (!solve_linear(m, c) || !(c[0] > 0)) return guess;
  guess.sigma = std::max(c[1] / c[0], 0.0);
  if (law_ == ScalingLaw::kUniversal) guess.kappa = std::max(c[2] / c[0], 0.0);
  guess.log_throughput = -std::log(c[0]);
  return guess;
}

std::optional<ScalingFit::Solution> ScalingFit::descend(Parameters at, const bool (&free)[3],
                                                        double base_n) const {
  auto squares = squares_of(at, base_n);
  if (!squares) return std::nullopt;
  double damping = 1e-3;
  for (int turn = 0; turn < kDescentTurnsMax; ++turn) {
    Matrix normal{};
    for (const auto& point : points_) {
      double value = 0, slope[3];
      residual(at, point, base_n, value, slope);
      for (size_t i = 0; i < 3; ++i) {
        for (size_t k = 0; k < 3; ++k) normal[i][k] += free[i] && free[k] ? slope[i] * slope[k] : 0;
        normal[i][3] += free[i] ? slope[i] * value : 0;
      }
    }
    bool moved = false;
    for (int tries = 0; tries < 30 && !moved; ++tries) {
      Matrix damped = normal;
      for (size_t i = 0; i < 3; ++i) damped[i][i] = free[i] ? normal[i][i] * (1 + damping) : 1;
      double step[3];
      if (!solve_linear(damped, step)) return Solution{at, *squares};
      const Parameters next{at.log_throughput + step[0], at.sigma + step[1], at.kappa + step[2]};
      const auto there = squares_of(next, base_n);
      if (!there || *there > *squares) {
        damping *= 4;
        continue;
      }
      const bool settled = *squares - *there <= kSettled * *squares;
      at = next, squares = there, moved = true;
      damping = std::max(damping / 10, 1e-12);
      if (settled) return Solution{at, *squares};
    }
    if (!moved) break;
  }
  return Solution{at, *squares};
}

// The least squares lie inside, or else on a face where sigma, kappa or both are 0.
std::optional<ScalingFit::Solution> ScalingFit::solve(const Fixed& fixed, const Parameters& from,
                                                      double base_n) const {
  const bool may_bend = law_ == ScalingLaw::kUniversal;
  const auto on_face = [&](bool sigma_zero, bool kappa_zero) -> std::optional<Solution> {
    Parameters at = from;
    if (fixed.log_throughput) at.log_throughput = *fixed.log_throughput;
    at.sigma = fixed.sigma ? *fixed.sigma : sigma_zero ? 0 : at.sigma;
    at.kappa = fixed.kappa ? *fixed.kappa : kappa_zero ? 0 : at.kappa;
    const bool free[] = {!fixed.log_throughput, !fixed.sigma && !sigma_zero,
                         !fixed.kappa && !kappa_zero};
    auto found = descend(at, free, base_n);
    if (found && (found->at.sigma < 0 || found->at.kappa < 0)) found.reset();
    return found;
  };
  auto best = on_face(false, !may_bend);
  if (best) return best;
  const std::pair<bool, bool> faces[] = {{true, !may_bend}, {false, true}, {true, true}};
  for (const auto& [sigma_zero, kappa_zero] : faces) {
    const auto found = on_face(sigma_zero, kappa_zero);
    if (found && (!best || found->squares < best->squares)) best = found;
  }
  return best;
}

std::optional<ScalingFit> ScalingFit::of(std::span<const ScalingPoint> points, ScalingLaw law,
                                         Residuals residuals) {
  const size_t parameters = law == ScalingLaw::kAmdahl ? 2 : 3;
  for (const auto& point : points)
    if (!std::isfinite(point.n) || point.n < 1 || !std::isfinite(point.throughput) ||
        point.throughput <= 0)
      return std::nullopt;
  if (points.size() <= parameters || by_width(points).size() < parameters) return std::nullopt;
  ScalingFit fit;
  fit.points_.assign(points.begin(), points.end());
  fit.law_ = law;
  fit.residuals_ = residuals;
  const auto found = fit.solve({}, fit.first_guess(), 1);
  if (!found) return std::nullopt;
  fit.at_ = found->at;
  fit.squares_ = found->squares;
  fit.degrees_ = int64_t(points.size() - parameters);
  return fit;
}

double ScalingFit::lambda() const { return std::exp(at_.log_throughput); }

double ScalingFit::throughput(double n) const {
  return lambda() * n / divisor(at_.sigma, at_.kappa, n);
}

// Walks from the estimate to either side until the refitted sum of squares exceeds the bound, then
// halves the last step.
Estimate ScalingFit::profile(double Parameters::*which, double base_n, double level) const {
  const bool bounded = which != &Parameters::log_throughput;
  Parameters here = at_;
  here.log_throughput = std::log(throughput(base_n));
  const double centre = here.*which;
  const double t = student_t_quantile(0.5 + level / 2, double(degrees_));
  const double bound = squares_ * (1 + t * t / double(degrees_));
  const auto inside = [&](double value) {
    Fixed fixed;
    if (which == &Parameters::sigma)
      fixed.sigma = value;
    else if (which == &Parameters::kappa)
      fixed.kappa = value;
    else
      fixed.log_throughput = value;
    const auto found = solve(fixed, here, base_n);
    return found && found->squares <= bound;
  };
  Estimate estimate;
  estimate.estimate = centre;
  estimate.level = level;
  estimate.n = int64_t(points_.size());
  estimate.method = fmt::format("profile likelihood, {} degrees of freedom", degrees_);
  const double first = std::max(1e-7, std::abs(centre) * 1e-3);
  for (const double side : {-1.0, 1.0}) {
    auto& end = side < 0 ? estimate.low : estimate.high;
    double within = centre, step = first;
    std::optional<double> without;
    for (int i = 0; i < kDoublingsMax && !without; ++i, step *= 2) {
      double next = centre + side * step;
      if (bounded && next <= 0) next = 0;
      if (!inside(next))
        without = next;
      else if (within = next; bounded && next == 0)
        break;
    }
    if (bounded && side < 0 && !without) {
      end = 0;
      continue;
    }
    if (!without) {
      estimate.why = "the runs do not bound it";
      continue;
    }
    for (int i = 0; i < kHalvings; ++i) {
      const double middle = (within + *without) / 2;
      (inside(middle) ? within : *without) = middle;
    }
    end = within;
  }
  return estimate;
}

Estimate ScalingFit::sigma_interval(double level) const {
  return profile(&Parameters::sigma, 1, level);
}

Estimate ScalingFit::kappa_interval(double level) const {
  if (law_ == ScalingLaw::kUniversal) return profile(&Parameters::kappa, 1, level);
  Estimate none;
  none.why = "Amdahl's law has none";
  return none;
}

Estimate ScalingFit::throughput_interval(double n, double level) const {
  Estimate estimate = profile(&Parameters::log_throughput, n, level);
  for (auto* value : {&estimate.estimate, &estimate.low, &estimate.high})
    if (*value) *value = std::exp(**value);
  return estimate;
}

std::optional<double> ScalingFit::peak() const {
  if (at_.kappa <= 0 || at_.sigma >= 1) return std::nullopt;
  return std::sqrt((1 - at_.sigma) / at_.kappa);
}

std::optional<double> ScalingFit::lack_of_fit() const {
  const size_t parameters = law_ == ScalingLaw::kAmdahl ? 2 : 3;
  const auto widths = by_width(points_);
  if (points_.size() <= widths.size() || widths.size() <= parameters) return std::nullopt;
  double pure = 0;
  for (const auto& [n, runs] : widths) {
    std::vector<double> values = runs;
    if (residuals_ == Residuals::kRelative)
      for (double& value : values) value = std::log(value);
    const auto spread = moments(values);
    pure += spread.variance * double(spread.n - 1);
  }
  const double above = double(widths.size() - parameters),
               below = double(points_.size() - widths.size());
  const double lack = std::max(squares_ - pure, 0.0);
  if (pure <= 0) return lack > 0 ? 0.0 : 1.0;
  return f_tail(lack / above / (pure / below), above, below);
}

namespace {

std::string widths_text(const std::map<double, std::vector<double>>& widths) {
  std::string text;
  for (const auto& [n, runs] : widths) text += fmt::format("{}{:g}", text.empty() ? "" : ", ", n);
  return text;
}

// Why the universal law may not be fitted to these; empty when it may.
std::string too_little_for_universal(const std::map<double, std::vector<double>>& widths) {
  const double most = widths.rbegin()->first;
  size_t least_runs = SIZE_MAX;
  for (const auto& [n, runs] : widths) least_runs = std::min(least_runs, runs.size());
  std::string why;
  const auto add = [&](bool missing, const std::string& words) {
    if (missing) why += (why.empty() ? "" : ", ") + words;
  };
  add(widths.size() < kUniversalWidths,
      fmt::format("{} distinct n (these are {})", kUniversalWidths, widths.size()));
  add(most < kUniversalReach,
      fmt::format("an n of {:g} or more (the largest is {:g})", kUniversalReach, most));
  add(least_runs < kRepetitions,
      fmt::format("{} runs of each (these have {})", kRepetitions, least_runs));
  return why.empty() ? "" : "the universal scalability law needs " + why;
}

// A law that its own repetitions contradict is no answer.
bool contradicted(const ScalingFit& fit, std::string& why) {
  const auto chance = fit.lack_of_fit();
  if (!chance || *chance >= kLackOfFitMax) return false;
  why = fmt::format(
      "the runs differ from the law by more than repetitions differ from each other "
      "(lack of fit, p = {:.2g})",
      *chance);
  return true;
}

}  // namespace

ScalingAnswer fit_scaling(std::span<const ScalingPoint> points) {
  ScalingAnswer answer;
  const auto widths = by_width(points);
  if (widths.empty()) {
    answer.why = "no run can be used";
    return answer;
  }
  answer.n_min = widths.begin()->first;
  answer.n_max = widths.rbegin()->first;
  if (widths.size() < kAmdahlWidths) {
    answer.why = fmt::format("a law takes at least {} distinct n, and these runs have {} ({})",
                             kAmdahlWidths, widths.size(), widths_text(widths));
    return answer;
  }
  answer.why = too_little_for_universal(widths);
  if (answer.why.empty()) {
    auto fit = ScalingFit::of(points, ScalingLaw::kUniversal);
    const auto kappa = fit ? fit->kappa_interval() : Estimate{};
    if (fit && kappa.low && *kappa.low > 0) {
      if (contradicted(*fit, answer.why)) return answer;
      answer.law = ScalingLaw::kUniversal;
      answer.fit = std::move(fit);
      return answer;
    }
    answer.why = kappa.high
                     ? fmt::format("the interval of kappa, 0 to {:.2g}, holds 0", *kappa.high)
                     : "the runs do not bound kappa";
  }
  auto fit = ScalingFit::of(points, ScalingLaw::kAmdahl);
  std::string contradiction;
  if (!fit)
    answer.why = "a throughput is not positive";
  else if (contradicted(*fit, contradiction))
    answer.why = contradiction;
  else
    answer.fit = std::move(fit);
  return answer;
}

}  // namespace weir::stats
