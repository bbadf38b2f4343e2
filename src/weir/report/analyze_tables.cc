// GCC 12 takes the strings inside lists of variants for uninitialised at -O2 (GCC bug 105562).
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"

#include "weir/report/analyze_tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weir::report {
namespace {

using AnalyzedCell = AnalyzedTable::Cell;
constexpr double kOverstated = 1.02;  // reported / measured, beyond what rounding explains
constexpr double kUniformP95 = 0.95;

// The columns that correct a throughput, for both load and scale.
const std::vector<std::string> kRateColumns = {
    "measured_s",          "throughput_eps_by_time", "throughput_eps_low",
    "throughput_eps_high", "reported_over_measured", "batch_interval_s_median",
    "batches_late",        "p95_floor_ms",           "p95_shows"};

void append_rates(std::vector<AnalyzedCell>& row, const WindowedRun& run, double trigger_s) {
  row.insert(row.end(),
             {run.measured_s, run.eps, run.eps_low, run.eps_high, run.reported_over_measured,
              run.interval_s, run.late, kUniformP95 * trigger_s * 1e3, run.p95_shows});
}

// Without ".0", as the origin prints batch ids; its text form keeps GCC from doubting the variant.
std::string whole_or_missing(double value) {
  return std::abs(value) < 1e15 ? fmt::format("{:.0f}", value) : "";
}

template <class Runs>
void add_findings(const Runs& runs, const char* what, Analysis& into) {
  size_t overstated = 0, floor = 0, empty = 0;
  double most = 0;
  for (const auto& r : runs) {
    overstated += r.run.reported_over_measured > kOverstated;
    if (r.run.reported_over_measured > most) most = r.run.reported_over_measured;
    empty += r.run.window.empty();
    floor += r.run.p95_shows == "trigger only";
  }
  std::string text =
      fmt::format("{}: {} run{} analyzed", what, runs.size(), runs.size() == 1 ? "" : "s");
  if (empty != 0) text += fmt::format("; {} have no batch left after warm-up", empty);
  if (most > 0)
    text += overstated == 0 ? "; the reported throughput does not exceed what the clock measured"
                            : fmt::format(
                                  "; in {} of them the reported throughput exceeds what the "
                                  "clock measured, by up to {:.0f}%",
                                  overstated, 100 * (most - 1));
  if (floor != 0)
    text += fmt::format("; in {} of them the latencies show the trigger and nothing else", floor);
  into.findings.push_back(text + ".");
}

}  // namespace

void add_load_tables(std::vector<LoadRun> runs, double trigger_s, Analysis& into) {
  if (runs.empty()) return;
  std::stable_sort(runs.begin(), runs.end(), [](const LoadRun& a, const LoadRun& b) {
    return a.rate_eps.value_or(0) < b.rate_eps.value_or(0);
  });
  AnalyzedTable seed{
      "exp1_summary",
      "Load, by the origin's formulas",
      {"rate_eps_input", "batches_used", "throughput_eps_mean", "throughput_eps_p95",
       "lat_mean_ms_avg", "lat_p50_ms_avg", "lat_p95_ms_avg", "lat_p99_ms_avg", "lat_p95_ms_max"},
      {}};
  AnalyzedTable ours{"exp1_corrected", "Load, corrected", {"rate_eps_input", "batches_used"}, {}};
  ours.columns.insert(ours.columns.end(), kRateColumns.begin(), kRateColumns.end());
  for (const char* column : {"processed_over_asked", "window", "true_mean_ms", "true_p50_ms",
                             "true_p95_ms", "true_p99_ms"})
    ours.columns.push_back(column);
  for (const LoadRun& r : runs) {
    const auto& s = r.run.seed;
    // Whole rates as the origin writes them, without ".0".
    AnalyzedCell rate = stats::SeedRow::kMissing;
    if (r.rate_eps) rate = int64_t(std::llround(*r.rate_eps));
    seed.rows.push_back({rate, s.batches, s.throughput_mean, s.throughput_p95, s.mean_ms, s.p50_ms,
                         s.p95_ms, s.p99_ms, s.p95_max_ms});
    std::vector<AnalyzedCell> row = {rate, s.batches};
    append_rates(row, r.run, trigger_s);
    row.insert(row.end(),
               {r.rate_eps && *r.rate_eps > 0 ? r.run.eps / *r.rate_eps : stats::SeedRow::kMissing,
                std::string(r.run.fell_back ? "all after warm-up" : "as asked"), r.run.true_mean_ms,
                r.latency.p50_ms, r.latency.p95_ms, r.latency.p99_ms});
    ours.rows.push_back(std::move(row));
  }
  into.tables.push_back(std::move(seed));
  into.tables.push_back(std::move(ours));
  add_findings(runs, "load", into);
}

