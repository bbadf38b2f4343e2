// What a run found, in sentences; and whether the plan's objectives were met.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "weir/base/nearest.h"
#include "weir/lab/experiments.h"

namespace weir::lab {
namespace {

const run::Step* highest(const run::Load& load, const char* verdict) {
  const run::Step* found = nullptr;
  for (const auto& step : load.steps)
    if (step.verdict == verdict && (!found || *step.offered_eps > *found->offered_eps))
      found = &step;
  return found;
}

const run::Step* lowest_above(const run::Load& load, double rate) {
  const run::Step* found = nullptr;
  for (const auto& step : load.steps)
    if ((step.verdict == "falls_behind" || step.verdict == "stretched") &&
        *step.offered_eps > rate && (!found || *step.offered_eps < *found->offered_eps))
      found = &step;
  return found;
}

std::string load_sentence(const run::Load& load) {
  const run::Step* kept = highest(load, "keeps_up");
  if (kept == nullptr) {
    const run::Step* fell = lowest_above(load, 0);
    if (fell == nullptr) return "No rate could be judged.";
    return fmt::format("Already at {} events/s the pipeline falls behind.",
                       rate_text(*fell->offered_eps));
  }
  std::string latency;
  if (kept->latency && kept->latency->p99)
    latency = fmt::format(" (p99 {:.0f} ms)", *kept->latency->p99);
  if (const run::Step* above = lowest_above(load, *kept->offered_eps))
    return fmt::format("This pipeline keeps up at {} events/s{}; at {} {}.",
                       rate_text(*kept->offered_eps), latency, rate_text(*above->offered_eps),
                       above->verdict == "stretched" ? "its batches take longer than the trigger"
                                                     : "its backlog grows");
  return fmt::format(
      "This pipeline keeps up at {} events/s{}; its limit lies above and was not found.",
      rate_text(*kept->offered_eps), latency);
}

std::string scale_sentence(const run::Scale& scale) {
  const run::Step* least = nullptr;
  const run::Step* most = nullptr;
  for (const auto& cell : scale.cells) {
    if (!cell.processed_eps || cell.verdict == "invalid") continue;
    if (!least || cell.partitions < least->partitions) least = &cell;
    if (!most || cell.partitions >= most->partitions) most = &cell;
  }
  if (!least || !most || least == most) return "Scaling was not measured.";
  return fmt::format(
      "{} partitions with {} workers process {:.1f} times what {} with {} does.", most->partitions,
      most->parallelism, *most->processed_eps / *least->processed_eps,
      least->partitions == 1 ? "one partition" : fmt::format("{} partitions", least->partitions),
      least->parallelism);
}

std::string what_was_lost(const std::vector<run::Fault>& faults) {
  uint64_t lost = 0, duplicated = 0, pending = 0;
  for (const auto& fault : faults)
    if (fault.audit.level == "none") return "what was lost cannot be told: " + fault.audit.why;
  for (const auto& fault : faults)
    lost += fault.audit.lost, duplicated += fault.audit.duplicated, pending += fault.audit.pending;
  if (pending > 0)
    return fmt::format("{} events were not visible when the drain ended; lost {}, duplicated {}",
                       pending, lost, duplicated);
  if (lost == 0 && duplicated == 0) return "nothing was lost or doubled";
  return fmt::format("lost {}, duplicated {}", lost, duplicated);
}

std::string what_happened(const run::Fault& fault) {
  const std::string action = fault.kind.substr(fault.kind.find(':') + 1);
  if (action == "kill") return "a killed " + fault.target;
  if (action == "pause") return "a paused " + fault.target;
  if (action == "stop") return "a stopped " + fault.target;
  if (action == "zombie") return "a replaced, woken " + fault.target;
  return "the fault " + fault.kind;
}

std::string faults_sentence(const run::Faults& faults) {
  std::string text;
  for (const auto& fault : faults.faults) {
    if (!fault.first_output_s) continue;
    if (fault.repetition > 1) continue;
    const std::string verb = what_happened(fault);
    text += fmt::format("{} {} results come again in {:.1f} s", text.empty() ? "After" : ", after",
                        verb, *fault.first_output_s);
    if (fault.in_band_s) text += fmt::format(" and are current in {:.1f} s", *fault.in_band_s);
  }
  if (text.empty()) return "No fault could be measured.";
  text += "; " + what_was_lost(faults.faults) + ".";
  for (const auto& [kind, assurance] : faults.assurance)
    if (assurance.faults > 1) text += fmt::format(" {}: {}.", kind, assurance.meaning);
  if (!faults.stopped.empty()) text += " Stopped: " + faults.stopped + ".";
  return text;
}

// The figure that an objective's key names; empty when it was not measured.
struct Measured {
  bool known = false, applies = true;
  run::Figure value;
};

run::Figure latency_figure(const run::Step& step, const std::string& key) {
  if (!step.latency) return {};
  if (key == "p50_ms") return step.latency->p50;
  if (key == "p95_ms") return step.latency->p95;
  if (key == "p99_ms") return step.latency->p99;
  if (key == "p999_ms") return step.latency->p999;
  return step.latency->max;
}

Measured measured_latency(const Plan& plan, const run::RunResult& result, const std::string& key) {
  Measured found{true, result.load.has_value(), {}};
  if (!result.load) return found;
  if (plan.rates.empty()) {
    if (const run::Step* kept = highest(*result.load, "keeps_up"))
      found.value = latency_figure(*kept, key);
    return found;
  }
  for (const auto& step : result.load->steps) {
    const auto figure = latency_figure(step, key);
    if (!figure) return {true, true, {}};  // one step without it leaves the whole untold
    found.value = std::max(found.value.value_or(0), *figure);
  }
  return found;
}

Measured measured_audit(const run::RunResult& result, bool lost) {
  Measured found{true, true, 0.0};
  const auto add = [&](const AuditReport& audit) {
    if (!found.value) return;
    if (audit.level == "none" || (!audit.complete && lost))
      found.value.reset();
    else
      *found.value += double(lost ? audit.lost : audit.duplicated);
  };
  if (result.load)
    for (const auto& step : result.load->steps) add(step.audit);
  if (result.scale)
    for (const auto& cell : result.scale->cells) add(cell.audit);
  if (result.faults)
    for (const auto& fault : result.faults->faults) add(fault.audit);
  return found;
}

Measured measured_fault(const run::RunResult& result, run::Figure run::Fault::*member) {
  Measured found{true, result.faults.has_value(), {}};
  if (!result.faults) return found;
  for (const auto& fault : result.faults->faults) {
    if (!(fault.*member)) return {true, true, {}};
    found.value = std::max(found.value.value_or(0), *(fault.*member));
  }
  return found;
}

const std::vector<std::pair<std::string, run::Figure run::Fault::*>>& fault_keys() {
  static const std::vector<std::pair<std::string, run::Figure run::Fault::*>> keys = {
      {"silent_from_s", &run::Fault::silent_from_s},
      {"noticed_s", &run::Fault::noticed_s},
      {"restarted_s", &run::Fault::restarted_s},
      {"first_output_s", &run::Fault::first_output_s},
      {"rate_regained_s", &run::Fault::rate_regained_s},
      {"drained_s", &run::Fault::drained_s},
      {"in_band_s", &run::Fault::in_band_s},
      {"gap_s", &run::Fault::gap_s}};
  return keys;
}

Measured measure(const Plan& plan, const run::RunResult& result, const std::string& key) {
  for (const char* latency : {"p50_ms", "p95_ms", "p99_ms", "p999_ms", "max_ms"})
    if (key == latency) return measured_latency(plan, result, key);
  if (key == "lost" || key == "duplicated") return measured_audit(result, key == "lost");
  for (const auto& [name, member] : fault_keys())
    if (key == name) return measured_fault(result, member);
  return {};
}

bool holds(double value, const std::string& relation, double bound) {
  if (relation == "<=") return value <= bound;
  if (relation == "<") return value < bound;
  if (relation == ">=") return value >= bound;
  if (relation == ">") return value > bound;
  return value == bound;
}

}  // namespace

std::vector<std::string> findings_of(const run::RunResult& result) {
  std::vector<std::string> sentences;
  if (result.load && !result.load->steps.empty()) sentences.push_back(load_sentence(*result.load));
  if (result.scale) sentences.push_back(scale_sentence(*result.scale));
  if (result.faults) sentences.push_back(faults_sentence(*result.faults));
  return sentences;
}

Result<std::vector<run::Objective>> judge_objectives(const Plan& plan,
                                                     const run::RunResult& result) {
  std::vector<run::Objective> objectives;
  for (const auto& expr : plan.objectives) {
    std::istringstream words(expr);
    std::string key, relation, rest;
    double bound = 0;
    const bool read = bool(words >> key >> relation >> bound) && !(words >> rest);
    static const std::vector<std::string> relations{"<=", "<", ">=", ">", "=="};
    if (!read || std::find(relations.begin(), relations.end(), relation) == relations.end())
      return fail(Code::kUsage, "objective \"" + expr + "\" cannot be read",
                  "it must be a figure, a relation and a number",
                  "write for example \"p99_ms <= 1500\"");
    const Measured measured = measure(plan, result, key);
    if (!measured.known) {
      std::vector<std::string> known{"p50_ms", "p95_ms", "p99_ms",    "p999_ms",
                                     "max_ms", "lost",   "duplicated"};
      for (const auto& [name, member] : fault_keys()) known.push_back(name);
      const std::string close = nearest(key, known);
      return fail(Code::kUsage, "objective \"" + expr + "\" names an unknown figure " + key,
                  "weir does not measure it",
                  close.empty() ? "use p99_ms, lost, duplicated or first_output_s"
                                : "did you mean " + close + "?");
    }
    if (!measured.applies) continue;
    run::Objective objective{expr, measured.value, {}};
    if (measured.value) objective.met = holds(*measured.value, relation, bound);
    objectives.push_back(objective);
  }
  return objectives;
}

}  // namespace weir::lab
