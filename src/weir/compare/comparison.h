// Two sides, each of one or more runs, held against each other measure by measure. Pure functions.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "weir/compare/metrics.h"
#include "weir/compare/stored_run.h"
#include "weir/stats/change.h"
#include "weir/stats/signed_rank.h"

namespace weir::compare {

inline constexpr double kAllowedChange = 0.03;  // unless somebody says otherwise
inline constexpr int64_t kPairsDecide = 6;      // fewer pairs decide nothing
inline constexpr int64_t kUnpairedDecide = 5;   // values of each side where they are not paired
inline constexpr double kLevel = 0.95;

struct Rules {
  std::string primary;                    // metric; empty: the first that both sides have
  double allowed = kAllowedChange;        // as a share: 0.03 lets 1/1.03 to 1.03 pass
  std::map<std::string, double> by_name;  // of a metric, instead; these gate too
};

struct Change {
  MetricKey key;
  MetricMeaning meaning;
  bool primary = false, gates = false;
  bool paired = false;                // value i of both sides was measured together
  std::vector<double> before, after;  // the values that count
  int left_out = 0;                   // pairs in which one side has none
  stats::Estimate before_mean, after_mean;
  stats::Estimate ratio;         // after / before
  stats::Estimate rank_ratio;    // Hodges-Lehmann's, of pairs
  std::optional<double> rank_p;  // Wilcoxon's, of pairs
  std::optional<double> spread;  // standard deviation of a pair's log ratio
  double allowed = kAllowedChange;
  std::optional<double> p, p_holm;  // of the side on which the estimate lies (stats/change.h)
  stats::ChangeVerdict verdict = stats::ChangeVerdict::kCannotTell;
  std::string why;                      // one sentence
  std::optional<int64_t> pairs_needed;  // in all, where it cannot tell
};

// How many steps of each side fell behind at one given rate. A percentile of such a step is empty,
// so this comes before any other measure: a head that falls behind where the base does not is
// worse.
struct Fallen {
  std::string condition;                // "at 100000 events/s"
  int runs = 0;                         // of each side
  int before = 0, after = 0;            // of them fell behind
  int only_before = 0, only_after = 0;  // in pairs of which the other side did not
  double p = 1;                         // exact sign test of these; 1 where sides are not paired
  std::string text() const;
};

struct Comparison {
  std::vector<std::string> before, after;  // runs, in the order in which they are paired
  bool paired = false;
  std::vector<Difference> differences;
  std::vector<Fallen> fallen;   // for each rate that both sides were given
  std::vector<Change> changes;  // the primary one first
  stats::ChangeVerdict verdict = stats::ChangeVerdict::kCannotTell;  // of the primary one
  std::string sentence;
};

// Runs of both sides may come in any order; they are paired where they were measured in turns: in
// the order of their starts, each two neighbours are one of each side. kUsage when the primary
// metric is unknown or no measure is common to both.
Result<Comparison> compare_runs(std::vector<StoredRun> before, std::vector<StoredRun> after,
                                const Rules& rules);

// "+4.1%"; "-" with a plain minus.
std::string percent(double ratio);

}  // namespace weir::compare
