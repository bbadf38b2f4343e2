#include "weir/compare/trend.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "weir/lab/objectives.h"
#include "weir/run/answer.h"
#include "weir/stats/change.h"

namespace weir::compare {
namespace {

Fingerprint without_versions(const Fingerprint& fingerprint) {
  Fingerprint kept;
  for (const auto& [key, value] : fingerprint)
    if (!key.starts_with("version.")) kept[key] = value;
  return kept;
}

std::string label_of(const StoredRun& run) {
  const auto& target = run.result.target;
  return fmt::format("{}, {}, {}, {} partitions, {} workers, trigger {:.0f} ms, {}", target.broker,
                     target.engine, target.workload, run.plan.partitions, run.plan.parallelism,
                     run.result.trigger_ms, run.result.quick ? "quick" : "full");
}

std::vector<std::string> changed_versions(const Fingerprint& before, const Fingerprint& after) {
  std::vector<std::string> changed;
  for (const auto& [key, value] : after) {
    if (!key.starts_with("version.")) continue;
    const auto found = before.find(key);
    const std::string old = found == before.end() ? "not said" : found->second;
    if (old != value) changed.push_back(fmt::format("{}: {}, now {}", key, old, value));
  }
  return changed;
}

// The latency and cost where a search ended: shown, and never marked, for the rate differs.
void add_at_kept_rate(const StoredRun& run, std::vector<Sample>& samples) {
  if (!run.result.load || !run.plan.rates.empty()) return;
  const run::Step* kept = run::answer_step(*run.result.load);
  if (kept == nullptr) return;
  for (const char* name : {"cpu_s_per_million", "p99_ms"})
    if (const auto value = lab::figure_of_step(*kept, name))
      samples.push_back({{name, "at the highest rate kept"}, {*value}, {}, 0});
}

TrendPoint point_of(const Sample& sample, size_t run) {
  TrendPoint point{run, 0, {}, {}, Mark::kNone};
  if (sample.bounds) {
    point.value = *sample.bounds->estimate;
    point.low = sample.bounds->low, point.high = sample.bounds->high;
    return point;
  }
  const auto mean = stats::log_interval(sample.values);
  point.value = mean.estimate.value_or(sample.values[0]);
  point.low = mean.low, point.high = mean.high;
  return point;
}

Mark mark_of(stats::ChangeVerdict verdict) {
  if (verdict == stats::ChangeVerdict::kBetter) return Mark::kBetter;
  if (verdict == stats::ChangeVerdict::kWorse) return Mark::kWorse;
  return Mark::kNone;
}

Mark by_bounds(const TrendPoint& before, const TrendPoint& after, bool less_is_better) {
  const auto estimate = [](const TrendPoint& point) {
    stats::Estimate e;
    e.estimate = point.value, e.low = point.low, e.high = point.high;
    return e;
  };
  return mark_of(stats::place_interval(stats::bounds_ratio(estimate(before), estimate(after)), 0,
                                       less_is_better));
}

Mark by_prediction(const std::vector<TrendPoint>& points, size_t at, bool less_is_better) {
  std::vector<double> earlier;
  for (size_t i = 0; i < at; ++i) earlier.push_back(points[i].value);
  const auto expected = stats::log_prediction(earlier);
  if (!expected.low || !expected.high) return Mark::kNone;
  const double value = points[at].value;
  if (value >= *expected.low && value <= *expected.high) return Mark::kNone;
  return (value < *expected.low) == less_is_better ? Mark::kBetter : Mark::kWorse;
}

void mark(TrendSeries& series) {
  if (series.key.condition == "at the highest rate kept") return;
  auto& points = series.points;
  for (size_t i = 1; i < points.size(); ++i) {
    const bool bounds = points[i].low && points[i].high && points[i - 1].low && points[i - 1].high;
    if (bounds)
      points[i].mark = by_bounds(points[i - 1], points[i], series.meaning.less_is_better);
    else if (i >= kTrendMin)
      points[i].mark = by_prediction(points, i, series.meaning.less_is_better);
  }
}

size_t place_of(const MetricKey& key) {
  // As a reader looks at a pipeline: what it carries, how fast, at which cost, what a fault costs.
  static const std::vector<std::string> order = {"sustainable_eps", "p99_ms", "cpu_s_per_million",
                                                 "first_output_s"};
  return size_t(std::find(order.begin(), order.end(), key.name) - order.begin());
}

TrendGroup group_of(const std::vector<StoredRun>& runs) {
  TrendGroup group;
  group.fingerprint = without_versions(runs[0].fingerprint);
  group.digest = digest_of(group.fingerprint);
  group.label = label_of(runs[0]);
  std::map<MetricKey, TrendSeries> series;
  for (size_t i = 0; i < runs.size(); ++i) {
    group.runs.push_back({runs[i].path, runs[i].result.id, runs[i].result.started, {}});
    if (i > 0)
      group.runs[i].changed = changed_versions(runs[i - 1].fingerprint, runs[i].fingerprint);
    auto samples = samples_of(runs[i]);
    add_at_kept_rate(runs[i], samples);
    for (const auto& sample : samples) {
      if (place_of(sample.key) > 3) continue;  // trends show four measures
      auto& list = series[sample.key];
      list.key = sample.key;
      if (const auto meaning = find_metric(sample.key.name)) list.meaning = *meaning;
      list.points.push_back(point_of(sample, i));
    }
  }
  for (auto& [key, list] : series) {
    mark(list);
    group.series.push_back(std::move(list));
  }
  std::stable_sort(
      group.series.begin(), group.series.end(),
      [](const TrendSeries& a, const TrendSeries& b) { return place_of(a.key) < place_of(b.key); });
  return group;
}

}  // namespace

std::vector<TrendGroup> trends_of(std::vector<StoredRun> runs) {
  std::stable_sort(runs.begin(), runs.end(), [](const StoredRun& a, const StoredRun& b) {
    return a.result.started < b.result.started;
  });
  std::map<std::string, std::vector<StoredRun>> by_digest;
  for (auto& run : runs)
    by_digest[digest_of(without_versions(run.fingerprint))].push_back(std::move(run));
  std::vector<TrendGroup> groups;
  for (const auto& [digest, members] : by_digest) groups.push_back(group_of(members));
  std::stable_sort(groups.begin(), groups.end(), [](const TrendGroup& a, const TrendGroup& b) {
    return a.runs.back().started > b.runs.back().started;
  });
  return groups;
}

}  // namespace weir::compare
