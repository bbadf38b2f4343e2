// The three experiments over one plan: which steps to run, in which order, until the budget is
// spent.
//
// Results grow in the RunResult that is passed in; `saved` is called after each step so that a run
// that dies leaves what it had. A run that goes on does the same steps again in the same order, and
// takes the finished ones from its folder. Home thread: one.
#pragma once
#include <algorithm>
#include <functional>
#include <random>
#include <string>

#include "weir/base/result.h"
#include "weir/lab/budget.h"
#include "weir/lab/finished_steps.h"
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
  virtual void scale_search(const run::CellSearch& search) = 0;
  virtual void scale(const run::Scale& scale) = 0;
  virtual void fault(const run::Fault& fault) = 0;
};

// An estimate as results hold it; `key` names the figure that its reason belongs to.
run::Estimate estimate_of(const stats::Estimate& from, const char* key);

// Partitions and workers of the cells of the scale experiment, in the order of measuring.
std::vector<std::pair<int64_t, int64_t>> scale_cells(const Plan& plan, bool quick);

// "412k", "1.2M", "950".
std::string rate_text(double events_per_second);

// Of the rate believed to be the limit, where more than it can do is to be offered.
inline constexpr double kOverload = 1.25;

class Experiments {
 public:
  Experiments(Lab& lab, Narrator& narrator, run::RunResult& result, std::function<void()> saved);
  // Before anything else, of a run that broke off: `finished` are its steps, of which the result is
  // made anew. What it holds is dropped but where the search began.
  void resume(FinishedSteps finished);
  // Each fills its part of the result; kInterrupted when it was told to stop. A step is begun only
  // where it ends within the budget.
  Status load(Nanos budget);
  Status scale(Nanos budget);
  Status faults(Nanos budget);

 private:
  // A step of a load of one rate, in the load experiment or in a cell's search.
  struct RateStep {
    std::string label, purpose;
    double rate_eps = 0;
    int look = 1;
    StepLength length;
  };
  using MeasureRate = std::function<Result<run::Step>(const RateStep& wanted)>;

  // One of the scale experiment.
  struct Cell {
    int32_t partitions = 1, parallelism = 1;
    int repetition = 1;
    int64_t width() const { return std::min(partitions, parallelism); }
    std::string label() const;
    std::string suffix() const;  // of a repetition beyond the first
    std::string words() const;
  };

  // Whether a step ends by the deadline, or need not be run because it is finished.
  bool fits(Nanos deadline, Nanos length, const std::string& label) const;
  // Writes step.json. What an interruption cut short is not a measurement.
  Status store(run::Step& step);
  Status store(run::Fault& fault);
  Result<double> first_guess();
  Result<run::Step> measure_rate(const RateStep& wanted, int32_t partitions, int32_t parallelism);
  Result<run::Step> measure_load(const RateStep& wanted);
  // Begins at `first_eps`; the labels of its steps begin with `prefix`.
  Status search(run::Load& load, double first_eps, const std::string& prefix, Nanos deadline,
                const MeasureRate& measure);
  Status latency_curve(Nanos deadline);
  Status given_rates(Nanos deadline);
  double cell_rate(int64_t width, int64_t widest) const;
  Result<run::Step> measure_cell(const Cell& cell, double rate, Nanos length,
                                 const std::string& suffix);
  Result<run::Step> overload_cell(const Cell& wanted, double rate, Nanos length, Nanos deadline);
  Status judge_cell_below(const Cell& wanted, Nanos length, run::Step& cell);
  Result<run::Step> search_cell(const Cell& wanted, double rate);
  Result<run::Step> measure_cell_whole(const Cell& wanted, double rate, Nanos length,
                                       Nanos deadline);
  Status measure_cells(const std::vector<Cell>& cells, Nanos deadline);
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
  FinishedSteps finished_;
  double guess_ = 0;  // of the sustainable rate, from the drain test
};

// Up to three sentences for people, and the objectives' fate, from what was measured.
std::vector<std::string> findings_of(const run::RunResult& result);
Result<std::vector<run::Objective>> judge_objectives(const Plan& plan,
                                                     const run::RunResult& result);

}  // namespace weir::lab
