// Run folders of weir, for `weir analyze`: the same tables from steps/*/batches.csv.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "weir/report/analyze_tables.h"
#include "weir/run/results.h"
#include "weir/stats/hlog.h"
#include "weir/sys/disk.h"

namespace weir::report {
namespace {

namespace fs = std::filesystem;

std::optional<BatchRecords> read_step_batches(const fs::path& run, const std::string& step,
                                              Analysis& into) {
  const std::string name = step + "/batches.csv";
  const auto bytes = real_disk()->read(run / name);
  if (!bytes) {
    into.problems.push_back(name + ": " + bytes.error().why + ", skipped");
    return std::nullopt;
  }
  BatchRecords records;
  read_batch_file(*bytes, name, records);
  into.problems.insert(into.problems.end(), records.problems.begin(), records.problems.end());
  if (records.rows.empty()) return std::nullopt;
  return records;
}

// Flags first, then what the step itself says, then nothing left out.
SeedWindowing step_windowing(const AnalyzeOptions& options, const BatchRecords& records,
                             double trigger_ms, double warmup_s, std::optional<double> measured_s) {
  for (const BatchRecord& r : records.rows)
    if (r.trigger_ms > 0) trigger_ms = r.trigger_ms;
  SeedWindowing how;
  how.warmup_s = options.warmup_s.value_or(warmup_s);
  how.measure_s = options.measure_s ? options.measure_s : measured_s;
  how.trigger_s = options.trigger_s.value_or(trigger_ms > 0 ? trigger_ms / 1e3 : how.trigger_s);
  return how;
}

// Of the events due in the windowed rows' time, from the step's histograms per second.
TruePercentiles true_percentiles(const fs::path& step, const WindowedRun& run) {
  TruePercentiles p;
  const auto log = real_disk()->read(step / "latency.hlog");
  if (!log || run.window.size() < 2) return p;
  const auto parsed = parse_hlog(*log);
  if (!parsed) return p;
  const Nanos from = nanos_from_seconds(run.window.front().row.epoch_sec),
              to = nanos_from_seconds(run.window.back().row.epoch_sec);
  Histogram merged;
  for (const HlogInterval& interval : parsed->intervals)
    if (interval.start >= from && interval.start < to) merged.merge(interval.histogram);
  if (merged.total() == 0) return p;
  p.p50_ms = double(merged.quantile(0.50)) / 1e3;
  p.p95_ms = double(merged.quantile(0.95)) / 1e3;
  p.p99_ms = double(merged.quantile(0.99)) / 1e3;
  return p;
}

LoadRun load_run(const fs::path& run, const std::string& folder, const BatchRecords& records,
                 const SeedWindowing& how, std::optional<double> rate) {
  LoadRun r{rate, window_run(records, how)};
  r.latency = true_percentiles(run / folder, r.run);
  return r;
}

void analyze_unfinished(const fs::path& folder, const AnalyzeOptions& options, Analysis& into) {
  into.problems.push_back("result.json: missing or not readable; all steps are shown as load");
  std::vector<std::string> steps;
  std::error_code error;
  for (fs::directory_iterator at(folder / "steps", error); !error && at != fs::directory_iterator();
       at.increment(error))
    steps.push_back("steps/" + at->path().filename().string());
  std::sort(steps.begin(), steps.end());
  std::vector<LoadRun> runs;
  double trigger_s = SeedWindowing().trigger_s;
  for (const std::string& step : steps)
    if (const auto records = read_step_batches(folder, step, into)) {
      const auto how = step_windowing(options, *records, 0, 0, std::nullopt);
      trigger_s = how.trigger_s;
      runs.push_back(load_run(folder, step, *records, how, std::nullopt));
    }
  add_load_tables(std::move(runs), trigger_s, into);
}

}  // namespace

void analyze_run_folder(const fs::path& folder, const AnalyzeOptions& options, Analysis& into) {
  const auto text = real_disk()->read(folder / "result.json");
  const auto result = text ? run::result_from_json(*text) : tl::unexpected(text.error());
  if (!result) return analyze_unfinished(folder, options, into);
  double trigger_s = result->trigger_ms / 1e3;
  using Windowed = std::pair<BatchRecords, SeedWindowing>;
  const auto windowed = [&](const run::Step& step) -> std::optional<Windowed> {
    auto records = read_step_batches(folder, step.folder, into);
    if (!records) return std::nullopt;
    const auto how =
        step_windowing(options, *records, result->trigger_ms, step.warmup_s, step.measured_s);
    trigger_s = how.trigger_s;
    return Windowed(std::move(*records), how);
  };
  if (result->load) {
    std::vector<LoadRun> runs;
    for (const run::Step& step : result->load->steps)
      if (const auto w = windowed(step))
        runs.push_back(load_run(folder, step.folder, w->first, w->second, step.offered_eps));
    add_load_tables(std::move(runs), trigger_s, into);
  }
  if (result->scale) {
    std::vector<ScaleRun> runs;
    for (const run::Step& cell : result->scale->cells)
      if (auto w = windowed(cell)) {
        w->second.measure_s = options.measure_s;
        runs.push_back(
            {fmt::format("Partitions={} + parallelism {}", cell.partitions, cell.parallelism),
             window_run(w->first, w->second)});
      }
    add_scale_tables(runs, trigger_s, into);
  }
  if (result->faults) {
    std::vector<RecoveryRun> runs;
    for (const run::Fault& fault : result->faults->faults)
      if (const auto records = read_step_batches(folder, fault.folder, into))
        if (const auto reading = read_recovery(*records))
          runs.push_back({fmt::format("{} {}", fault.kind, fault.repetition), *reading});
    add_recovery_tables(runs, into);
  }
}

}  // namespace weir::report
