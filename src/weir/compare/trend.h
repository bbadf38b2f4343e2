// Stored runs over time: the same measure of like runs, in the order in which they were measured,
// and which changes are more than noise. Pure functions.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "weir/compare/metrics.h"
#include "weir/compare/stored_run.h"

namespace weir::compare {

// A change is marked by intervals alone: where both neighbours have one, when the ratio of their
// bounds excludes 1; else from kTrendMin earlier values on, when a value lies outside the interval
// in which they let one more be expected, at 95% (one in 20 such marks is false by itself).
inline constexpr size_t kTrendMin = 6;
enum class Mark { kNone, kBetter, kWorse };

struct TrendPoint {
  size_t run = 0;  // in TrendGroup::runs
  double value = 0;
  std::optional<double> low, high;
  Mark mark = Mark::kNone;
};
struct TrendSeries {
  MetricKey key;
  MetricMeaning meaning;
  std::vector<TrendPoint> points;  // by time; runs without the measure are left out
};
struct TrendRun {
  std::string path, id, started;
  std::vector<std::string> changed;  // versions unlike the run before: "version.engine: A, now B"
};
// Runs whose fingerprints agree but for versions.
struct TrendGroup {
  std::string digest, label;
  Fingerprint fingerprint;  // what they have in common
  std::vector<TrendRun> runs;
  std::vector<TrendSeries> series;
};
// Groups by their latest run, the newest first.
std::vector<TrendGroup> trends_of(std::vector<StoredRun> runs);

// ▁▂▃▄▅▆▇█ between the least and the most; one character a point.
std::string sparkline(const std::vector<TrendPoint>& points);

std::string terminal_text(const std::vector<TrendGroup>& groups);
std::string markdown(const std::vector<TrendGroup>& groups);
std::string to_csv(const std::vector<TrendGroup>& groups);   // a line for each point
std::string to_json(const std::vector<TrendGroup>& groups);  // schema weir.trend/1

}  // namespace weir::compare
