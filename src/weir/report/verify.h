// Does a run folder still hold what the run wrote, and do its numbers follow from its raw files?
//
// First the manifest: every file's SHA-256. Then each step is judged again from its stored
// observations, ledgers and histograms, and every number compared with the one that was written;
// then what result.json says is compared with its steps. Reads only; one thread.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/run/folder.h"
#include "weir/run/results.h"

namespace weir::report {

struct Mismatch {
  std::string where;  // file or step, and the number's path in it
  std::string stored, computed;
};

struct Verification {
  int files = 0, steps = 0, numbers = 0;  // that were looked at
  std::vector<Mismatch> mismatches;
  std::vector<std::string> missing;  // what a run that broke off does not have: no mismatch
};

// How a step or a fault follows from the raw files in its folder (absolute). What the files do not
// tell, such as its label, is taken from `stored`.
struct Recompute {
  std::function<Result<run::Step>(const std::string& folder, const run::Step& stored)> step;
  std::function<Result<run::Fault>(const std::string& folder, const run::Fault& stored)> fault;
  // What became of the plan's objectives, from the plan's text and what the run found.
  std::function<Result<std::vector<run::Objective>>(const std::string& plan_toml,
                                                    const run::RunResult& found)>
      objectives;
  // The answer of a search from its probes, and what is reckoned from the answer.
  std::function<Result<run::Load>(const run::Load& stored)> search;
};

// Fails only when the folder cannot be read at all.
Result<Verification> verify(const run::Folder& folder, const Recompute& recompute);

// Compares two JSON texts number by number. They agree when they differ by at most 1e-9 of their
// size, as sums in another order may. Sentences are not compared.
void compare_json(const std::string& where, std::string_view stored, std::string_view computed,
                  Verification& found);

}  // namespace weir::report
