#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "weir/report/against_rate.h"
#include "weir/report/html.h"
#include "weir/report/sections.h"

namespace weir::report {
namespace {

constexpr double kWatchingMax = 0.1;  // of what is watched; beyond it is worth a doubt

// Statements, each with what it means for a reader who wants to rely on the numbers.
struct Evidence {
  std::string items;
  void add(bool fine, const std::string& statement) {
    items += fmt::format("<li class=\"{}\">{}</li>", fine ? "fine" : "doubt", escape(statement));
  }
};

std::vector<const run::Step*> judged_steps(const run::RunResult& result) {
  std::vector<const run::Step*> steps;
  if (result.load)
    for (const auto& step : result.load->steps) steps.push_back(&step);
  if (result.scale)
    for (const auto& cell : result.scale->cells) steps.push_back(&cell);
  return steps;
}

void about_generator(const std::vector<const run::Step*>& steps, Evidence& evidence) {
  double off = 0, lag = -1;
  int counted = 0, invalid = 0;
  for (const auto* step : steps) {
    invalid += step->verdict == "invalid";
    // A cell joins two steps: its verdict is not of the load that it tells of.
    const bool kept = step->verdict == "keeps_up" && step->limited_by.empty();
    if (!kept || !step->offered_eps || !step->sent_eps) continue;
    ++counted;
    off = std::max(off, std::abs(1 - *step->sent_eps / *step->offered_eps));
    if (step->send_lag_p99_ms) lag = std::max(lag, *step->send_lag_p99_ms);
  }
  if (counted > 0) {
    std::string words = off < 1e-9
                            ? std::string("The generator sent exactly what was planned")
                            : fmt::format("The generator sent what was planned to within {:.1f}%",
                                          std::ceil(off * 1000) / 10);
    if (lag >= 0)
      words += fmt::format(", 99% of it no later than {} after its due time", milliseconds(lag));
    evidence.add(off <= 0.01, words + " (steps that keep up).");
  }
  if (invalid > 0)
    evidence.add(false, fmt::format("{} of {} steps are invalid and bound nothing: {}", invalid,
                                    steps.size(), "their reasons stand in the tables."));
}

// The share of what the generator can do at all, measured before the run.
void about_ceiling(const run::RunResult& result, const std::vector<const run::Step*>& steps,
                   Evidence& evidence) {
  const run::Figure measured = ceiling_of(result);
  if (!measured)
    return evidence.add(false, "The generator's own ceiling was not measured before this run.");
  const double ceiling = *measured;
  double most = 0;
  for (const auto* step : steps) most = std::max(most, step->sent_eps.value_or(0));
  if (result.faults)
    for (const auto& fault : result.faults->faults)
      most = std::max(most, fault.offered_eps.value_or(0));
  const double share = most / ceiling * 100;
  evidence.add(most <= 0.7 * ceiling,
               fmt::format("The generator was used up to {:.{}f}% of its own ceiling ({} events/s "
                           "into a broker that stores nothing).",
                           share, share < 1 ? 2 : 0, grouped(ceiling)));
  if (!result.ceilings || !result.ceilings->observer_eps) return;
  const double reading = *result.ceilings->observer_eps;
  evidence.add(most <= 0.7 * reading,
               fmt::format("The observer alone reads {} events/s; up to {:.{}f}% of that was sent.",
                           grouped(reading), most / reading * 100, most < 0.01 * reading ? 2 : 0));
}

// What it costs to watch: the CPU time of weir run itself beside that of what it measures.
void about_observer(const std::vector<const run::Step*>& steps, Evidence& evidence) {
  double watching = 0, working = 0, events = 0;
  for (const auto* step : steps) {
    const auto observer = step->cpu_seconds.find("observer");
    if (observer == step->cpu_seconds.end()) continue;
    watching += observer->second, events += double(step->audit.processed);
    for (const char* process : {"broker", "engine"})
      if (const auto found = step->cpu_seconds.find(process); found != step->cpu_seconds.end())
        working += found->second;
  }
  if (events <= 0) return;
  std::string words =
      fmt::format("Watching took {:.2g} s of CPU per million events", watching / events * 1e6);
  if (working > 0)
    words += fmt::format(", {:.{}f}% of what broker and engine used", watching / working * 100,
                         watching < 0.1 * working ? 1 : 0);
  evidence.add(working <= 0 || watching <= kWatchingMax * working,
               words + "; it reads results as any consumer would.");
}

void about_clock(std::string_view machine_json, Evidence& evidence) {
  const auto machine = nlohmann::json::parse(machine_json, nullptr, false);
  const std::string source =
      machine.is_object() && machine.contains("clock_source") && machine["clock_source"].is_string()
          ? " (" + machine["clock_source"].get<std::string>() + ")"
          : "";
  evidence.add(true, "Due and visible times are on one monotonic clock" + source +
                         ", so no latency holds a clock difference.");
}

void about_samples(const std::vector<const run::Step*>& steps, Evidence& evidence) {
  int64_t fewest = -1, censored = 0;
  double shortest = -1, warmup = 0;
  for (const auto* step : steps) {
    if (shortest < 0 || step->measured_s < shortest) shortest = step->measured_s;
    warmup = std::max(warmup, step->warmup_s);
    if (!step->latency) continue;
    censored += step->latency->censored;
    if (fewest < 0 || step->latency->batches < fewest) fewest = step->latency->batches;
  }
  if (shortest >= 0)
    evidence.add(true,
                 fmt::format("Each step was measured for {} or longer, after up to {} of warm-up "
                             "that no number contains.",
                             seconds(shortest), seconds(warmup)));
  if (fewest >= 0)
    evidence.add(fewest >= 20, fmt::format("The fewest batches behind a step's percentiles: {}. A "
                                           "percentile is printed when 10 batches reach beyond it.",
                                           fewest));
  if (censored > 0)
    evidence.add(false,
                 fmt::format("{} events had not become visible when their step was drained; they "
                             "count with the time waited so far.",
                             grouped(double(censored))));
}

// Whether the machine did something else meanwhile.
void about_surroundings(const run::RunResult& result, const std::vector<const run::Step*>& steps,
                        Evidence& evidence) {
  double others = -1, stolen = -1;
  const auto look = [&](const run::Surroundings& around) {
    others = std::max(others, around.others_cores.value_or(-1));
    stolen = std::max(stolen, around.stolen_cores.value_or(-1));
  };
  for (const auto* step : steps) look(step->surroundings);
  if (result.faults)
    for (const auto& fault : result.faults->faults) look(fault.surroundings);
  if (others < 0 || stolen < 0) return;
  const bool quiet =
      std::none_of(result.warnings.begin(), result.warnings.end(),
                   [](const auto& each) { return each.code == "W005" || each.code == "W006"; });
  evidence.add(quiet, fmt::format("Programs outside of this run used at most {:.2f} cores of this "
                                  "machine on the mean of a step, and its hypervisor kept at most "
                                  "{:.2f}.",
                                  others, stolen));
}

void about_audits(const run::RunResult& result, Evidence& evidence) {
  int audits = 0, incomplete = 0, identity = 0;
  auto look = [&](const AuditReport& audit) {
    if (audit.sent == 0 && audit.processed == 0) return;
    ++audits, incomplete += !audit.complete, identity += audit.level == "identity";
  };
  for (const auto* step : judged_steps(result)) look(step->audit);
  if (result.faults)
    for (const auto& fault : result.faults->faults) look(fault.audit);
  if (audits == 0)
    return evidence.add(false, "No audit was made: nothing is known about lost events.");
  evidence.add(
      incomplete == 0 && identity == audits,
      fmt::format("{} of {} audits compared every event by its identity; {}.", identity, audits,
                  incomplete == 0 ? "all were completed"
                                  : fmt::format("{} could not be completed", incomplete)));
}

}  // namespace

std::string trust_section(const run::RunResult& result, std::string_view machine_json) {
  Evidence evidence;
  if (result.quick)
    evidence.add(false,
                 "Quick mode: short steps and no repetitions. Take the numbers as an indication, "
                 "without interval.");
  if (!result.valid) evidence.add(false, "The run as a whole is marked invalid.");
  if (!result.target.durable)
    evidence.add(false,
                 "The broker's data were not flushed to a disk: its times are not those of a "
                 "durable broker.");
  const auto steps = judged_steps(result);
  about_generator(steps, evidence);
  about_ceiling(result, steps, evidence);
  about_observer(steps, evidence);
  about_clock(machine_json, evidence);
  about_surroundings(result, steps, evidence);
  about_samples(steps, evidence);
  about_audits(result, evidence);
  std::string html = "<section id=\"trust\"><h2>Can I trust this?</h2><ul class=\"evidence\">" +
                     evidence.items + "</ul>";
  if (!result.warnings.empty()) {
    std::vector<Row> rows;
    for (const auto& warning : result.warnings)
      rows.push_back({warning.code, warning.where, warning.effect, warning.remedy});
    html +=
        "<h3>Warnings</h3>" + table({"warning", "where", "what it touches", "what to do"}, rows, 9);
  }
  return html + folded("show every audit", audit_table(result)) + "</section>\n";
}

}  // namespace weir::report
