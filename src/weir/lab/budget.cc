#include "weir/lab/budget.h"

#include <algorithm>

#include "weir/lab/experiments.h"
#include "weir/lab/fault_plan.h"
#include "weir/lab/preflight.h"
#include "weir/lab/scale_plan.h"
#include "weir/load/content.h"
#include "weir/stats/steady.h"

namespace weir::lab {
namespace {

// What a step costs beside its load: starting, draining, stopping; outside quick mode also removing
// what it left, and as long a rest for the disk.
constexpr Nanos kQuickOverhead = nanos_from_millis(1500), kOverhead = nanos_from_seconds(9);
// What a pipeline that was struck takes besides, outside quick mode: it drains more, and is judged.
constexpr Nanos kStruckOverhead = nanos_from_seconds(3);
// The same where a query has to be planned by somebody else, and a drain waits for its next batch.
constexpr Nanos kForeignOverhead = nanos_from_seconds(6);
constexpr Nanos kColdAndDrain = nanos_from_seconds(23);
constexpr Nanos kSecond = nanos_from_seconds(1);

// Shares of the budget.
constexpr double kLoadShare = 0.4, kScaleShare = 0.2, kFaultShare = 0.4;
constexpr int kWindowsMost = 60, kWindowsFewest = 15;

// A full search, in steps of one length: what the simulated engine of the tests needs in nine of
// ten searches, looks at undecided rates included; and its latency curve.
constexpr int kFullProbes = 22, kCurveSteps = 6;
// Events per second before any was measured: of weir's own engine, and of others.
constexpr double kRateAssumed = 1e6, kForeignRateAssumed = 3e5;

bool contains(const std::vector<std::string>& words, const char* word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Nanos warm_up(const Plan& plan) {
  return plan.warmup.value > 0 ? plan.warmup : stats::least_warm_up(plan.trigger, false);
}

// The step of a fault with everything beside it, outside quick mode.
Nanos whole_fault(const Plan& plan) {
  return fault_step_length(plan, false) + step_overhead(plan, false) + kStruckOverhead;
}

int64_t planned_faults(const Plan& plan, bool quick) {
  return std::max<int64_t>(1, int64_t(plan.fault_kinds.size()) * planned_repetitions(plan, quick));
}

// Of the experiments that are named, the part of the budget that belongs to one of them.
Nanos share_of(const Plan& plan, const char* experiment) {
  double all = 0, own = 0;
  for (const auto& [name, share] :
       {std::pair{"load", kLoadShare}, {"scale", kScaleShare}, {"faults", kFaultShare}})
    if (contains(plan.experiments, name)) {
      all += share;
      if (std::string_view(name) == experiment) own = share;
    }
  return own > 0 ? nanos_from_seconds(plan.budget.seconds() * own / all) : Nanos();
}

// What the cells of a quick run need where a plan asks for more of them, or for longer ones.
Nanos quick_cells(const Plan& plan) {
  if (!added_work_dominates(plan) && plan.scale_repetitions == 1) return Nanos();
  const Nanos drain(cell_length(plan, true).value / 4);
  return (cell_length(plan, true) + drain + step_overhead(plan, true)) *
         int64_t(scale_cells(plan, true).size()) * scale_repetitions(plan, true);
}

// Events per second offered to the widest cell, at most.
double most_in_a_cell(const Plan& plan, double found) {
  int64_t widest = 1;
  for (const auto& [partitions, workers] : scale_cells(plan, false))
    widest = std::max(widest, std::min(partitions, workers));
  return kOverload * std::min(found, added_work_bound(plan, widest, widest));
}

Budget full_needs(const Plan& plan) {
  const auto with_overhead = [&plan](Nanos length) { return length + step_overhead(plan, false); };
  Budget budget;
  const Nanos search = with_overhead(load_step_length(plan, false).length) * kFullProbes;
  if (contains(plan.experiments, "load"))
    budget.load =
        plan.rates.empty()
            ? search + with_overhead(load_step_length(plan, false).length) * kCurveSteps
            : with_overhead(load_step_length(plan, false).length) * int64_t(plan.rates.size());
  if (contains(plan.experiments, "scale")) {
    // Once a search of each cell, then an overload step for each further repetition; at a rate that
    // is given a step for each.
    const Nanos once = plan.scale_rate > 0 ? with_overhead(cell_length(plan, false)) : search;
    const int64_t more = scale_repetitions(plan, false) - 1;
    budget.scale = (once + with_overhead(cell_length(plan, false)) * more) *
                   int64_t(scale_cells(plan, false).size());
  }
  if (contains(plan.experiments, "faults"))
    budget.faults = whole_fault(plan) * planned_faults(plan, false);
  return budget;
}

// Each quick fault with what a JVM takes beside it: to compile before it, to drain after it.
Nanos quick_foreign_faults(const Plan& plan) {
  Nanos each;
  for (const auto& kind : plan.fault_kinds)
    each += fault_step_length(plan, true, kind) + step_overhead(plan, true) + kColdAndDrain;
  return each * planned_repetitions(plan, true);
}

}  // namespace

Nanos step_overhead(const Plan& plan, bool quick) {
  if (!quick) return kOverhead;
  return plan.is_embedded() ? kQuickOverhead : kForeignOverhead;
}

StepLength load_step_length(const Plan& plan, bool quick) {
  if (quick) {
    const int64_t least = plan.trigger.value * 24 * 5 / 4;
    const int64_t step = std::max<int64_t>(6'000'000'000, least);
    // A whole number of due-time windows, which are one trigger wide here.
    const int64_t window = std::max<int64_t>(plan.trigger.value, 1'000'000);
    return {Nanos((step / 5 + window - 1) / window * window), Nanos(step)};
  }
  return {warm_up(plan), warm_up(plan) + std::max(plan.step, plan.trigger * 20)};
}

StepLength probe_length(const Plan& plan) {
  return {warm_up(plan), warm_up(plan) + std::max(Nanos(plan.step.value / 3), plan.trigger * 20)};
}

StepLength look_length(const Plan& plan, bool quick, stats::ProbePurpose purpose, int look) {
  const bool whole = quick || plan.is_full() || stats::confirms(purpose);
  const StepLength once = whole ? load_step_length(plan, quick) : probe_length(plan);
  return {once.warmup, once.warmup + (once.length - once.warmup) * look};
}

int looks_max(const Plan& plan, bool quick) { return plan.is_full() && !quick ? 3 : 1; }

Nanos kept_for_confirmation(const Plan& plan, bool quick, const run::Load& load,
                            stats::ProbePurpose purpose) {
  if (quick || stats::confirms(purpose)) return Nanos(0);
  const bool answered = std::any_of(load.probes.begin(), load.probes.end(), [](const auto& probe) {
    return probe.verdict == "keeps_up" && probe.met.value_or(true);
  });
  if (!answered) return Nanos(0);
  return (load_step_length(plan, quick).length + step_overhead(plan, quick)) * 2;
}

Nanos cell_length(const Plan& plan, bool quick) {
  if (plan.scale_rate > 0) return load_step_length(plan, quick).length;
  // Light load does not overwhelm: its backlog takes longer to show.
  if (quick && added_work_dominates(plan))
    return std::max(nanos_from_millis(4800), plan.trigger * 24);
  if (quick) return std::max(nanos_from_millis(2400), plan.trigger * 16);
  return stats::least_warm_up(plan.trigger, false) +
         std::max(nanos_from_seconds(20), plan.trigger * 20);
}

int fault_windows(const Plan& plan) {
  if (plan.is_full() || !plan.assure.empty()) return kWindowsMost;
  const Nanos window = std::max(kSecond, plan.trigger);
  const Nanos each(share_of(plan, "faults").value / planned_faults(plan, false));
  const Nanos observed =
      each - step_overhead(plan, false) - kStruckOverhead - warm_up(plan) - window;
  return int(std::clamp<int64_t>(observed.value / window.value / 2, kWindowsFewest, kWindowsMost));
}

Budget share_budget(const Plan& plan, bool quick) {
  const bool load = contains(plan.experiments, "load"), scale = contains(plan.experiments, "scale"),
             faults = contains(plan.experiments, "faults");
  Budget budget;
  if (quick) {
    const double longer = load_step_length(plan, true).length.seconds() / 6.0;
    const bool own = plan.is_embedded();  // others are slower to start and to come back
    if (load) budget.load = nanos_from_seconds(40 * longer);
    // Alone it begins with the first guess that load leaves otherwise.
    if (scale)
      budget.scale = std::max(nanos_from_seconds(20 * longer + (load ? 0 : 6)), quick_cells(plan));
    const double all =
        double(std::max<size_t>(2, plan.fault_kinds.size())) * planned_repetitions(plan, true);
    if (faults) budget.faults = nanos_from_seconds((own ? 14 : 17) * longer * all);
    if (faults && !own) budget.faults = std::max(budget.faults, quick_foreign_faults(plan));
    return budget;
  }
  if (plan.is_full()) return full_needs(plan);
  budget.load = share_of(plan, "load");
  budget.scale = share_of(plan, "scale");
  budget.faults = share_of(plan, "faults");
  // As many repetitions as an assurance needs take the time they take.
  if (faults && !plan.assure.empty())
    budget.faults = std::max(budget.faults, whole_fault(plan) * planned_faults(plan, false));
  return budget;
}

PlannedBytes planned_bytes_by_part(const Plan& plan, bool quick, bool keep_data) {
  // As the generator writes them, and again in the output of a workload that forwards.
  const auto sizes = load::SizeLaw::parse(plan.sizes, "load.sizes");
  const double size = sizes ? sizes->mean(int(plan.event_size)) : double(plan.event_size);
  const double event = (size + 31) * (plan.workload == "forward" ? 2 : 1);
  const auto bytes = [&](double rate, Nanos length, double steps) {
    return rate * event * (length + step_overhead(plan, quick)).seconds() * (keep_data ? steps : 1);
  };
  const double found = !plan.rates.empty() ? *std::max_element(plan.rates.begin(), plan.rates.end())
                       : plan.engine == "native" ? kRateAssumed
                                                 : kForeignRateAssumed;
  PlannedBytes planned;
  if (contains(plan.experiments, "load")) {
    const Nanos whole = load_step_length(plan, quick).length;
    const Nanos overload = quick || plan.is_full() ? whole : probe_length(plan).length;
    planned.load = plan.rates.empty()
                       ? std::max(bytes(found, whole, kFullProbes + kCurveSteps),
                                  quick ? 0 : bytes(found * kOverload, overload, kFullProbes))
                       : bytes(found, whole, double(plan.rates.size()));
  }
  if (contains(plan.experiments, "scale"))
    planned.scale = bytes(plan.scale_rate > 0 ? plan.scale_rate : most_in_a_cell(plan, found),
                          cell_length(plan, quick), double(scale_cells(plan, quick).size()) * 2);
  if (contains(plan.experiments, "faults"))
    planned.faults = bytes(plan.fault_rate > 0 ? plan.fault_rate : found / 2,
                           fault_step_length(plan, quick), double(planned_faults(plan, quick)));
  return planned;
}

double planned_bytes(const Plan& plan, bool quick) {
  const PlannedBytes planned = planned_bytes_by_part(plan, quick, false);
  return std::max({planned.load, planned.scale, planned.faults});
}

}  // namespace weir::lab