void add_scale_tables(const std::vector<ScaleRun>& runs, double trigger_s, Analysis& into) {
  if (runs.empty()) return;
  AnalyzedTable seed{
      "exp2_summary",
      "Scale, by the origin's formulas",
      {"configuration", "batches_used", "throughput_eps_mean", "lat_p95_ms_avg", "lat_p95_ms_max"},
      {}};
  AnalyzedTable ours{"exp2_corrected", "Scale, corrected", {"configuration", "batches_used"}, {}};
  ours.columns.insert(ours.columns.end(), kRateColumns.begin(), kRateColumns.end());
  ours.columns.push_back("true_mean_ms");
  for (const ScaleRun& r : runs) {
    const auto& s = r.run.seed;
    seed.rows.push_back({r.configuration, s.batches, s.throughput_mean, s.p95_ms, s.p95_max_ms});
    std::vector<AnalyzedCell> row = {r.configuration, s.batches};
    append_rates(row, r.run, trigger_s);
    row.push_back(r.run.true_mean_ms);
    ours.rows.push_back(std::move(row));
  }
  into.tables.push_back(std::move(seed));
  into.tables.push_back(std::move(ours));
  add_findings(runs, "scale", into);
}

void add_recovery_tables(const std::vector<RecoveryRun>& runs, Analysis& into) {
  if (runs.empty()) return;
  AnalyzedTable seed{"exp3_recovery",
                     "Recovery, by the origin's rule (largest gap between batches)",
                     {"run", "gap_sec", "batch_id", "epoch_sec", "p95_latency_ms"},
                     {}};
  AnalyzedTable ours{"exp3_corrected",
                     "Recovery, corrected",
                     {"run", "gap_sec", "usual_gap_sec", "gap_minus_usual_sec", "p95_before_ms",
                      "p95_after_ms", "caught_up_sec", "batches_repeated", "batches_missing"},
                     {}};
  const RecoveryRun* worst = nullptr;
  for (const RecoveryRun& r : runs) {
    const auto& [gap, row] = r.reading.seed;
    seed.rows.push_back({r.name, gap, whole_or_missing(row.batch_id), row.epoch_sec, row.p95_ms});
    const RecoveryReading& read = r.reading;
    ours.rows.push_back({r.name, read.gap_s, read.usual_gap_s, read.gap_s - read.usual_gap_s,
                         read.p95_before_ms, read.p95_after_ms, read.caught_up_s,
                         read.repeated_batches, read.missing_batches});
    if (worst == nullptr || read.gap_s > worst->reading.gap_s) worst = &r;
  }
  into.tables.push_back(std::move(seed));
  into.tables.push_back(std::move(ours));
  const RecoveryReading& read = worst->reading;
  into.findings.push_back(fmt::format(
      "recovery: {:.3g} s without a batch{}, of which {:.3g} s are usual; {}.", read.gap_s,
      runs.size() > 1 ? " at " + worst->name : "", read.usual_gap_s,
      std::isnan(read.caught_up_s)
          ? "latency never came back to what it had been"
          : fmt::format("latency was back to what it had been after {:.3g} s", read.caught_up_s)));
}

}  // namespace weir::report

#pragma GCC diagnostic pop
