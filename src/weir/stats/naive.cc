#include "weir/stats/naive.h"

#include <algorithm>

#include "weir/stats/interval.h"

namespace weir::stats {
namespace {

std::vector<double> column(std::span<const SeedRow> rows, double SeedRow::*field) {
  std::vector<double> values;
  for (const SeedRow& row : rows)
    if (!std::isnan(row.*field)) values.push_back(row.*field);
  return values;
}

// Sum first, divide once, as pandas does.
double mean(std::span<const double> values) {
  if (values.empty()) return SeedRow::kMissing;
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / double(values.size());
}

template <class Keep>
std::vector<SeedRow> in_time_order(std::span<const SeedRow> rows, Keep keep) {
  std::vector<SeedRow> kept;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(kept), keep);
  std::stable_sort(kept.begin(), kept.end(),
                   [](const SeedRow& a, const SeedRow& b) { return a.epoch_sec < b.epoch_sec; });
  return kept;
}

}  // namespace

std::vector<SeedRow> seed_window(std::span<const SeedRow> rows, double warmup_s,
                                 std::optional<double> measure_s) {
  constexpr size_t kFewest = 5;
  std::vector<SeedRow> after = in_time_order(rows, [](const SeedRow& r) { return r.usable(); });
  if (after.empty()) return after;
  const double t0 = after.front().epoch_sec + warmup_s;
  std::erase_if(after, [t0](const SeedRow& r) { return r.epoch_sec < t0; });
  if (!measure_s) return after;
  const double t1 = t0 + *measure_s;
  std::vector<SeedRow> measured = after;
  std::erase_if(measured, [t1](const SeedRow& r) { return r.epoch_sec >= t1; });
  return measured.size() < kFewest ? after : measured;
}

SeedSummary seed_summary(std::span<const SeedRow> window, double trigger_s) {
  SeedSummary s;
  s.batches = int64_t(window.size());
  std::vector<double> throughput = column(window, &SeedRow::batch_events);
  for (double& value : throughput) value /= trigger_s;
  s.throughput_mean = mean(throughput);
  s.throughput_p95 = quantile(throughput, 0.95).value_or(SeedRow::kMissing);
  s.mean_ms = mean(column(window, &SeedRow::mean_ms));
  s.p50_ms = mean(column(window, &SeedRow::p50_ms));
  s.p99_ms = mean(column(window, &SeedRow::p99_ms));
  const std::vector<double> p95 = column(window, &SeedRow::p95_ms);
  s.p95_ms = mean(p95);
  if (!p95.empty()) s.p95_max_ms = *std::max_element(p95.begin(), p95.end());
  return s;
}

std::optional<SeedRecovery> seed_recovery(std::span<const SeedRow> rows) {
  const auto sorted =
      in_time_order(rows, [](const SeedRow& r) { return !std::isnan(r.epoch_sec); });
  if (sorted.size() < 2) return std::nullopt;
  SeedRecovery best{-1, {}};
  for (size_t i = 1; i < sorted.size(); ++i) {
    const double gap = sorted[i].epoch_sec - sorted[i - 1].epoch_sec;
    if (gap > best.gap_s) best = {gap, sorted[i]};
  }
  return best;
}

}  // namespace weir::stats
