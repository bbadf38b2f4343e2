#include "weir/lab/step_latency.h"

#include <algorithm>
#include <span>

#include "weir/lab/experiments.h"
#include "weir/stats/percentile.h"

namespace weir::lab {
namespace {

struct Percentile {
  const char* name;
  double quantile;
  run::Figure run::Latency::*member;
};
constexpr Percentile kPercentiles[] = {{"p50", 0.50, &run::Latency::p50},
                                       {"p95", 0.95, &run::Latency::p95},
                                       {"p99", 0.99, &run::Latency::p99},
                                       {"p999", 0.999, &run::Latency::p999}};

// The histograms of the due-time windows that lie in the measured time.
std::span<const Histogram> windows_between(const StepData& data, Nanos from, Nanos to) {
  const auto& windows = data.observed.windows;
  const auto begin_of = [&](size_t i) { return data.start + data.window * int64_t(i); };
  size_t first = 0;
  while (first < windows.size() && begin_of(first) < from) ++first;
  size_t end = first;
  while (end < windows.size() && begin_of(end) + data.window <= to) ++end;
  return std::span(windows).subspan(first, end - first);
}

// The largest latency of each batch; of each second of due time where batches are not known. What
// one poll brought is neither.
std::vector<double> worst_of(const StepData& data, Nanos from, Nanos to) {
  std::map<int64_t, double> by_batch, by_second;
  for (const auto& seen : data.observed.results) {
    if (seen.distinct == 0 || seen.at < from || seen.newest_due >= to) continue;
    double& worst =
        seen.batch >= 0 ? by_batch[seen.batch] : by_second[(seen.newest_due - data.start).second()];
    worst = std::max(worst, seen.worst_ms);
  }
  std::vector<double> worst;
  for (const auto* groups : {&by_batch, &by_second})
    for (const auto& [group, value] : *groups) worst.push_back(value);
  return worst;
}

}  // namespace

Histogram merged_latency(const StepData& data, Nanos from, Nanos to) {
  Histogram merged;
  for (const auto& window : windows_between(data, from, to)) merged.merge(window);
  return merged;
}

run::Latency latency_of(const StepData& data, Nanos from, Nanos to) {
  Histogram merged = merged_latency(data, from, to);
  run::Latency latency;
  std::optional<double> censored_from;
  if (data.audit.pending > 0) {
    // Which of the pending ids were due when is not known; none was due after the load ended.
    censored_from = double((data.drained - data.end).value) / 1e6;
    merged.record((data.drained - data.end).micros(), int64_t(data.audit.pending));
    latency.censored = int64_t(data.audit.pending);
  }
  latency.events = merged.total();
  const auto worst = worst_of(data, from, to);
  latency.batches = int64_t(worst.size());
  if (merged.total() == 0) {
    for (const char* key : {"p50", "p95", "p99", "p999", "max", "mean"})
      latency.why[key] = "no event seen";
    return latency;
  }
  for (const auto& p : kPercentiles) {
    const auto reading =
        stats::read_percentile(double(merged.quantile(p.quantile)) / 1e3, worst, censored_from);
    latency.*p.member = reading.value;
    if (!reading.value)
      latency.why[p.name] = reading.why;
    else if (reading.at_least)
      latency.why[p.name] = "at least this: some events never became visible";
  }
  latency.max = double(merged.max()) / 1e3;
  latency.mean = merged.mean() / 1e3;
  if (latency.censored > 0)
    latency.why["max"] = latency.why["mean"] = "at least this: some events never became visible";
  return latency;
}

std::map<std::string, run::Estimate> latency_intervals(const StepData& data, Nanos from, Nanos to,
                                                       const run::Latency& latency) {
  std::map<std::string, run::Estimate> intervals;
  // With events that were never seen a percentile is a lower bound, of which no interval is known.
  if (latency.censored > 0) return intervals;
  const auto sections = stats::sections_of(windows_between(data, from, to));
  for (const auto& p : kPercentiles) {
    const run::Figure& printed = latency.*p.member;
    if (!printed) continue;
    stats::Estimate found = stats::quantile_interval(*printed * 1e3, sections, p.quantile);
    for (auto* end : {&found.estimate, &found.low, &found.high})
      if (*end) **end /= 1e3;
    intervals[std::string(p.name) + "_ms"] = estimate_of(found, "low");
  }
  return intervals;
}

}  // namespace weir::lab
