// What the rows of one run of the origin's kind really show: rates by the clock, whether a
// percentile is the trigger's own, and what a gap stands for. Pure functions; docs/analyze.md gives
// the formulas.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/report/analyze_rows.h"

namespace weir::report {

// How the origin would window and divide.
struct SeedWindowing {
  double warmup_s = 120;
  std::optional<double> measure_s = 240;
  double trigger_s = 5;
};

struct WindowedRun {
  stats::SeedSummary seed;          // by the origin's formulas
  bool fell_back = false;           // fewer than 5 rows in the window: all after warm-up
  std::vector<BatchRecord> window;  // the rows it rests on, in time order
  double run_s = 0;                 // from the first row of all to the last

  // NaN where fewer than two rows or no time between them.
  double measured_s = stats::SeedRow::kMissing;  // from the first row to the last
  // Events of all rows but the first / measured_s: each row's events were processed since the row
  // before. Between low and high: whole seconds leave the time uncertain by up to one.
  double eps = stats::SeedRow::kMissing;
  double eps_low = stats::SeedRow::kMissing, eps_high = stats::SeedRow::kMissing;
  double reported_over_measured = stats::SeedRow::kMissing;
  double interval_s = stats::SeedRow::kMissing;  // median time between rows
  int64_t late = 0;                              // intervals > 1.5 triggers
  std::string p95_shows;                         // see p95_meaning
  // weir's own rows: mean of the true latency over events, ms.
  double true_mean_ms = stats::SeedRow::kMissing;
};
WindowedRun window_run(const BatchRecords& records, const SeedWindowing& how);

// Age at batch start under a trigger T that is kept is uniform on 0..T: p50, p95, p99 are 0.5,
// 0.95, 0.99 T. "trigger only": all three within 3% of T of that. Else "above the trigger" or
// "below it" as p95 stands to 0.95 T, or "" without numbers.
std::string p95_meaning(const stats::SeedSummary& seed, double trigger_s);

struct RecoveryReading {
  stats::SeedRecovery seed;  // by the origin's rule
  // Beside it, with weir's own rows by the microsecond of the commit and in true latency:
  double gap_s = 0;                                 // largest
  double usual_gap_s = 0;                           // median of the others
  double p95_before_ms = stats::SeedRow::kMissing;  // median of the rows before the gap
  double p95_after_ms = stats::SeedRow::kMissing;   // in the row after it
  // From the last row before the gap to the first after it whose p95 is not above the largest
  // before.
  double caught_up_s = stats::SeedRow::kMissing;
  int64_t repeated_batches = 0;  // batch ids that occur again
  int64_t missing_batches = 0;   // ids between the smallest and the largest that never occur
};
std::optional<RecoveryReading> read_recovery(const BatchRecords& records);

}  // namespace weir::report
