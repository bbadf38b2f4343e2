#include "weir/lab/objectives.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "weir/base/nearest.h"
#include "weir/lab/experiments.h"
#include "weir/run/answer.h"
#include "weir/run/audits.h"

namespace weir::lab {
namespace {

struct LatencyKey {
  const char* name;
  run::Figure run::Latency::*member;
};
constexpr LatencyKey kLatency[] = {{"p50_ms", &run::Latency::p50},
                                   {"p95_ms", &run::Latency::p95},
                                   {"p99_ms", &run::Latency::p99},
                                   {"p999_ms", &run::Latency::p999},
                                   {"max_ms", &run::Latency::max}};

struct AuditKey {
  const char* name;
  uint64_t AuditReport::*member;
  bool needs_drain;  // an incomplete audit says nothing of it
};
constexpr AuditKey kAudit[] = {{"lost", &AuditReport::lost, true},
                               {"duplicated", &AuditReport::duplicated, false},
                               {"reordered", &AuditReport::reordered, false},
                               {"foreign", &AuditReport::foreign, false},
                               {"pending", &AuditReport::pending, false}};

struct FaultKey {
  const char* name;
  run::Figure run::Fault::*member;
};
constexpr FaultKey kFault[] = {{"silent_from_s", &run::Fault::silent_from_s},
                               {"noticed_s", &run::Fault::noticed_s},
                               {"restarted_s", &run::Fault::restarted_s},
                               {"first_output_s", &run::Fault::first_output_s},
                               {"rate_regained_s", &run::Fault::rate_regained_s},
                               {"drained_s", &run::Fault::drained_s},
                               {"in_band_s", &run::Fault::in_band_s},
                               {"gap_s", &run::Fault::gap_s},
                               {"late_events", &run::Fault::late_events},
                               {"repeated_events", &run::Fault::repeated_events},
                               {"peak_backlog", &run::Fault::peak_backlog}};

template <class Keys>
auto find_key(const Keys& keys, const std::string& name) {
  return std::find_if(std::begin(keys), std::end(keys),
                      [&](const auto& key) { return name == key.name; });
}

// Of a search at the step that its answer rests on; of rates given, the worst over all of them.
MeasuredFigure measure_steps(const Plan& plan, const run::RunResult& result,
                             const std::string& figure, bool more_is_worse) {
  MeasuredFigure found{result.load.has_value(), {}, {}, {}, {}};
  if (!result.load) return found;
  if (plan.rates.empty()) {
    const run::Step* kept = run::answer_step(*result.load);
    if (kept != nullptr) found = measure_step(*kept, figure);
    if (!found.value)
      found.why = kept == nullptr ? "no step keeps up" : "the highest step that keeps up has none";
    return found;
  }
  for (const auto& step : result.load->steps) {
    const MeasuredFigure next = measure_step(step, figure);
    if (!next.value) return {true, {}, {}, {}, "the step " + step.label + " has none"};
    for (const auto& end : {&MeasuredFigure::value, &MeasuredFigure::low, &MeasuredFigure::high}) {
      // Without an interval the value stands for both of its ends.
      const double value = (next.*end).value_or(*next.value);
      const double so_far = (found.*end).value_or(value);
      found.*end = more_is_worse ? std::max(so_far, value) : std::min(so_far, value);
    }
  }
  if (!found.value) found.why = "no step was measured";
  return found;
}

// Added up over every audit of the run.
MeasuredFigure measure_audits(const run::RunResult& result, const AuditKey& key) {
  MeasuredFigure found{true, 0.0, {}, {}, {}};
  const auto add = [&](const AuditReport& audit) {
    if (!found.value) return;
    if (audit.level == "none")
      found.value.reset(), found.why = audit.why;
    else if (key.needs_drain && !audit.complete)
      found.value.reset(), found.why = "events were still on their way when a drain ended";
    else
      *found.value += double(audit.*key.member);
  };
  for (const AuditReport* audit : run::audits_of(result)) add(*audit);
  return found;
}

// The worst over all faults.
MeasuredFigure measure_faults(const run::RunResult& result, const FaultKey& key) {
  MeasuredFigure found{result.faults.has_value(), {}, {}, {}, {}};
  if (!result.faults) return found;
  for (const auto& fault : result.faults->faults) {
    const auto& value = fault.*key.member;
    if (!value) {
      const auto why = fault.why.find(key.name);
      return {true,
              {},
              {},
              {},
              fault.label + ": " + (why == fault.why.end() ? "not measured" : why->second)};
    }
    found.value = std::max(found.value.value_or(0), *value);
  }
  if (!found.value) found.why = "no fault was measured";
  return found;
}

MeasuredFigure measure_estimate(const run::RunResult& result, run::Estimate run::Load::*member) {
  MeasuredFigure found{result.load.has_value(), {}, {}, {}, {}};
  if (!result.load) return found;
  const run::Estimate& estimate = (*result.load).*member;
  found.value = estimate.estimate, found.low = estimate.low, found.high = estimate.high;
  if (!found.value) {
    const auto why = estimate.why.find("estimate");
    found.why = why == estimate.why.end() ? "no rate was found" : why->second;
  }
  return found;
}

}  // namespace

bool Requirement::holds(double value) const {
  if (relation == "<=") return value <= limit;
  if (relation == "<") return value < limit;
  if (relation == ">=") return value >= limit;
  if (relation == ">") return value > limit;
  return value == limit;
}

const std::vector<FigureMeaning>& requirement_figures() {
  static const std::vector<FigureMeaning> all = {
      {"p50_ms", "median event latency, visible - due"},
      {"p95_ms", "its 95th percentile"},
      {"p99_ms", "its 99th percentile"},
      {"p999_ms", "its 99.9th percentile"},
      {"max_ms", "the latest event"},
      {"sustainable_eps", "the sustainable rate; held against its whole interval where it has one"},
      {"capacity_eps", "events per second when stored events are processed back to back"},
      {"processed_eps", "events processed per second of the step"},
      {"cpu_s_per_million", "CPU seconds of broker and engine per million events"},
      {"lost", "acknowledged and never seen, over all audits"},
      {"duplicated", "copies beyond the first"},
      {"reordered", "after a later one of its partition"},
      {"foreign", "ids that are not of this run"},
      {"pending", "not visible when the drain ended"},
      {"silent_from_s",
       "injection to the first result that stayed away; the worst fault, as below"},
      {"noticed_s", "injection to noticed by the supervisor"},
      {"restarted_s", "injection to restarted"},
      {"first_output_s", "injection to the first result of the recovered pipeline"},
      {"rate_regained_s", "injection to as many results as are offered"},
      {"drained_s", "injection to the backlog as low as before"},
      {"in_band_s", "injection to latency as low as before"},
      {"gap_s", "longest time without a result"},
      {"late_events", "events later than the tightest latency objective"},
      {"repeated_events", "copies that the fault made visible"},
      {"peak_backlog", "largest backlog after the injection, events"}};
  return all;
}

Result<Requirement> parse_requirement(const std::string& expr) {
  const auto blank = [](const std::string& text) {
    const size_t begin = text.find_first_not_of(" \t"), end = text.find_last_not_of(" \t");
    return begin == std::string::npos ? std::string() : text.substr(begin, end - begin + 1);
  };
  const size_t at = expr.find_first_of("<>=");
  Requirement found;
  bool read = at != std::string::npos;
  if (read) {
    const size_t after = expr.find_first_not_of("<>=", at);
    found.figure = blank(expr.substr(0, at));
    found.relation = expr.substr(at, after == std::string::npos ? after : after - at);
    const std::string number = after == std::string::npos ? "" : blank(expr.substr(after));
    const auto end = number.data() + number.size();
    const auto parsed = std::from_chars(number.data(), end, found.limit);
    read = parsed.ec == std::errc() && parsed.ptr == end && std::isfinite(found.limit);
  }
  static const std::vector<std::string> relations{"<=", "<", ">=", ">", "=="};
  if (!read || found.figure.empty() ||
      std::find(relations.begin(), relations.end(), found.relation) == relations.end())
    return fail(Code::kUsage, "objective \"" + expr + "\" cannot be read",
                "it must be a figure, a relation (<=, <, >=, >, ==) and a number",
                "write for example \"p99_ms <= 1500\"");
  std::vector<std::string> known;
  for (const auto& each : requirement_figures()) known.push_back(each.name);
  if (std::find(known.begin(), known.end(), found.figure) != known.end()) return found;
  const std::string close = nearest(found.figure, known);
  return fail(Code::kUsage, "objective \"" + expr + "\" names an unknown figure " + found.figure,
              "weir does not measure it",
              close.empty() ? "use p99_ms, sustainable_eps, lost, duplicated or first_output_s"
                            : "did you mean " + close + "?");
}

run::Figure cpu_per_million(const run::Step& step, const std::string& process) {
  double seconds = 0;
  bool known = false;
  for (const auto& [name, used] : step.cpu_seconds) {
    const bool counts = process.empty()
                            ? !name.starts_with("generator") && name != "observer" && name != "weir"
                            : name == process;
    if (counts) seconds += used, known = true;
  }
  const double events = step.audit.processed > 0
                            ? double(step.audit.processed)
                            : step.processed_eps.value_or(0) * (step.warmup_s + step.measured_s);
  if (!known || !(events > 0)) return {};
  return seconds / events * 1e6;
}

run::Figure figure_of_step(const run::Step& step, const std::string& figure) {
  if (const auto key = find_key(kLatency, figure); key != std::end(kLatency))
    return step.latency ? (*step.latency).*key->member : run::Figure();
  if (const auto key = find_key(kAudit, figure); key != std::end(kAudit)) {
    if (step.audit.level == "none" || (key->needs_drain && !step.audit.complete)) return {};
    return double(step.audit.*key->member);
  }
  if (figure == "processed_eps") return step.processed_eps;
  if (figure == "cpu_s_per_million") return cpu_per_million(step);
  return {};
}

MeasuredFigure measure_step(const run::Step& step, const std::string& figure) {
  MeasuredFigure found{true, figure_of_step(step, figure), {}, {}, {}};
  if (const auto interval = step.intervals.find(figure); interval != step.intervals.end())
    found.low = interval->second.low, found.high = interval->second.high;
  return found;
}

MeasuredFigure measure_figure(const Plan& plan, const run::RunResult& result,
                              const std::string& figure) {
  if (figure == "sustainable_eps") return measure_estimate(result, &run::Load::sustainable_eps);
  if (figure == "capacity_eps") return measure_estimate(result, &run::Load::capacity_eps);
  if (const auto key = find_key(kAudit, figure); key != std::end(kAudit))
    return measure_audits(result, *key);
  if (const auto key = find_key(kFault, figure); key != std::end(kFault))
    return measure_faults(result, *key);
  return measure_steps(plan, result, figure, figure != "processed_eps");
}

std::optional<bool> fate_of(const Requirement& requirement, const MeasuredFigure& measured) {
  if (!measured.value) return {};
  const bool met = requirement.holds(*measured.value);
  for (const auto& end : {measured.low, measured.high})
    if (end && requirement.holds(*end) != met) return {};
  return met;
}

Result<std::vector<run::Objective>> judge_objectives(const Plan& plan,
                                                     const run::RunResult& result) {
  std::vector<run::Objective> objectives;
  for (const auto& expr : plan.objectives) {
    const Requirement requirement = WEIR_TRY(parse_requirement(expr));
    const MeasuredFigure measured = measure_figure(plan, result, requirement.figure);
    if (!measured.applies) continue;
    objectives.push_back({expr, measured.value, fate_of(requirement, measured)});
  }
  return objectives;
}

}  // namespace weir::lab
