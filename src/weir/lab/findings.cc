// What a run found, in sentences.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "weir/lab/experiments.h"
#include "weir/run/answer.h"
#include "weir/run/audits.h"
#include "weir/run/cells.h"

namespace weir::lab {
namespace {

const run::Step* lowest_above(const run::Load& load, double rate) {
  const run::Step* found = nullptr;
  for (const auto& step : load.steps)
    if ((step.verdict == "falls_behind" || step.verdict == "stretched") &&
        *step.offered_eps > rate && (!found || *step.offered_eps < *found->offered_eps))
      found = &step;
  return found;
}

// Of a search with bounds on more than keeping up.
std::string bounded_sentence(const run::Load& load) {
  std::string bounds;
  for (const auto& bound : load.until) bounds += (bounds.empty() ? "" : " and ") + bound;
  if (!load.sustainable_eps.estimate)
    return fmt::format("No rate was found that keeps up with {}.", bounds);
  std::string text = fmt::format("With {} this pipeline keeps up at {} events/s", bounds,
                                 rate_text(*load.sustainable_eps.estimate));
  const run::Probe* above = nullptr;
  for (const auto& probe : load.probes) {
    const bool failed =
        probe.verdict == "falls_behind" || probe.verdict == "stretched" || probe.met == false;
    if (failed && probe.rate_eps > *load.sustainable_eps.estimate &&
        (!above || probe.rate_eps < above->rate_eps))
      above = &probe;
  }
  if (above == nullptr) return text + "; its limit lies above and was not found.";
  return fmt::format("{}; at {} {}.", text, rate_text(above->rate_eps),
                     above->met == false ? above->reason : "it falls behind");
}

std::string load_sentence(const run::Load& load) {
  if (!load.until.empty()) return bounded_sentence(load);
  const run::Step* kept = run::answer_step(load);
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
  if (!least || !most) return "Scaling was not measured.";
  const auto few = run::mean_processed(scale, least->partitions, least->parallelism);
  const auto many = run::mean_processed(scale, most->partitions, most->parallelism);
  if (!few || !many ||
      std::pair(least->partitions, least->parallelism) ==
          std::pair(most->partitions, most->parallelism))
    return "Scaling was not measured.";
  return fmt::format(
      "{} partitions with {} workers process {:.1f} times what {} with {} does.", most->partitions,
      most->parallelism, *many / *few,
      least->partitions == 1 ? "one partition" : fmt::format("{} partitions", least->partitions),
      least->parallelism);
}

std::string what_was_lost(const std::vector<run::Fault>& faults) {
  uint64_t lost = 0, duplicated = 0, pending = 0;
  for (const auto& fault : faults)
    if (fault.audit.level == "none") return "what was lost cannot be told: " + fault.audit.why;
  for (const auto& fault : faults) {
    // No guarantee covers an engine that forgot what it did: not_guaranteed() tells of that.
    if (fault.kind == "checkpoint:lose") continue;
    lost += fault.audit.lost, duplicated += fault.audit.duplicated, pending += fault.audit.pending;
  }
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
  static const std::map<std::string, std::string> kOthers = {
      {"link:cut", "a cut link"},
      {"link:delay", "a delayed link"},
      {"link:throttle", "a throttled link"},
      {"sink:slow", "a slow sink"},
      {"event:poison", "malformed events"},
      {"checkpoint:lose", "a lost checkpoint"},
      {"disk:full", "a full disk"}};
  const auto words = kOthers.find(fault.kind);
  return words != kOthers.end() ? words->second : "the fault " + fault.kind;
}

// What follows from faults that leave other traces than a silence.
std::string not_guaranteed(const std::vector<run::Fault>& faults) {
  std::string text;
  for (const auto& fault : faults) {
    if (fault.repetition > 1 || !fault.valid) continue;
    if (fault.kind == "checkpoint:lose")
      text += fmt::format(" Without its checkpoint the engine repeated {} events and lost {}.",
                          fault.audit.duplicated, fault.audit.lost);
    if (fault.poisoned && fault.malformed)
      text += fmt::format(" Of {:.0f} malformed events the engine counted {:.0f}.", *fault.poisoned,
                          *fault.malformed);
  }
  return text;
}

// Of repetitions their mean, else that of the one fault; empty where it was not seen.
std::string usual_seconds(const run::Faults& faults, const run::Fault& fault, const char* figure,
                          const run::Figure& of_this) {
  const auto kind = faults.summary.find(fault.kind);
  if (kind != faults.summary.end())
    if (const auto found = kind->second.find(figure);
        found != kind->second.end() && found->second.n > 1 && found->second.estimate)
      return fmt::format("{:.2g} s", *found->second.estimate);
  return of_this ? fmt::format("{:.1f} s", *of_this) : "";
}

std::string faults_sentence(const run::Faults& faults) {
  std::string text;
  for (const auto& fault : faults.faults) {
    if (!fault.first_output_s) continue;
    if (fault.repetition > 1) continue;
    const std::string verb = what_happened(fault);
    text += fmt::format("{} {} results come again in {}", text.empty() ? "After" : ", after", verb,
                        usual_seconds(faults, fault, "first_output_s", fault.first_output_s));
    if (fault.in_band_s)
      text += " and are current in " + usual_seconds(faults, fault, "in_band_s", *fault.in_band_s);
  }
  if (text.empty()) return "No fault could be measured.";
  const bool any_guaranteed =
      std::any_of(faults.faults.begin(), faults.faults.end(),
                  [](const run::Fault& fault) { return fault.kind != "checkpoint:lose"; });
  text += any_guaranteed ? "; " + what_was_lost(faults.faults) + "." : ".";
  text += not_guaranteed(faults.faults);
  // Kinds of which the same can be said are named together.
  std::map<std::string, std::string> kinds_by_meaning;
  for (const auto& [kind, assurance] : faults.assurance)
    if (assurance.faults > 1) {
      std::string& kinds = kinds_by_meaning[assurance.meaning];
      kinds += (kinds.empty() ? "" : ", ") + kind;
    }
  for (const auto& [meaning, kinds] : kinds_by_meaning)
    text += fmt::format(" {}: {}.", kinds, meaning);
  if (!faults.stopped.empty()) text += " Stopped: " + faults.stopped + ".";
  return text;
}

// Whether the target kept what it claims; empty when it claims nothing that an audit could hold it
// to.
std::string guarantee_sentence(const run::RunResult& result) {
  int held = 0, judged = 0;
  const AuditReport* broken = nullptr;
  std::string claimed;
  const auto look = [&](const AuditReport& audit) {
    if (audit.verdict.empty() || audit.verdict == "not stated") return;
    ++judged, held += audit.verdict == "held";
    claimed = audit.guarantee;
    if (audit.verdict == "broken" && broken == nullptr) broken = &audit;
  };
  for (const AuditReport* audit : run::audits_of(result)) look(*audit);
  if (judged == 0) return {};
  if (broken != nullptr) return broken->verdict_reason;
  std::string text = fmt::format("Claimed: {}; kept in {} of {} audits.", claimed, held, judged);
  if (held < judged) text.insert(text.size() - 1, ", the others could not tell");
  return text;
}

}  // namespace

std::vector<std::string> findings_of(const run::RunResult& result) {
  std::vector<std::string> sentences;
  if (result.load && !result.load->steps.empty()) sentences.push_back(load_sentence(*result.load));
  if (result.scale) sentences.push_back(scale_sentence(*result.scale));
  if (result.faults) sentences.push_back(faults_sentence(*result.faults));
  if (std::string text = guarantee_sentence(result); !text.empty()) sentences.push_back(text);
  return sentences;
}

}  // namespace weir::lab
