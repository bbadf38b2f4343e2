// What an objective says ("p99_ms <= 250"), which figures it may name, and what a result holds of
// them. Pure functions. Used by plans, gates and `--until`.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/lab/plan.h"
#include "weir/run/results.h"

namespace weir::lab {

// One requirement: a figure, a relation (<= < >= > ==) and a number.
struct Requirement {
  std::string figure, relation;
  double limit = 0;
  bool holds(double value) const;
};
// Blanks around the relation may be left out. kUsage, with the nearest name for an unknown figure.
Result<Requirement> parse_requirement(const std::string& expr);

struct FigureMeaning {
  std::string name, meaning;
};
// All figures that a requirement may name, in the order of the documentation.
const std::vector<FigureMeaning>& requirement_figures();

// What a result holds of a figure. Where an interval is known, the requirement is held against all
// of it.
struct MeasuredFigure {
  bool applies = true;  // false: the experiment that measures it was not run
  run::Figure value, low, high;
  std::string why;  // when value is empty
};
MeasuredFigure measure_figure(const Plan& plan, const run::RunResult& result,
                              const std::string& figure);
// p50_ms ... max_ms, processed_eps, cpu_s_per_million, lost ... of one step; empty for others and
// for what was not measured.
run::Figure figure_of_step(const run::Step& step, const std::string& figure);
// The same with the interval that the step has for it.
MeasuredFigure measure_step(const run::Step& step, const std::string& figure);

// True or false only where the whole interval agrees; without one by the value; empty where nothing
// was measured or the limit lies within the interval.
std::optional<bool> fate_of(const Requirement& requirement, const MeasuredFigure& measured);

// CPU seconds that the pipeline's processes (all but generator and weir itself) used per million
// events processed, whole step; `process` alone when it is named. Empty when not known.
run::Figure cpu_per_million(const run::Step& step, const std::string& process = {});

}  // namespace weir::lab
