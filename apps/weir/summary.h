// A run's summary in Markdown where it was asked for: --markdown FILE, and the summary page of a
// job on GitHub, which names its file in GITHUB_STEP_SUMMARY.
#pragma once
#include <string>

#include "weir/base/result.h"
#include "weir/run/results.h"

namespace weir::cli {

// Writes `file` (none when empty) and appends to the job's summary. A failure is told on stderr and
// fails nothing: the run is done.
void write_summaries(const run::RunResult& result, const std::string& file);
// The same for any text in Markdown; a failure is returned.
Status write_summary(const std::string& markdown, const std::string& file);

}  // namespace weir::cli
