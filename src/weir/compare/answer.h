// What weir compare tells, and in which words: compare.json (schema weir.compare/1,
// docs/formats/compare.md), a table for a terminal, Markdown, JUnit's XML. Pure functions.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "weir/compare/comparison.h"
#include "weir/compare/gate.h"
#include "weir/compare/noise.h"

namespace weir::compare {

struct Answer {
  std::string command, started;         // UTC
  std::string before_name, after_name;  // "base.toml", "runs/a"
  Comparison comparison;
  std::vector<Check> checks;       // the gate's; without one, the primary measure's
  std::optional<double> rate_eps;  // of --run
  std::optional<uint64_t> seed;
  std::optional<Noise> noise;  // of this machine, where A/A pairs were measured
  int pairs_left_out = 0;      // whose step was not valid
  bool unsure_fails = false;   // --unsure fail
  int exit_code = 0;
  std::string exit_reason;
};

// Sets exit_code and exit_reason by docs/exit-codes.md: 6 where no pair is valid, 3, 4, 5, 0.
void settle_exit(Answer& answer);

std::string to_json(const Answer& answer);
std::string terminal_text(const Answer& answer);
std::string markdown(const Answer& answer);
// One suite; failed checks are failures, unsure ones skipped (failures with --unsure fail).
std::string junit(const Answer& answer);

}  // namespace weir::compare
