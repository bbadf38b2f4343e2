#include "weir/report/analyze_correction.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "weir/stats/interval.h"

namespace weir::report {
namespace {

using stats::SeedRow;
constexpr double kLate = 1.5;             // triggers
constexpr double kFloorTolerance = 0.03;  // of the trigger

std::vector<SeedRow> by_seed(const BatchRecords& records) {
  std::vector<SeedRow> rows;
  for (const BatchRecord& r : records.rows) rows.push_back(r.seed);
  return rows;
}

std::vector<BatchRecord> in_time_order(std::vector<BatchRecord> rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const BatchRecord& a, const BatchRecord& b) {
    return a.row.epoch_sec < b.row.epoch_sec;
  });
  return rows;
}

// When the row's batch was done: weir's commit to the microsecond, else the row's whole second.
double done_s(const BatchRecord& r) {
  return r.committed_us > 0 ? r.committed_us / 1e6 : r.row.epoch_sec;
}

void measure_rates(WindowedRun& run, double trigger_s) {
  const auto& rows = run.window;
  if (rows.size() < 2) return;
  const bool exact = std::all_of(rows.begin(), rows.end(),
                                 [](const BatchRecord& r) { return r.committed_us > 0; });
  double events = 0;
  std::vector<double> gaps;
  for (size_t i = 1; i < rows.size(); ++i) {
    events += rows[i].row.batch_events;
    gaps.push_back(done_s(rows[i]) - done_s(rows[i - 1]));
    run.late += gaps.back() > kLate * trigger_s;
  }
  run.interval_s = stats::quantile(gaps, 0.5).value_or(SeedRow::kMissing);
  const double span = done_s(rows.back()) - done_s(rows.front());
  if (!(span > 0)) return;
  const double uncertain = exact ? 0 : 1;
  run.measured_s = span;
  run.eps = events / span;
  run.eps_low = events / (span + uncertain);
  if (span > uncertain) run.eps_high = events / (span - uncertain);
  run.reported_over_measured = run.seed.throughput_mean / run.eps;
}

void measure_latency(WindowedRun& run) {
  double events = 0, sum = 0;
  for (const BatchRecord& r : run.window) {
    if (!r.ours || std::isnan(r.row.mean_ms)) continue;
    events += r.row.batch_events;
    sum += r.row.batch_events * r.row.mean_ms;
  }
  if (events > 0) run.true_mean_ms = sum / events;
}

}  // namespace

std::string p95_meaning(const stats::SeedSummary& seed, double trigger_s) {
  const double trigger_ms = trigger_s * 1e3;
  const auto off = [&](double value, double share) { return value / trigger_ms - share; };
  const double p50 = off(seed.p50_ms, 0.5), p95 = off(seed.p95_ms, 0.95),
               p99 = off(seed.p99_ms, 0.99);
  if (std::isnan(p95)) return "";
  if (std::abs(p50) <= kFloorTolerance && std::abs(p95) <= kFloorTolerance &&
      std::abs(p99) <= kFloorTolerance)
    return "trigger only";
  return p95 > 0 ? "above the trigger" : "below it";
}

WindowedRun window_run(const BatchRecords& records, const SeedWindowing& how) {
  WindowedRun run;
  const std::vector<SeedRow> rows = by_seed(records);
  const auto window = stats::seed_window(rows, how.warmup_s, how.measure_s);
  run.seed = stats::seed_summary(window, how.trigger_s);
  run.p95_shows = p95_meaning(run.seed, how.trigger_s);
  if (rows.empty()) return run;
  const auto [first, last] = std::minmax_element(
      rows.begin(), rows.end(),
      [](const SeedRow& a, const SeedRow& b) { return a.epoch_sec < b.epoch_sec; });
  run.run_s = last->epoch_sec - first->epoch_sec;
  if (window.empty()) return run;
  const double from = window.front().epoch_sec, to = window.back().epoch_sec;
  run.fell_back = how.measure_s && to >= first->epoch_sec + how.warmup_s + *how.measure_s;
  for (const BatchRecord& r : records.rows)
    if (r.row.epoch_sec >= from && r.row.epoch_sec <= to) run.window.push_back(r);
  run.window = in_time_order(std::move(run.window));
  measure_rates(run, how.trigger_s);
  measure_latency(run);
  return run;
}

std::optional<RecoveryReading> read_recovery(const BatchRecords& records) {
  const auto seed = stats::seed_recovery(by_seed(records));
  if (!seed) return std::nullopt;
  RecoveryReading reading{.seed = *seed};
  auto rows = records.rows;
  std::stable_sort(rows.begin(), rows.end(), [](const BatchRecord& a, const BatchRecord& b) {
    return done_s(a) < done_s(b);
  });
  std::vector<double> gaps, before;
  for (size_t i = 1; i < rows.size(); ++i) gaps.push_back(done_s(rows[i]) - done_s(rows[i - 1]));
  const auto largest_gap = std::max_element(gaps.begin(), gaps.end());
  const size_t after = size_t(largest_gap - gaps.begin()) + 1;
  reading.gap_s = *largest_gap;
  gaps.erase(largest_gap);
  reading.usual_gap_s = stats::quantile(gaps, 0.5).value_or(SeedRow::kMissing);
  for (size_t i = 0; i < after; ++i) before.push_back(rows[i].row.p95_ms);
  reading.p95_before_ms = *stats::quantile(before, 0.5);
  reading.p95_after_ms = rows[after].row.p95_ms;
  const double largest = *std::max_element(before.begin(), before.end());
  for (size_t i = after; i < rows.size(); ++i)
    if (rows[i].row.p95_ms <= largest) {
      reading.caught_up_s = done_s(rows[i]) - done_s(rows[after - 1]);
      break;
    }
  std::set<int64_t> ids;
  for (const BatchRecord& r : rows)
    if (std::abs(r.row.batch_id) < 1e15)
      reading.repeated_batches += !ids.insert(int64_t(r.row.batch_id)).second;
  if (!ids.empty())
    reading.missing_batches = *ids.rbegin() - *ids.begin() + 1 - int64_t(ids.size());
  return reading;
}

}  // namespace weir::report
