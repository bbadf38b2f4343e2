#include "weir/lab/rate_search.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "weir/lab/experiments.h"
#include "weir/lab/until.h"
#include "weir/stats/sizing.h"

namespace weir::lab {
namespace {

using stats::ProbePurpose;
using stats::Verdict;

constexpr double kShares[] = {0.3, 0.5, 0.7, 0.8, 0.9};
constexpr double kOutages[] = {10, 60, 600};  // seconds
constexpr double kBudgetGap = 1.04;
constexpr double kSameRate = 1e-9;  // relative

run::Probe probe_of(const stats::Probe& planned, const run::Step& step,
                    const std::vector<std::string>& until) {
  run::Probe probe{stats::to_text(planned.purpose),
                   planned.rate_eps,
                   step.verdict,
                   step.reason,
                   step.processed_eps,
                   {},
                   step.looks,
                   step.folder};
  if (step.verdict != "keeps_up" || until.empty()) return probe;
  std::string why;
  probe.met = meets(step, until, why);
  if (!probe.met) probe.verdict = stats::to_text(Verdict::kUndecided);
  if (!why.empty()) probe.reason = "it keeps up, but " + why;
  return probe;
}

// One probe with its looks.
Result<run::Probe> measure(const RateSearchRun& run, const stats::Probe& planned) {
  run::Probe probe;
  for (int look = 1; look <= run.looks_max; ++look) {
    probe = probe_of(planned, WEIR_TRY(run.measure(planned, look)), run.until);
    if (probe.verdict != "undecided") break;
    if (look < run.looks_max && !run.fits(planned, look + 1)) break;
  }
  return probe;
}

stats::ProbeOutcome outcome_of(const run::Probe& probe) {
  return {stats::verdict_from_text(probe.verdict).value_or(Verdict::kUndecided),
          probe.processed_eps.value_or(0), probe.met.value_or(true)};
}

std::string words(const stats::Probe& probe) {
  switch (probe.purpose) {
    case ProbePurpose::kConfirmLow:
      return "the confirmation that " + rate_text(probe.rate_eps) + " ev/s keeps up";
    case ProbePurpose::kConfirmHigh:
      return "the confirmation that " + rate_text(probe.rate_eps) + " ev/s does not";
    default:
      return rate_text(probe.rate_eps) + " ev/s, on the way to the limit";
  }
}

// Who limits a pipeline is told by the step that fell behind at the lowest rate; an objective that
// was missed below that says it itself.
std::string limit_of(const run::Load& load) {
  const run::Probe* lowest = nullptr;
  for (const auto& probe : load.probes) {
    const bool failed =
        probe.verdict == "falls_behind" || probe.verdict == "stretched" || probe.met == false;
    if (failed && (!lowest || probe.rate_eps <= lowest->rate_eps)) lowest = &probe;
  }
  if (lowest && lowest->met == false) return lowest->reason;
  if (lowest)
    for (const auto& step : load.steps)
      if (step.folder == lowest->folder && !step.limited_by.empty()) return step.limited_by;
  return "pipeline";
}

}  // namespace

void take_answer(const stats::SearchResult& found, run::Load& load) {
  load.sustainable_eps = estimate_of(found.sustainable, "low");
  for (const auto& bound : load.until) load.sustainable_eps.method += "; until " + bound;
  load.limited_by = found.limited_by == "pipeline" ? limit_of(load) : found.limited_by;
}

Status search_rate(const RateSearchRun& run, run::Load& load) {
  stats::RateSearch search(run.options);
  load.first_guess_eps = run.options.first_guess_eps;
  load.until = run.until;
  load.probes.clear();
  bool spent = false;
  while (const auto planned = search.next()) {
    if (!run.fits(*planned, 1)) {
      spent = true;
      load.not_measured.push_back(words(*planned));
      if (!stats::confirms(planned->purpose) && search.stop_bracketing()) continue;
      break;
    }
    load.probes.push_back(WEIR_TRY(measure(run, *planned)));
    search.record(outcome_of(load.probes.back()));
    take_answer(search.result(), load);
  }
  take_answer(search.result(), load);
  if (spent) load.sustainable_eps.method += "; the budget ended the search early";
  return {};
}

stats::SearchOptions search_options(bool quick, bool full, double first_guess_eps) {
  stats::SearchOptions options;
  options.quick = quick;
  options.first_guess_eps = first_guess_eps;
  if (!quick && !full) options.narrowest_gap = kBudgetGap;
  return options;
}

Result<stats::SearchResult> search_again(const run::Load& load, bool quick, bool full) {
  if (!load.first_guess_eps || !(*load.first_guess_eps > 0))
    return fail(Code::kCorrupt, "the search cannot be done again",
                "load.first_guess_eps is missing");
  stats::RateSearch search(search_options(quick, full, *load.first_guess_eps));
  for (size_t i = 0; i < load.probes.size(); ++i) {
    const run::Probe& probe = load.probes[i];
    const auto is_next = [&] {
      const auto next = search.next();
      return next && probe.purpose == stats::to_text(next->purpose) &&
             std::abs(next->rate_eps - probe.rate_eps) <= kSameRate * probe.rate_eps;
    };
    // Where time ran out, the ends of the bracket there was were confirmed.
    if (!is_next()) search.stop_bracketing();
    if (!is_next())
      return fail(
          Code::kCorrupt, fmt::format("load.probes[{}]", i),
          fmt::format("no search probes {:.0f} ev/s ({}) there", probe.rate_eps, probe.purpose));
    search.record(outcome_of(probe));
  }
  return search.result();
}

run::Sizing sizing_of(const run::Load& load) {
  run::Sizing sizing;
  if (!load.sustainable_eps.estimate) {
    sizing.method = "no rate is known to be sustained";
    return sizing;
  }
  const double sustained = *load.sustainable_eps.estimate;
  double capacity = 0;
  for (const auto& step : load.steps)
    if (step.verdict == "falls_behind" || step.verdict == "stretched")
      capacity = std::max(capacity, step.processed_eps.value_or(0));
  sizing.method = "the most that a step processed which was offered more";
  if (capacity <= 0) {
    capacity = load.capacity_eps.estimate.value_or(0);
    sizing.method = "stored events drained back to back, without load beside it";
  }
  if (capacity < sustained) {
    capacity = sustained;
    sizing.method = "the sustainable rate: nothing more was seen";
  }
  sizing.capacity_eps = capacity;
  for (const double share : kShares) {
    run::SizingRow row{share, share * sustained, stats::headroom(share * sustained, capacity), {}};
    for (const double outage : kOutages)
      row.drains.push_back({outage, stats::drain_seconds(outage, row.rate_eps, capacity)});
    sizing.rows.push_back(std::move(row));
  }
  return sizing;
}

}  // namespace weir::lab
