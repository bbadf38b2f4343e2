#include "weir/stats/search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "weir/base/check.h"

namespace weir::stats {
namespace {

constexpr double kStart = 0.85;  // of what the overload step processed
constexpr double kSmallStep = 1.12, kLargeStep = 1.25;
constexpr double kCloseEnough = 1.1;  // high / low
constexpr double kMove = 0.05;        // of an end whose confirmation failed
constexpr double kLowMargin = 0.98, kHighMargin = 1.02;
constexpr double kOverloadAgain = 2;
constexpr double kQuickDown = 0.9;  // of what a failed quick probe processed
constexpr int kQuickProbes = 5, kFullProbes = 40, kMovesMax = 12, kDownsMax = 20;

}  // namespace

const char* to_text(ProbePurpose purpose) {
  switch (purpose) {
    case ProbePurpose::kOverload:
      return "overload";
    case ProbePurpose::kStep:
      return "step";
    case ProbePurpose::kBisect:
      return "bisect";
    case ProbePurpose::kConfirmLow:
      return "confirm low";
    case ProbePurpose::kConfirmHigh:
      return "confirm high";
  }
  return "";
}

bool confirms(ProbePurpose purpose) {
  return purpose == ProbePurpose::kConfirmLow || purpose == ProbePurpose::kConfirmHigh;
}

RateSearch::RateSearch(SearchOptions options) : options_(options) {
  WEIR_CHECK_LT(0.0, options_.first_guess_eps);
  if (options_.probes_max == 0) options_.probes_max = options_.quick ? kQuickProbes : kFullProbes;
  if (options_.quick)
    probe(kStart * options_.first_guess_eps, ProbePurpose::kStep);
  else
    probe(options_.first_guess_eps, ProbePurpose::kOverload);
}

void RateSearch::probe(double rate_eps, ProbePurpose purpose) { next_ = Probe{rate_eps, purpose}; }

void RateSearch::record(const ProbeOutcome& outcome) {
  WEIR_CHECK(next_.has_value());
  Point point{.probe = *next_, .outcome = outcome};
  point.invalid = outcome.verdict == Verdict::kInvalid;
  point.kept = outcome.verdict == Verdict::kKeepsUp && outcome.met_objectives;
  point.failed = outcome.verdict == Verdict::kFallsBehind ||
                 outcome.verdict == Verdict::kStretched ||
                 (outcome.verdict == Verdict::kKeepsUp && !outcome.met_objectives);
  points_.push_back(point);
  next_.reset();
  if (!bracketing_) record_confirmation(point);
  if (bracketing_) update_bracket();
  if (int(points_.size()) < options_.probes_max) plan();
}

bool RateSearch::stop_bracketing() {
  if (!bracketing_ || !low_) return false;
  bracketing_ = false;
  next_.reset();
  if (!options_.quick) plan_confirmation();
  return true;
}

// The bracket: high is the lowest rate that failed, low the highest below it that kept up.
void RateSearch::update_bracket() {
  low_.reset();
  high_.reset();
  for (const Point& p : points_)
    if (p.failed && (!high_ || p.probe.rate_eps < *high_)) high_ = p.probe.rate_eps;
  for (const Point& p : points_)
    if (p.kept && (!high_ || p.probe.rate_eps < *high_) && (!low_ || p.probe.rate_eps > *low_))
      low_ = p.probe.rate_eps;
}

std::optional<double> RateSearch::invalid_above_low() const {
  std::optional<double> lowest;
  for (const Point& p : points_)
    if (p.invalid && (!low_ || p.probe.rate_eps > *low_) && (!lowest || p.probe.rate_eps < *lowest))
      lowest = p.probe.rate_eps;
  return lowest;
}

void RateSearch::plan() {
  const Point& last = points_.back();
  if (last.probe.purpose == ProbePurpose::kOverload) return plan_after_overload(last);
  if (bracketing_) plan_bracket();
  if (!bracketing_ && !options_.quick) plan_confirmation();
}

void RateSearch::plan_after_overload(const Point& overload) {
  const double rate = overload.probe.rate_eps, processed = overload.outcome.processed_eps;
  if (!overload.kept) {
    // A step that processed nothing gives no start; a fraction of its rate does.
    const double from = processed > 0 ? std::min(processed, rate) : rate / kOverloadAgain;
    probe(kStart * from, ProbePurpose::kStep);
  } else {
    probe(kOverloadAgain * rate, ProbePurpose::kOverload);
  }
}

// The next rate while the bracket is wider than 1.1. Ends bracketing when it is narrow enough or
// nothing is left to try between its ends.
void RateSearch::plan_bracket() {
  if (!low_) return plan_down();
  // From above bounds a failure, or a rate that the generator did not reach: nothing valid can be
  // learnt there, so the search stays below it.
  const std::optional<double> blocked = invalid_above_low();
  std::optional<double> top = high_;
  if (blocked && (!top || *blocked < *top)) top = blocked;
  // The overload step lies far above: small steps from below come closer than half way to it.
  const double step = step_up();
  const bool far = !top || (is_overload(*top) && step < *top);
  if (!far) return plan_bisection(*top);
  probe(step, ProbePurpose::kStep);
}

// Nothing kept up so far: below the lowest rate tried.
void RateSearch::plan_down() {
  const Point* lowest = nullptr;
  int downs = 0;
  for (const Point& p : points_) {
    if (p.probe.purpose == ProbePurpose::kOverload) continue;
    ++downs;
    if (!lowest || p.probe.rate_eps < lowest->probe.rate_eps) lowest = &p;
  }
  WEIR_CHECK(lowest != nullptr);
  if (downs > kDownsMax) {
    bracketing_ = false;
    return;
  }
  const double rate = lowest->probe.rate_eps, processed = lowest->outcome.processed_eps;
  double next = rate / (downs == 1 ? kSmallStep : kLargeStep);
  // A quick search has no overload step to start from; what a failed probe processed stands in.
  if (options_.quick && processed > 0)
    next = std::clamp(kQuickDown * processed, rate / kOverloadAgain, rate / kSmallStep);
  probe(next, ProbePurpose::kStep);
}

// Above the highest rate below any failure that kept up or stayed grey.
double RateSearch::step_up() const {
  double base = *low_;
  int ups = 0;
  for (const Point& p : points_) {
    if (p.probe.purpose != ProbePurpose::kStep) continue;
    ups += p.probe.rate_eps >= *low_;
    if (!p.failed && !p.invalid && (!high_ || p.probe.rate_eps < *high_))
      base = std::max(base, p.probe.rate_eps);
  }
  return base * (ups > 1 || options_.quick ? kLargeStep : kSmallStep);
}

// Half way, on a logarithmic scale, in the widest gap that the grey rates leave between the ends.
void RateSearch::plan_bisection(double top) {
  std::vector<double> marks = {*low_};
  for (const Point& p : points_)
    if (p.probe.rate_eps > *low_ && p.probe.rate_eps < top) marks.push_back(p.probe.rate_eps);
  marks.push_back(top);
  std::sort(marks.begin(), marks.end());
  size_t widest = 1;
  for (size_t i = 2; i < marks.size(); ++i)
    if (marks[i] / marks[i - 1] > marks[widest] / marks[widest - 1]) widest = i;
  if (top / *low_ <= kCloseEnough || marks[widest] / marks[widest - 1] <= options_.narrowest_gap)
    bracketing_ = false;
  else
    probe(std::sqrt(marks[widest - 1] * marks[widest]), ProbePurpose::kBisect);
}

void RateSearch::plan_confirmation() {
  if (moves_ > kMovesMax) return;
  if (low_ && !low_confirmed_)
    probe(*low_, ProbePurpose::kConfirmLow);
  else if (low_ && high_ && !high_confirmed_)
    probe(*high_, ProbePurpose::kConfirmHigh);
}

void RateSearch::record_confirmation(const Point& point) {
  const double rate = point.probe.rate_eps;
  if (point.probe.purpose == ProbePurpose::kConfirmLow) {
    low_confirmed_ = point.kept;
    if (point.kept) return;
    low_ = rate * (1 - kMove);
    // What failed as low is a nearer high than any seen before.
    if (point.failed && (!high_ || rate < *high_)) high_ = rate;
  } else if (point.failed) {
    high_confirmed_ = true;
    return;
  } else if (point.invalid) {
    high_.reset();
    return;
  } else {
    high_ = rate * (1 + kMove);
  }
  ++moves_;
}

bool RateSearch::is_overload(double rate_eps) const {
  return std::any_of(points_.begin(), points_.end(), [rate_eps](const Point& p) {
    return p.probe.purpose == ProbePurpose::kOverload && p.probe.rate_eps == rate_eps;
  });
}

SearchResult RateSearch::result() const {
  SearchResult r;
  r.probes = int(points_.size());
  r.low_eps = low_;
  r.high_eps = high_;
  r.low_confirmed = low_confirmed_;
  r.high_confirmed = high_confirmed_;
  // While the search goes on (or was cut short) the rates on both ends may still lie far apart.
  const std::optional<double> blocked = invalid_above_low();
  if (blocked && (!high_ || *blocked < *high_))
    r.limited_by = "generator";
  else if (high_)
    r.limited_by = "pipeline";

  Estimate& e = r.sustainable;
  for (const Point& p : points_) e.n += p.kept || p.failed;
  e.estimate = low_;
  e.method = options_.quick ? "search, one run per rate: an indication, without interval"
                            : "search, both ends confirmed by fresh runs";
  if (!low_) {
    e.why =
        high_ ? fmt::format("no probed rate kept up; the lowest that failed is {:.0f} ev/s", *high_)
              : "no probe gave a verdict";
  } else if (options_.quick) {
    e.why = "a quick search gives an indication, without interval";
  } else {
    if (low_confirmed_) e.low = kLowMargin * *low_;
    if (high_ && high_confirmed_) e.high = kHighMargin * *high_;
    if (!low_confirmed_)
      e.why = "the search ended before its ends were confirmed";
    else if (!high_)
      e.why = r.limited_by == "generator" ? "the generator reached its limit before the pipeline"
                                          : "no probed rate failed";
    else if (!high_confirmed_)
      e.why = "the search ended before the upper end was confirmed";
  }
  if (!e.why.empty() && !options_.quick) e.method = "search";
  return r;
}

}  // namespace weir::stats
