// `weir analyze`: the origin's tables, by its own formulas, from its results folder, from one of
// its experiments, or from a run folder of weir; and beside each the figures corrected as far as
// the data allow. docs/analyze.md describes layouts, columns and corrections.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/report/analyze_table.h"

namespace weir::report {

struct AnalyzeOptions {
  // Empty: 120, 240 and 5 for the origin's folders; for a run folder of weir each step's own.
  std::optional<double> warmup_s, measure_s, trigger_s;
};

struct Analysis {
  std::vector<AnalyzedTable> tables;  // the origin's table, then its correction, per experiment
  std::vector<std::string> problems;  // what was skipped, and why
  std::vector<std::string> findings;  // sentences; the last is the verdict
  bool of_run_folder = false;
};

// kNotFound or kUsage when `folder` is none of these or holds no readable batch.
Result<Analysis> analyze(const std::string& folder, const AnalyzeOptions& options);

}  // namespace weir::report
