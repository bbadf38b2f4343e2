#include "weir/report/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "weir/report/numbers.h"

namespace weir::report {
namespace {

using Value = std::function<std::string(const run::RunResult&)>;

std::string rates_of(const run::RunResult& run) {
  std::set<double> rates;
  if (run.load)
    for (const auto& step : run.load->steps)
      if (step.offered_eps) rates.insert(*step.offered_eps);
  std::string words;
  for (const double rate : rates) words += (words.empty() ? "" : ", ") + short_number(rate);
  return words.empty() ? "none" : words;
}

std::string setting_of(const run::RunResult& run, const char* name) {
  const auto found = run.target.settings.find(name);
  return found == run.target.settings.end() ? "not said" : found->second;
}

void compare_bounds(const run::Estimate& a, const run::Estimate& b, std::vector<Change>& found) {
  if (!a.estimate || !b.estimate || !(*a.estimate > 0)) return;
  Change change{.what = "sustainable rate, events/s", .before = *a.estimate, .after = *b.estimate};
  change.verdict = "cannot tell";
  if (a.low && a.high && b.low && b.high && *a.low > 0 && *a.high > 0) {
    change.low = *b.low / *a.high, change.high = *b.high / *a.low;
    if (*change.low > 1) change.verdict = "better";
    if (*change.high < 1) change.verdict = "worse";
    change.why = "by the bounds that both searches confirmed";
  } else {
    change.why = "at least one of the two is an indication without bounds";
  }
  found.push_back(std::move(change));
}

void compare_latency(const run::Load& a, const run::Load& b, std::vector<Change>& found) {
  for (const auto& before : a.steps)
    for (const auto& after : b.steps) {
      if (!before.offered_eps || !after.offered_eps || !before.latency || !after.latency) continue;
      if (std::abs(*after.offered_eps / *before.offered_eps - 1) > 0.005) continue;
      // The highest percentile up to p99 that both runs have batches enough for.
      for (const auto& [name, value] : {std::pair{"p99", &run::Latency::p99},
                                        {"p95", &run::Latency::p95},
                                        {"p50", &run::Latency::p50}}) {
        const run::Figure &x = *before.latency.*value, &y = *after.latency.*value;
        if (!x || !y || !(*x > 0)) continue;
        found.push_back(
            {.what = fmt::format("{} at {} events/s, ms", name, grouped(*before.offered_eps)),
             .before = *x,
             .after = *y,
             .verdict = "cannot tell",
             .why = "one run of each has no interval; six pairs or more would"});
        break;
      }
    }
}

void compare_faults(const run::Faults& a, const run::Faults& b, std::vector<Change>& found) {
  for (const auto& [kind, figures] : a.summary) {
    const auto others = b.summary.find(kind);
    if (others == b.summary.end()) continue;
    for (const char* key : {"first_output_s", "drained_s", "in_band_s"}) {
      const auto before = figures.find(key);
      const auto after = others->second.find(key);
      if (before == figures.end() || after == others->second.end()) continue;
      const run::Estimate &x = before->second, &y = after->second;
      if (!x.estimate || !y.estimate || !(*x.estimate > 0)) continue;
      Change change{.what = kind + ": " + key, .before = *x.estimate, .after = *y.estimate};
      change.verdict = "cannot tell";
      change.why = "too few repetitions for an interval";
      if (x.low && x.high && y.low && y.high && *x.low > 0) {
        change.low = *y.low / *x.high, change.high = *y.high / *x.low;
        change.why = "by the intervals of both runs";
        if (*change.low > 1) change.verdict = "worse";
        if (*change.high < 1) change.verdict = "better";
      }
      found.push_back(std::move(change));
    }
  }
}

}  // namespace

std::vector<std::string> differences(const std::vector<const run::RunResult*>& runs) {
  const std::pair<const char*, Value> conditions[] = {
      {"workload", [](auto& run) { return run.target.workload; }},
      {"trigger", [](auto& run) { return milliseconds(run.trigger_ms); }},
      {"offered rates, events/s", rates_of},
      {"partitions", [](auto& run) { return setting_of(run, "partitions"); }},
      {"parallelism", [](auto& run) { return setting_of(run, "parallelism"); }},
      {"mode", [](auto& run) { return std::string(run.quick ? "quick" : "full"); }},
      {"data on disk before they are acknowledged",
       [](auto& run) { return std::string(run.target.durable ? "yes" : "no"); }}};
  std::vector<std::string> found;
  for (const auto& [name, value] : conditions) {
    std::string words;
    std::set<std::string> values;
    for (const auto* run : runs) {
      values.insert(value(*run));
      words += (words.empty() ? "" : "; ") + value(*run) + " (" + run->id + ")";
    }
    if (values.size() > 1) found.push_back(std::string(name) + ": " + words);
  }
  return found;
}

std::vector<Change> changes(const run::RunResult& before, const run::RunResult& after) {
  std::vector<Change> found;
  if (before.load && after.load) {
    compare_bounds(before.load->sustainable_eps, after.load->sustainable_eps, found);
    compare_latency(*before.load, *after.load, found);
  }
  if (before.faults && after.faults) compare_faults(*before.faults, *after.faults, found);
  return found;
}

}  // namespace weir::report
