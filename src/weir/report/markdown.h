// A run's findings as Markdown: for pull requests, wikis and the summary of a CI job.
//
// A few kilobytes whatever the run holds; text that came from outside cannot end a table's cell.
#pragma once
#include <string>

#include "weir/run/results.h"

namespace weir::report {

// Verdict, findings, objectives, the tables of the three experiments, warnings, and the command.
std::string markdown(const run::RunResult& result);

}  // namespace weir::report
