// The first experiment: the sustainable rate, searched, and the latency below it; or a list of
// rates.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "weir/lab/experiments.h"
#include "weir/lab/rate_search.h"
#include "weir/lab/until.h"
#include "weir/stats/search.h"

namespace weir::lab {
namespace {

// Shares of the sustainable rate, in percent, at which the latency is told: those first that tell
// most, where there is no time for all.
constexpr int kCurve[] = {50, 80, 95, 30, 90, 70};

StepLength longer(StepLength length, int look) {
  return {length.warmup, length.warmup + (length.length - length.warmup) * look};
}

std::string label_of(double rate, int look) {
  return rate_text(rate) + (look > 1 ? fmt::format("-look{}", look) : "");
}

}  // namespace

Result<run::Step> Experiments::measure_rate(const RateStep& wanted, int32_t partitions,
                                            int32_t parallelism) {
  if (const auto stored = finished_.take(wanted.label)) return run::step_from_json(*stored);
  StepSpec spec;
  spec.label = wanted.label;
  spec.workload = lab_.plan.workload;
  spec.rate_eps = std::round(wanted.rate_eps);
  spec.warmup = wanted.length.warmup;
  spec.length = wanted.length.length;
  spec.trigger = lab_.plan.trigger;
  spec.partitions = partitions;
  spec.parallelism = parallelism;
  const StepData data = WEIR_TRY(run_step(lab_, spec));
  WEIR_TRY(write_step_files(data));
  run::Step step = judge_step(data, lab_.quick);
  step.purpose = wanted.purpose;
  step.looks = wanted.look;
  WEIR_TRY(store(step));
  return step;
}

Result<run::Step> Experiments::measure_load(const RateStep& wanted) {
  run::Step step =
      WEIR_TRY(measure_rate(wanted, int32_t(lab_.plan.partitions), int32_t(lab_.plan.parallelism)));
  result_.load->steps.push_back(step);
  saved_();
  narrator_.load_step(step);
  if (lab_.interrupted()) return fail(Code::kInterrupted, "interrupted");
  return step;
}

Status Experiments::search(run::Load& load, double first_eps, const std::string& prefix,
                           Nanos deadline, const MeasureRate& measure) {
  const auto length_of = [&](const stats::Probe& probe, int look) {
    return look_length(lab_.plan, lab_.quick, probe.purpose, look);
  };
  RateSearchRun search;
  search.options = search_options(lab_.quick, lab_.plan.is_full(), first_eps);
  search.until = lab_.plan.until;
  search.looks_max = looks_max(lab_.plan, lab_.quick);
  search.fits = [&](const stats::Probe& probe, int look) {
    const Nanos kept = kept_for_confirmation(lab_.plan, lab_.quick, load, probe.purpose);
    return fits(deadline - kept, length_of(probe, look).length,
                prefix + label_of(std::round(probe.rate_eps), look));
  };
  search.measure = [&](const stats::Probe& probe, int look) {
    const double rate = std::round(probe.rate_eps);
    return measure({prefix + label_of(rate, look), stats::to_text(probe.purpose), rate, look,
                    length_of(probe, look)});
  };
  return search_rate(search, load);
}

// The latency at shares of the rate that was found.
Status Experiments::latency_curve(Nanos deadline) {
  run::Load& load = *result_.load;
  if (!load.sustainable_eps.estimate) return {};
  const StepLength length =
      lab_.plan.is_full() ? load_step_length(lab_.plan, false) : probe_length(lab_.plan);
  for (const int share : kCurve) {
    const std::string label = fmt::format("curve-{}", share);
    if (!fits(deadline, length.length, label)) {
      load.not_measured.push_back(fmt::format("the latency at {}% of the sustainable rate", share));
      continue;
    }
    const double rate = std::round(*load.sustainable_eps.estimate * share / 100);
    WEIR_TRY(measure_load({label, "curve", rate, 1, length}));
  }
  return {};
}

Status Experiments::given_rates(Nanos deadline) {
  run::Load& load = *result_.load;
  const StepLength length = load_step_length(lab_.plan, lab_.quick);
  load.until = lab_.plan.until;
  double highest = 0;
  for (const double rate : lab_.plan.rates) {
    std::string why;
    bool kept = false;
    for (int look = 1; look <= 3; ++look) {
      const std::string label = label_of(rate, look);
      const StepLength wanted = longer(length, look);
      if (look > 1 && !fits(deadline, wanted.length, label)) break;
      const run::Step step = WEIR_TRY(measure_load({label, "given", rate, look, wanted}));
      kept = step.verdict == "keeps_up" && meets(step, load.until, why).value_or(false);
      if (lab_.quick || step.verdict != "undecided") break;
    }
    if (kept) highest = std::max(highest, rate);
  }
  auto& estimate = load.sustainable_eps;
  estimate.method = "the highest of the rates given that kept up";
  for (const auto& bound : load.until) estimate.method += "; until " + bound;
  estimate.n = int(lab_.plan.rates.size());
  estimate.why["low"] = estimate.why["high"] = "fixed rates were asked for, not a search";
  if (highest > 0)
    estimate.estimate = highest;
  else
    estimate.why["estimate"] = "none of the rates given kept up";
  return {};
}

Status Experiments::load(Nanos budget) {
  if (!result_.load) result_.load.emplace();
  const Nanos deadline = lab_.clock.now() + budget;
  if (!lab_.plan.rates.empty()) {
    WEIR_TRY(given_rates(deadline));
  } else {
    const double guess = WEIR_TRY(first_guess());
    WEIR_TRY(search(*result_.load, lab_.quick ? guess : guess * kOverload, "", deadline,
                    [this](const RateStep& wanted) { return measure_load(wanted); }));
    if (!lab_.quick) WEIR_TRY(latency_curve(deadline));
  }
  result_.load->sizing = sizing_of(*result_.load);
  saved_();
  return {};
}

}  // namespace weir::lab
