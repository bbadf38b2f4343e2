// The three experiments over one plan: which steps to run, in which order, until the budget is
// spent.
//
// Results grow in the RunResult that is passed in; `saved` is called after each step so that a run
// that dies leaves what it had. Home thread: one.
#pragma once
#include <functional>
#include <random>
#include <string>

#include "weir/base/result.h"
#include "weir/lab/judge.h"
#include "weir/lab/step.h"
#include "weir/run/results.h"
#include "weir/stats/interval.h"

namespace weir::lab {

// Tells people what happens; all calls come from the run's home thread.
class Narrator {
 public:
  virtual ~Narrator() = default;
  virtual void drained(const DrainTest& test) = 0;
  virtual void load_step(const run::Step& step) = 0;
  virtual void scale_cell(const run::Step& cell) = 0;
  virtual void scale(const run::Scale& scale) = 0;
  virtual void fault(const run::Fault& fault) = 0;
};

// How long each experiment may take; 0: not at all.
struct Budget {
  Nanos load, scale, faults;
  Nanos total() const { return load + scale + faults; }
};
// In quick mode 40 and 15 s and 14 s a fault (of at least two) at a trigger of 200 ms (44, 15 and
// 17 where the pipeline is not the embedded one), in proportion to the steps' length beyond; else
// the plan's budget in shares of 50, 20 and 30% over the experiments named. faults.assure takes
// what its repetitions need.
Budget share_budget(const Plan& plan, bool quick);

// Length and warm-up of a load step. Quick: 6 s or 24 triggers after 20% of warm-up. Else
// max(load.step, 20 triggers) after the least warm-up.
struct StepLength {
  Nanos warmup, length;
};
StepLength load_step_length(const Plan& plan, bool quick);
// Of a step with a fault, about.
Nanos fault_step_length(const Plan& plan, bool quick);

// An estimate as results hold it; `key` names the figure that its reason belongs to.
run::Estimate estimate_of(const stats::Estimate& from, const char* key);

// Partitions and workers of the cells of the scale experiment, in the order of measuring.
std::vector<std::pair<int64_t, int64_t>> scale_cells(const Plan& plan, bool quick);

// "412k", "1.2M", "950".
std::string rate_text(double events_per_second);

class Experiments {
 public:
  Experiments(Lab& lab, Narrator& narrator, run::RunResult& result, std::function<void()> saved);
  // Each fills its part of the result; kInterrupted when it was told to stop.
  Status load(Nanos budget);
  Status scale(Nanos budget);
  Status faults(Nanos budget);

 private:
  bool fits(Nanos deadline, Nanos length) const;
  Result<double> first_guess();
  Result<run::Step> load_step(double rate, int look);
  Status search(Nanos deadline);
  Result<run::Step> measure_cell(int32_t partitions, int32_t parallelism, double rate, Nanos length,
                                 const std::string& suffix);
  // Empty, with the reason in the result, when a condition of faults.stop_if forbids it.
  Result<std::optional<run::Fault>> measure_fault(const std::string& kind, int repetition,
                                                  double rate);
  double working_rate() const;
  double overload_rate() const;
  void summarise_faults();

  Lab& lab_;
  Narrator& narrator_;
  run::RunResult& result_;
  std::function<void()> saved_;
  std::mt19937_64 random_;
  double guess_ = 0;  // of the sustainable rate, from the drain test
};

// Up to three sentences for people, and the objectives' fate, from what was measured.
std::vector<std::string> findings_of(const run::RunResult& result);
Result<std::vector<run::Objective>> judge_objectives(const Plan& plan,
                                                     const run::RunResult& result);

}  // namespace weir::lab
