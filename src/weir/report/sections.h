// The report's parts, each a piece of HTML made from what the run found; figures stand in them by
// their place, the page draws them. Pure functions.
#pragma once
#include <string>
#include <vector>

#include "weir/report/figure.h"
#include "weir/run/results.h"

namespace weir::report {

// The answer in one look: verdict, sentences, key figures, objectives.
std::string verdict_section(const run::RunResult& result);
// What speaks for and against believing the numbers; every audit of the run, a row each.
std::string trust_section(const run::RunResult& result, std::string_view machine_json);
std::string audit_table(const run::RunResult& result);
// Throughput and latency against the offered rate.
std::string load_section(const run::RunResult& result, const std::vector<Figure>& figures);
// How the search came to its answer, folded away; what the budget left out. Empty without either.
std::string search_table(const run::Load& load);
// Headroom and time to drain after an outage, by rate; empty where there is no capacity.
std::string sizing_table(const run::Sizing& sizing);
// The stages of an event's time, and the steps over time.
std::string stages_section(const run::RunResult& result, const std::vector<Figure>& figures);
std::string time_section(const run::RunResult& result, const std::vector<Figure>& figures);
// Throughput against partitions and parallelism.
std::string scale_section(const run::RunResult& result, const std::vector<Figure>& figures);
// A timeline for each fault; what each cost.
std::string fault_section(const run::RunResult& result, const std::vector<Figure>& figures);
// Against a baseline: changes of what both measured, with intervals; how to get one when empty.
std::string comparison_section(const run::RunResult& result, const run::RunResult* baseline);
// Definitions, settings, machine and plan; `machine_json` and `plan_toml` as stored, or empty.
std::string method_section(const run::RunResult& result, std::string_view machine_json,
                           std::string_view plan_toml);

}  // namespace weir::report
