// The report's parts, each a piece of HTML made from what the run found. Pure but for reading the
// step folders they draw.
#pragma once
#include <string>

#include "weir/run/results.h"

namespace weir::report {

// The answer in one look: verdict, sentences, key figures, objectives.
std::string verdict_section(const run::RunResult& result);
// What speaks for and against believing the numbers.
std::string trust_section(const run::RunResult& result);
// Throughput and latency against offered rate; where the time goes.
std::string load_section(const run::RunResult& result);
// Throughput against partitions and parallelism.
std::string scale_section(const run::RunResult& result);
// A timeline for each fault, read from its step's folder below `run_folder`; what each cost.
std::string fault_section(const run::RunResult& result, const std::string& run_folder);
// Every audit of the run, a row each.
std::string audit_section(const run::RunResult& result);
// Definitions, settings, machine and plan; `machine_json` and `plan_toml` as stored, or empty.
std::string method_section(const run::RunResult& result, std::string_view machine_json,
                           std::string_view plan_toml);

}  // namespace weir::report
