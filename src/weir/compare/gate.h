// A gate: what a comparison must show for a build to pass. Pure functions.
//
//   schema = "weir.gate/1"
//   primary = "cpu_s_per_million"                       # the measure that decides
//   objectives = ["p99_ms <= 250", "lost == 0"]         # absolute, of the head side
//   [allowed]                                           # relative: change for the worse let
//   through cpu_s_per_million = "5%"                            # measures named here gate as well
#pragma once
#include <string>
#include <vector>

#include "weir/compare/comparison.h"
#include "weir/lab/objectives.h"

namespace weir::compare {

struct GateObjective {
  std::string expr;
  lab::Requirement requirement;
};
struct Gate {
  Rules rules;
  std::vector<GateObjective> objectives;
};
// kUsage with line and column, and the nearest name for unknown ones.
Result<Gate> read_gate(std::string_view toml, const std::string& name);
// "5%" or "0.05": a share above 0 and below 1. kUsage.
Result<double> parse_share(const std::string& text);

enum class Fate { kPassed, kFailed, kUnsure };
// One line of the gate's answer.
struct Check {
  std::string name, detail;
  Fate fate = Fate::kUnsure;
  bool objective = false;  // absolute; else a measure against the baseline
};
// Objectives over all runs of `head` (positive figures by the t interval of their logs from 3 runs
// on, counts added up), then rates at which more steps of the head than of the base fall behind,
// then every measure that gates.
std::vector<Check> judge_gate(const Gate& gate, const Comparison& comparison,
                              const std::vector<StoredRun>& head);

}  // namespace weir::compare
