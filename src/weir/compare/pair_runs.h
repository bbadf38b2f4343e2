// Measures two sides in pairs: the same rate, fresh processes for every step, the order within each
// pair drawn from a stored seed. Everything lies in one folder, so that a comparison that was
// killed goes on where it was:
//
//   pairs.json             what is measured (schema weir.pairs/1), written once
//   base.toml  head.toml   the plans as they were given
//   search/                the run that found the rate, where none was given
//   runs/01-base/ ...      a run's folder for each side of each pair
//   log/                   what each run printed
//   compare.json           the answer, written anew after each pair (answer.h)
//
// Home thread: one.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/compare/stored_run.h"
#include "weir/sys/clock.h"

namespace weir::compare {

inline constexpr int kPairsDefault = 7;
inline constexpr int kPairsAsked = 100;  // at most
// Of the base's sustainable rate, where none was given: both sides keep up there, also one that is
// a fifth slower.
inline constexpr double kShareOfSustainable = 0.7;

struct SidePlan {
  std::string name;                   // as it was given, for people
  std::string program;                // the weir that measures it
  std::vector<std::string> settings;  // key=value, over its plan file
  bool operator==(const SidePlan&) const = default;
};

struct PairPlan {
  SidePlan before, after;
  bool same = false;  // A/A: both sides are one
  bool quick = false;
  int pairs = kPairsDefault;
  uint64_t seed = 0;
  double rate_eps = 0;           // 0: not known yet
  std::vector<bool> head_first;  // of each pair
};
// Half of the pairs begin with either side (of an odd number one more with the base), shuffled.
void draw_order(PairPlan& plan);
std::string to_json(const PairPlan& plan);
Result<PairPlan> pair_plan_from_json(std::string_view text);

struct PairStep {
  int pair = 0;  // from 1
  bool head = false;
  std::string folder;  // relative: "runs/03-head"
};
// In the order of measuring.
std::vector<PairStep> steps_of(const PairPlan& plan);

struct PairCallbacks {
  std::function<int()> interrupted;                   // 0 or a signal
  std::function<void(const std::string& line)> tell;  // what happens, for people
  std::function<void()> pair_done;                    // may write compare.json
  bool yes = false;                                   // passed on to weir run
};

class PairRunner {
 public:
  // `folder` holds pairs.json and both plans.
  PairRunner(std::string folder, PairPlan plan, Clock& clock, PairCallbacks callbacks);

  // Finds the rate where the plan has none: of base.toml's own load.rates the first, else
  // kShareOfSustainable of what a search finds. Stores it in pairs.json.
  Status find_rate();
  // Measures what is missing; a step that was cut off is measured again, and its pair with it. Then
  // each pair in which generator or clock were the limit once more: what made a step invalid is
  // not what is compared. The first try stays beside it (runs/03-head-invalid). kInterrupted when
  // told to stop.
  Status measure();

  const PairPlan& plan() const { return plan_; }

 private:
  Status run_one(const std::string& plan_file, const SidePlan& side,
                 const std::vector<std::string>& more, const std::string& out);
  Status measure_missing();
  bool is_done(const std::string& folder) const;
  bool is_invalid(const std::string& folder) const;
  Status drop_halves(const std::vector<PairStep>& steps);
  Status store() const;

  std::string folder_;
  PairPlan plan_;
  Clock& clock_;
  PairCallbacks callbacks_;
};

// The runs of all complete pairs whose steps are valid, side by side; `left_out` counts others.
struct PairedRuns {
  std::vector<StoredRun> before, after;
  int left_out = 0;
};
Result<PairedRuns> read_pairs(const std::string& folder, const PairPlan& plan);

}  // namespace weir::compare
