// The formulas of the evaluation that weir redoes, as they were published, so that the same data
// can be shown both ways. They are wrong in known ways (docs/method.md, "The origin's formulas"):
// rates divide by the configured trigger, percentiles of batches are averaged, the warm-up is
// fixed, and recovery is the largest gap. Pure functions over rows of its per-batch CSV.
#pragma once
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

namespace weir::stats {

// One row: a batch. NaN where the file had no number. Latencies in ms, at batch start in whole
// seconds.
struct SeedRow {
  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
  double batch_id = kMissing;
  double epoch_sec = kMissing;  // when the row was written, whole seconds
  double batch_events = kMissing;
  double mean_ms = kMissing, p50_ms = kMissing, p95_ms = kMissing, p99_ms = kMissing;
  // The three columns without which the origin drops a row.
  bool usable() const {
    return !std::isnan(epoch_sec) && !std::isnan(batch_events) && !std::isnan(p95_ms);
  }
};

// Usable rows with epoch_sec >= t0 = min(epoch_sec) + warmup_s and, if `measure_s` is given,
// < t0 + measure_s; fewer than 5 of those: all rows >= t0. In time order (stable).
std::vector<SeedRow> seed_window(std::span<const SeedRow> rows, double warmup_s,
                                 std::optional<double> measure_s);

// A row of the origin's tables; NaN where no row has the column.
struct SeedSummary {
  int64_t batches = 0;
  double throughput_mean = SeedRow::kMissing;                      // mean of batch_events / trigger
  double throughput_p95 = SeedRow::kMissing;                       // pandas' 0.95 quantile of it
  double mean_ms = SeedRow::kMissing, p50_ms = SeedRow::kMissing;  // means over batches
  double p95_ms = SeedRow::kMissing, p99_ms = SeedRow::kMissing;
  double p95_max_ms = SeedRow::kMissing;
};
SeedSummary seed_summary(std::span<const SeedRow> window, double trigger_s);

// The first of the rows, in time order, that follows the largest epoch_sec gap. Empty for fewer
// than two rows with an epoch_sec.
struct SeedRecovery {
  double gap_s = 0;
  SeedRow row;
};
std::optional<SeedRecovery> seed_recovery(std::span<const SeedRow> rows);

}  // namespace weir::stats
