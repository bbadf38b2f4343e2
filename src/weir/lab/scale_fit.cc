#include "weir/lab/scale_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "weir/lab/experiments.h"
#include "weir/stats/scaling.h"

namespace weir::lab {
namespace {

constexpr int kCurvePoints = 25;
constexpr int64_t kCoresLeast = 4;  // as many as a law takes distinct numbers of tasks

const run::Limit* limit_of(const run::Step& cell, const char* side) {
  for (const auto& limit : cell.limits)
    if (limit.side == side) return &limit;
  return nullptr;
}

// Why a law of the engine's scaling may not rest on this cell; empty: it may.
std::string unfit(const run::Step& cell, int64_t cores, double wait_us) {
  if (!cell.processed_eps) return "it has no rate";
  if (cell.verdict == "invalid" || cell.limited_by == "generator")
    return "its step is invalid: " + cell.reason;
  if (cell.limited_by.empty())
    return "it kept up with all that was offered, so what it can do was not seen";
  for (const char* side : {"generator", "broker", "disk"})
    if (const auto* limit = limit_of(cell, side))
      return fmt::format("the {} was the limit: {}", side, limit->evidence);
  if (const auto* limit = limit_of(cell, "cores"))
    return "the cores were the limit: " + limit->evidence;
  if (width_of(cell) > cores && wait_us <= 0)
    return fmt::format("{} tasks share {} core{}", width_of(cell), cores, cores == 1 ? "" : "s");
  return {};
}

run::Estimate told(const stats::Estimate& from) { return estimate_of(from, "estimate"); }

void describe(const stats::ScalingAnswer& answer, run::ScaleFit& fit) {
  const stats::ScalingFit& law = *answer.fit;
  const bool universal = answer.law == stats::ScalingLaw::kUniversal;
  fit.law = universal ? "usl" : "amdahl";
  fit.lambda_eps = told(law.lambda_interval());
  fit.sigma = told(law.sigma_interval());
  if (universal)
    fit.kappa = told(law.kappa_interval());
  else
    fit.kappa.why["estimate"] = answer.why;
  fit.note = answer.why;
  fit.n_limit = stats::kExtrapolationMax * answer.n_max;
  if (const auto peak = law.peak(); peak && *peak <= *fit.n_limit) fit.peak_n = *peak;
  for (int i = 0; i < kCurvePoints; ++i) {
    const double n =
        answer.n_min + (answer.n_max - answer.n_min) * double(i) / double(kCurvePoints - 1);
    const auto at = law.throughput_interval(n);
    fit.curve.push_back({n, at.low, at.estimate, at.high});
  }
}

std::string note_of_cores(const run::Scale& scale, double wait_us) {
  int64_t widest = 0;
  for (const auto& cell : scale.cells) widest = std::max(widest, width_of(cell));
  const std::string cores =
      fmt::format("This machine has {} core{}", scale.cores, scale.cores == 1 ? "" : "s");
  if (wait_us > 0)
    return cores +
           ", and every event waits by plan: this shows how tasks that wait scale, not how "
           "computing does.";
  if (scale.cores < kCoresLeast)
    return cores + fmt::format(
                       ", which broker, generator and observer use too: too few to show how "
                       "computing scales, which takes {} at least. engine.wait_us shows how "
                       "tasks that wait do.",
                       kCoresLeast);
  if (widest > scale.cores)
    return cores + fmt::format(
                       ", which broker, generator and observer use too: that {} tasks do "
                       "little more than {} says nothing of a machine with more cores.",
                       widest, scale.cores);
  return cores + ", which broker, generator and observer use too.";
}

}  // namespace

int64_t width_of(const run::Step& cell) { return std::min(cell.partitions, cell.parallelism); }

void judge_scale(run::Scale& scale, double wait_us) {
  run::ScaleFit fit;
  std::vector<stats::ScalingPoint> points;
  const run::Step* widest = nullptr;
  for (const auto& cell : scale.cells) {
    if (!cell.limited_by.empty() && (!widest || width_of(cell) >= width_of(*widest)))
      widest = &cell;
    if (const std::string why = unfit(cell, scale.cores, wait_us); !why.empty())
      fit.left_out.push_back(fmt::format("{}: {}", cell.label, why));
    else
      points.push_back({double(width_of(cell)), *cell.processed_eps});
  }
  fit.runs = int64_t(points.size());
  const auto answer = stats::fit_scaling(points);
  if (!points.empty()) fit.n_min = answer.n_min, fit.n_max = answer.n_max;
  if (answer.fit)
    describe(answer, fit);
  else
    fit.refused = answer.why;
  scale.limited_by = widest ? widest->limited_by : "";
  scale.cores_note = note_of_cores(scale, wait_us);
  scale.fit = std::move(fit);
}

std::string law_text(const run::ScaleFit& fit) {
  if (fit.law.empty()) return "no law is fitted: " + fit.refused;
  const auto interval = [](const run::Estimate& share) {
    if (!share.low || !share.high) return fmt::format("{:.3g}", share.estimate.value_or(0));
    return fmt::format("{:.3g} ({:.3g} to {:.3g})", *share.estimate, *share.low, *share.high);
  };
  std::string text =
      fmt::format("{} of {} runs: one task {} ev/s, sigma {}",
                  fit.law == "usl" ? "universal scalability law" : "Amdahl's law", fit.runs,
                  rate_text(fit.lambda_eps.estimate.value_or(0)), interval(fit.sigma));
  if (fit.kappa.estimate) text += ", kappa " + interval(fit.kappa);
  return text + fmt::format("; for {:g} to {:g} tasks", *fit.n_min, *fit.n_max);
}

}  // namespace weir::lab
