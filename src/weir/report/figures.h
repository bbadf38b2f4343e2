// The figures of a run, made from what it found and from the step folders of `run_folder`. Files
// that are missing or not understood leave their curves empty. Each figure has its own id; what the
// run did not measure gives a figure without data or none at all.
#pragma once
#include <string>
#include <vector>

#include "weir/report/figure.h"
#include "weir/run/results.h"

namespace weir::report {

// Against the offered rate: hollow where a step does not keep up.
Figure throughput_vs_rate(const run::RunResult& result);
Figure latency_vs_rate(const run::RunResult& result);
Figure p95_latency_vs_rate(const run::RunResult& result);  // the origin's, for papers
// How much of the trigger a batch takes: what the verdicts rest on. Without data for engines whose
// batches are not known.
Figure cadence_vs_rate(const run::RunResult& result);
Figure stages_vs_rate(const run::RunResult& result);
// Latency over log 1/(1-p), for up to three loads that keep up; dotted where fewer than ten batches
// reach beyond, ending where fewer than ten events remain.
Figure percentile_spectrum(const run::RunResult& result, const std::string& run_folder);

// Latency (heat map and percentiles), rates and backlog over a step, one figure for each load step:
// first the highest that keeps up, then the lowest that falls behind, then the others.
std::vector<Figure> steps_over_time(const run::RunResult& result, const std::string& run_folder);

// Throughput and efficiency by cell; every repetition a point.
Figure scale_throughput(const run::RunResult& result);
// The law fitted to the cells, within their range; without data where none was.
Figure scale_law(const run::RunResult& result);
Figure exp2_p95_latency(const run::RunResult& result);  // the origin's, for papers

// Rates, backlog and latency around each fault, in the order of the run.
std::vector<Figure> fault_timelines(const run::RunResult& result, const std::string& run_folder);
// Every fault's times, a point for each; intervals where there are repetitions enough.
Figure fault_times(const run::RunResult& result);

// All of the above that have data, in the report's order.
std::vector<Figure> figures_of(const run::RunResult& result, const std::string& run_folder);

// The steps that have an offered rate, by it.
std::vector<const run::Step*> by_rate(const run::Load& load);
// A figure's id from any words: lower-case letters, digits and underscores.
std::string id_of(std::string_view words);
// Warnings whose place names one of `places`, as notes.
std::vector<std::string> notes_about(const run::RunResult& result,
                                     const std::vector<std::string>& places);

}  // namespace weir::report
