// The third experiment: faults under load, one a step, and what they say together.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <sstream>

#include "weir/base/duration.h"
#include "weir/lab/experiments.h"
#include "weir/lab/fault_plan.h"
#include "weir/stats/assurance.h"
#include "weir/stats/interval.h"
#include "weir/stats/steady.h"

namespace weir::lab {
namespace {

// The tightest bound that the objectives set to a latency percentile.
std::optional<double> latency_objective(const Plan& plan) {
  std::optional<double> bound;
  for (const auto& expr : plan.objectives) {
    std::istringstream words(expr);
    std::string key, relation;
    double value = 0;
    if (!(words >> key >> relation >> value) || !relation.starts_with("<")) continue;
    if (key != "p50_ms" && key != "p95_ms" && key != "p99_ms" && key != "p999_ms" &&
        key != "max_ms")
      continue;
    bound = std::min(bound.value_or(value), value);
  }
  return bound;
}

// What a recovery may have to wait for.
std::map<std::string, std::string> configured_timeouts(const Plan& plan) {
  std::map<std::string, std::string> timeouts = {
      {"engine.trigger", duration_text(plan.trigger)},
      {"faults.restart_delay", duration_text(plan.restart_delay)},
      {"producer message.timeout.ms", "300000"},
      {"reconnect.backoff.max.ms", "200"}};
  if (plan.engine == "spark" || plan.engine == "seed") {
    timeouts["spark.network.timeout"] = "120s";
    timeouts["spark.worker.timeout"] = "60";
    timeouts["spark.executor.heartbeatInterval"] = "10s";
    for (const auto& [key, value] : plan.conf)
      if (key.find("imeout") != std::string::npos || key.find("nterval") != std::string::npos)
        timeouts[key] = value;
  }
  for (const auto& [name, fault] : plan.named_faults)
    timeouts["faults.named." + name + ".max_s"] = fmt::format("{}", fault.max.seconds());
  return timeouts;
}

run::Assurance assurance_of(const std::vector<run::Fault>& faults, const std::string& kind) {
  run::Assurance assurance;
  for (const auto& fault : faults) {
    if (fault.kind != kind || !fault.valid || !fault.audit.complete) continue;
    ++assurance.faults;
    assurance.with_loss += fault.audit.lost > 0;
  }
  if (assurance.faults == 0) {
    assurance.meaning = "no fault of this kind has a complete audit";
  } else if (assurance.with_loss > 0) {
    assurance.meaning =
        fmt::format("lost in {} of {} faults", assurance.with_loss, assurance.faults);
  } else {
    assurance.chance_below = stats::chance_below(assurance.faults);
    assurance.meaning =
        fmt::format("lost in 0 of {}: the chance of a loss per fault is below {:.3g}% at 95%",
                    assurance.faults, 100 * *assurance.chance_below);
  }
  return assurance;
}

// On Spark the metrics workload tells batches only; what a fault does to single events is seen with
// forward, which costs it about twice as much.
bool needs_forward(const Plan& plan) {
  return plan.engine == "spark" && plan.workload == "metrics";
}

// A quick look before a fault: enough windows for a band that noise alone rarely leaves.
Nanos quick_before(const Plan& plan) {
  return std::max(nanos_from_seconds(3), plan.trigger * (plan.is_embedded() ? 12 : 16));
}

// A quick look at what follows a fault. A JVM that starts anew takes some fifteen seconds to be
// back, Kafka with much to recover twenty; and half a minute more until batches are as short as
// before.
Nanos quick_aftermath(const Plan& plan, const std::string& kind) {
  const bool new_jvm =
      (plan.engine == "spark" || plan.engine == "seed") &&
      (kind == "engine:kill" || kind == "engine:stop" || kind == "checkpoint:lose");
  const bool new_kafka = plan.broker == "apache" && (kind == "broker:kill" || kind == "disk:full");
  const int64_t triggers = plan.is_embedded() ? 20 : new_jvm ? 50 : 35;
  return std::max(nanos_from_seconds(new_kafka ? 30 : 5), plan.trigger * triggers);
}

Nanos quick_warm_up(const Plan& plan) { return std::max(nanos_from_seconds(1), plan.trigger * 5); }

Nanos full_warm_up(const Plan& plan) {
  return plan.warmup.value > 0 ? plan.warmup : stats::least_warm_up(plan.trigger, false);
}

std::string fault_label(const std::string& kind, int repetition) {
  std::string label = fmt::format("{}-{}", kind, repetition);
  std::replace(label.begin(), label.end(), ':', '-');
  return label;
}

}  // namespace

Nanos fault_step_length(const Plan& plan, bool quick, const std::string& kind) {
  if (quick) return quick_warm_up(plan) + quick_before(plan) + quick_aftermath(plan, kind);
  return full_warm_up(plan) +
         std::max(nanos_from_seconds(1), plan.trigger) * (2 * fault_windows(plan));
}

Nanos fault_step_length(const Plan& plan, bool quick) {
  Nanos longest;
  for (const auto& kind : plan.fault_kinds)
    longest = std::max(longest, fault_step_length(plan, quick, kind));
  return longest;
}

Result<std::optional<run::Fault>> Experiments::measure_fault(const std::string& kind,
                                                             int repetition, double rate) {
  const Plan& plan = lab_.plan;
  const Nanos trigger = plan.trigger;
  StepSpec spec;
  spec.label = fault_label(kind, repetition);
  spec.workload = needs_forward(plan) ? "forward" : plan.workload;
  spec.rate_eps = std::round(rate);
  spec.trigger = trigger;
  spec.partitions = int32_t(plan.partitions);
  spec.parallelism = int32_t(plan.parallelism);
  const Nanos window = std::max(nanos_from_seconds(1), trigger);
  FaultSpec fault = fault_spec(plan, kind, repetition);
  const int repetitions = planned_repetitions(plan, lab_.quick);
  fault.phase = (repetition - 1 + std::uniform_real_distribution<>(0, 1)(random_)) / repetitions;
  if (const auto stored = finished_.take(spec.label))
    return WEIR_TRY(run::fault_from_json(*stored));
  if (lab_.quick) {
    spec.warmup = quick_warm_up(plan);
    fault.after = spec.warmup + quick_before(plan);
    spec.length = fault.after + quick_aftermath(plan, kind);
  } else {
    spec.warmup = full_warm_up(plan);
    fault.after = spec.warmup + window * fault_windows(plan);
    spec.length = fault.after + window * fault_windows(plan);
  }
  fault.late_ms = latency_objective(plan);
  if (result_.load) fault.capacity_eps = result_.load->capacity_eps.estimate;
  // A broker that ends with its step cannot be asked between steps.
  StopConditions stop(
      WEIR_TRY(read_stop_conditions(plan.stop_if)), lab_.folder.path(),
      lab_.broker.topic_prefix().empty() ? kafka::ClientConfig{} : lab_.broker.client());
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
  WEIR_TRY(store(judged));
  return judged;
}

Status Experiments::faults(Nanos budget) {
  result_.faults.emplace();
  auto& faults = *result_.faults;
  const Plan& plan = lab_.plan;
  faults.timeouts = configured_timeouts(plan);
  const Nanos deadline = lab_.clock.now() + budget;
  if (plan.fault_rate <= 0 && working_rate() <= 0) WEIR_TRY(first_guess());
  const double rate =
      plan.fault_rate > 0 ? plan.fault_rate : working_rate() / (needs_forward(plan) ? 4 : 2);
  const int repetitions = planned_repetitions(plan, lab_.quick);
  for (int repetition = 1; repetition <= repetitions; ++repetition) {
    for (const auto& kind : plan.fault_kinds) {
      const Nanos length = fault_step_length(plan, lab_.quick, kind);
      if (!faults.stopped.empty() || !fits(deadline, length, fault_label(kind, repetition))) {
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
  if (!faults.stopped.empty())
    result_.warnings.push_back({"W041", "faults", "no more faults were begun: " + faults.stopped,
                                "see to it, then run the faults again"});
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
    faults.assurance[kind] = assurance_of(faults.faults, kind);
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
