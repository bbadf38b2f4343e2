// From windowed runs to the tables and sentences of `weir analyze`.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "weir/report/analyze.h"
#include "weir/report/analyze_correction.h"

namespace weir::report {

// Percentiles of the true latency over the measured time, of merged histograms; NaN when not kept.
struct TruePercentiles {
  double p50_ms = stats::SeedRow::kMissing, p95_ms = stats::SeedRow::kMissing,
         p99_ms = stats::SeedRow::kMissing;
};

struct LoadRun {
  std::optional<double> rate_eps;  // asked for
  WindowedRun run;
  TruePercentiles latency{};
};
// exp1_summary and exp1_corrected, sorted by rate.
void add_load_tables(std::vector<LoadRun> runs, double trigger_s, Analysis& into);

struct ScaleRun {
  std::string configuration;
  WindowedRun run;
};
// exp2_summary and exp2_corrected.
void add_scale_tables(const std::vector<ScaleRun>& runs, double trigger_s, Analysis& into);

struct RecoveryRun {
  std::string name;
  RecoveryReading reading;
};
// exp3_recovery and exp3_corrected.
void add_recovery_tables(const std::vector<RecoveryRun>& runs, Analysis& into);

// All of them from a run folder of weir: its steps, cells and faults.
void analyze_run_folder(const std::filesystem::path& folder, const AnalyzeOptions& options,
                        Analysis& into);

}  // namespace weir::report
