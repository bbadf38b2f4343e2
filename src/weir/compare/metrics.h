// The measures by which two sides are compared, and their values in a run. Pure functions.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "weir/compare/stored_run.h"
#include "weir/run/results.h"

namespace weir::compare {

struct MetricMeaning {
  std::string name, unit, meaning;
  bool less_is_better = true;
};
// In the order in which tables show them; the first one that both sides have is the primary one
// unless another is asked for.
const std::vector<MetricMeaning>& metrics();
// kUsage with the nearest name for an unknown one.
Result<MetricMeaning> find_metric(const std::string& name);

// One measure under one condition.
struct MetricKey {
  std::string name;
  std::string condition;  // "at 100000 events/s", "engine:kill"; empty: of the run
  auto operator<=>(const MetricKey&) const = default;
  std::string text() const;  // "p99_ms at 100000 events/s"
};

struct Sample {
  MetricKey key;
  std::vector<double> values;           // one for a step; one for each repetition of a fault
  std::optional<run::Estimate> bounds;  // of a search
  double offered_eps = 0;               // of faults, in the mean: what they cost depends on it
};
// The last look at each rate that the run was given and that is valid; empty for a search.
std::map<double, const run::Step*> steps_at_given_rates(const StoredRun& run);
std::string rate_condition(double rate_eps);  // "at 100000 events/s"

// What a run measured at rates that it was given (the last look at each that is valid), by its
// search, and by its faults.
std::vector<Sample> samples_of(const StoredRun& run);

}  // namespace weir::compare
