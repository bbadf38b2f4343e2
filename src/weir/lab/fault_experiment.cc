// The third experiment: faults under load, one a step, and what they say together.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "weir/lab/experiments.h"
#include "weir/lab/fault_plan.h"
#include "weir/stats/assurance.h"
#include "weir/stats/interval.h"
#include "weir/stats/steady.h"

namespace weir::lab {

Result<std::optional<run::Fault>> Experiments::measure_fault(const std::string& kind,
                                                             int repetition, double rate) {
  const Plan& plan = lab_.plan;
  const Nanos trigger = plan.trigger;
  StepSpec spec;
  spec.label = fmt::format("{}-{}", kind, repetition);
  std::replace(spec.label.begin(), spec.label.end(), ':', '-');
  spec.workload = plan.workload;
  spec.rate_eps = std::round(rate);
  spec.trigger = trigger;
  spec.partitions = int32_t(plan.partitions);
  spec.parallelism = int32_t(plan.parallelism);
  const Nanos window = std::max(nanos_from_seconds(1), trigger);
  FaultSpec fault = fault_spec(plan, kind, repetition);
  const int repetitions = lab_.quick ? 1 : planned_repetitions(plan);
  fault.phase = (repetition - 1 + std::uniform_real_distribution<>(0, 1)(random_)) / repetitions;
  if (lab_.quick) {
    spec.warmup = std::max(nanos_from_seconds(1), trigger * 5);
    fault.after = spec.warmup + std::max(nanos_from_seconds(3), trigger * 12);
    spec.length = fault.after + std::max(nanos_from_seconds(5), trigger * 20);
  } else {
    spec.warmup = stats::least_warm_up(trigger, false);
    fault.after = spec.warmup + window * 60;
    spec.length = fault.after + window * 60;
  }
  StopConditions stop(WEIR_TRY(read_stop_conditions(plan.stop_if)), lab_.folder.path(),
                      lab_.broker.client());
  if (const std::string reason = stop.check_now(); !reason.empty()) {
    result_.faults->stopped = reason;
    return std::nullopt;
  }
  fault.stop = &stop;
  stop.watch();
  spec.fault = fault;
  const StepData data = WEIR_TRY(run_step(lab_, spec));
  if (const std::string reason = stop.reason(); !reason.empty()) result_.faults->stopped = reason;
  WEIR_TRY(write_step_files(data));
  run::Fault judged = judge_fault(data, repetition, lab_.quick);
  WEIR_TRY(lab_.folder.write(judged.folder + "/step.json", run::to_json(judged)));
  return judged;
}

Status Experiments::faults(Nanos budget) {
  result_.faults.emplace();
  auto& faults = *result_.faults;
  const Plan& plan = lab_.plan;
  const Nanos deadline = lab_.clock.now() + budget;
  if (plan.fault_rate <= 0 && working_rate() <= 0) WEIR_TRY(first_guess());
  const double rate = plan.fault_rate > 0 ? plan.fault_rate : working_rate() / 2;
  const Nanos window = std::max(nanos_from_seconds(1), plan.trigger);
  const Nanos length = lab_.quick ? std::max(nanos_from_seconds(9), plan.trigger * 37)
                                  : nanos_from_seconds(5) + window * 120;
  const int repetitions = lab_.quick ? 1 : planned_repetitions(plan);
  for (int repetition = 1; repetition <= repetitions; ++repetition) {
    for (const auto& kind : plan.fault_kinds) {
      if (!faults.stopped.empty() || !fits(deadline, length)) {
        faults.not_measured.push_back(fmt::format("{} {}", kind, repetition));
        continue;
      }
      auto fault = WEIR_TRY(measure_fault(kind, repetition, rate));
      if (!fault) {
        faults.not_measured.push_back(fmt::format("{} {}", kind, repetition));
        continue;
      }
      faults.faults.push_back(std::move(*fault));
      summarise_faults();
      saved_();
      narrator_.fault(faults.faults.back());
      if (lab_.interrupted()) return fail(Code::kInterrupted, "interrupted");
    }
  }
  return {};
}

void Experiments::summarise_faults() {
  using Member = run::Figure run::Fault::*;
  static constexpr std::pair<const char*, Member> kFigures[] = {
      {"first_output_s", &run::Fault::first_output_s},
      {"in_band_s", &run::Fault::in_band_s},
      {"drained_s", &run::Fault::drained_s},
      {"gap_s", &run::Fault::gap_s},
      {"noticed_s", &run::Fault::noticed_s},
      {"restarted_s", &run::Fault::restarted_s},
      {"rate_regained_s", &run::Fault::rate_regained_s}};
  auto& faults = *result_.faults;
  faults.summary.clear();
  std::set<std::string> kinds;
  for (const auto& fault : faults.faults) kinds.insert(fault.kind);
  for (const auto& kind : kinds) {
    for (const auto& [key, member] : kFigures) {
      std::vector<double> values;
      for (const auto& fault : faults.faults)
        if (fault.kind == kind && fault.valid && fault.*member) values.push_back(*(fault.*member));
      if (!values.empty())
        faults.summary[kind][key] = estimate_of(stats::log_interval(values), "low");
    }
  }
}

}  // namespace weir::lab
