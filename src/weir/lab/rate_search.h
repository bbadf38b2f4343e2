// One search for the sustainable rate, probe by probe, each with its looks. What it did is kept in
// load.probes, from which it can be done again without measuring.
//
// It runs nothing itself: `measure` does. So the same search is tried on a simulated pipeline whose
// truth is known. Home thread: one.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/run/results.h"
#include "weir/stats/search.h"

namespace weir::lab {

struct RateSearchRun {
  stats::SearchOptions options;
  std::vector<std::string> until;  // what a rate has to meet besides keeping up (until.h)
  // How often an undecided rate is looked at, each time longer. Within a budget once: to try the
  // next rate costs less, and only makes the interval wider.
  int looks_max = 3;
  // Whether there is time for this look, counted from 1, at the probe.
  std::function<bool(const stats::Probe& probe, int look)> fits;
  // Runs one step. An undecided rate is looked at again: 2 and 3 times as long.
  std::function<Result<run::Step>(const stats::Probe& probe, int look)> measure;
};
// Fills the probes, the answer and who limits it; what there was no time for is listed in
// not_measured. Fails when a step cannot be run.
Status search_rate(const RateSearchRun& run, run::Load& load);

// Of a search from a first guess; `full`: without a budget.
stats::SearchOptions search_options(bool quick, bool full, double first_guess_eps);

// The answer that follows from the probes as they stand there. kCorrupt when no search would have
// probed so.
Result<stats::SearchResult> search_again(const run::Load& load, bool quick, bool full);

// The parts of the answer that result.json holds.
void take_answer(const stats::SearchResult& found, run::Load& load);

// Headroom and time to drain at shares of the sustainable rate, from what the load steps processed.
run::Sizing sizing_of(const run::Load& load);

}  // namespace weir::lab
