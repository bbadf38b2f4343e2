#include "weir/report/analyze.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "weir/report/analyze_correction.h"
#include "weir/report/analyze_tables.h"

namespace weir::report {
namespace {

namespace fs = std::filesystem;

struct Configuration {
  const char* label;
  const char* folder;
};
constexpr Configuration kConfigurations[] = {
    {"Partitions=6", "kafka_partitions_6"},
    {"Partitions=12", "kafka_partitions_12"},
    {"Partitions=12 + Spark local[8]", "kafka12_spark_local8"},
};
constexpr const char* kBaseline = "Partitions=3 (baseline)";

SeedWindowing windowing_of(const AnalyzeOptions& options) {
  SeedWindowing how;
  how.warmup_s = options.warmup_s.value_or(how.warmup_s);
  if (options.measure_s) how.measure_s = options.measure_s;
  how.trigger_s = options.trigger_s.value_or(how.trigger_s);
  return how;
}

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

std::vector<std::string> folders_in(const fs::path& path) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator at(path, error); !error && at != fs::directory_iterator();
       at.increment(error)) {
    std::error_code ignored;
    if (at->is_directory(ignored)) names.push_back(at->path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The N of a name that starts with rate_N.
std::optional<int64_t> rate_of(std::string_view name) {
  constexpr std::string_view kPrefix = "rate_";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  name.remove_prefix(kPrefix.size());
  int64_t rate = 0;
  const auto end = std::from_chars(name.data(), name.data() + name.size(), rate);
  return end.ec == std::errc() && rate >= 0 ? std::optional(rate) : std::nullopt;
}

// Readable batches below the folder, or nothing with the reason among the problems.
std::optional<BatchRecords> read_batches(const fs::path& folder, Analysis& into) {
  const std::string name = folder.filename();
  auto records = read_batch_files(folder);
  if (!records) {
    into.problems.push_back(records.error().what + ": " + records.error().why);
    return std::nullopt;
  }
  for (const std::string& problem : records->problems)
    into.problems.push_back(name + "/" + problem);
  if (records->rows.empty()) {
    into.problems.push_back(name + ": no readable batch, left out");
    return std::nullopt;
  }
  return std::move(*records);
}

WindowedRun window(const fs::path& folder, const BatchRecords& records, const SeedWindowing& how,
                   Analysis& into) {
  WindowedRun run = window_run(records, how);
  if (run.window.empty())
    into.problems.push_back(
        fmt::format("{}: no batch is left after {:g} s of warm-up, the run has {:g} s",
                    folder.filename().string(), how.warmup_s, run.run_s));
  return run;
}

void analyze_load(const fs::path& folder, const SeedWindowing& how, Analysis& into) {
  std::vector<LoadRun> runs;
  for (const std::string& name : folders_in(folder)) {
    const auto rate = rate_of(name);
    if (!rate) continue;
    if (auto records = read_batches(folder / name, into))
      runs.push_back({*rate, window(folder / name, *records, how, into)});
  }
  add_load_tables(std::move(runs), how.trigger_s, into);
}

// A rate_<N> folder, or any other with batches, which nothing says to hold a fault: its largest gap
// is worth a table only when it stands out.
void analyze_one_run(const fs::path& folder, const SeedWindowing& how, Analysis& into) {
  constexpr double kStandsOut = 3;  // usual gaps
  const auto records = read_batches(folder, into);
  if (!records) return;
  const auto rate = rate_of(folder.filename().string());
  add_load_tables({{rate, window(folder, *records, how, into)}}, how.trigger_s, into);
  const auto reading = read_recovery(*records);
  if (!rate && reading && reading->gap_s > kStandsOut * reading->usual_gap_s)
    add_recovery_tables({{folder.filename(), *reading}}, into);
}

void analyze_scale(const fs::path& folder, const fs::path& baseline, SeedWindowing how,
                   Analysis& into) {
  how.measure_s.reset();  // the origin takes all rows after warm-up here
  std::vector<ScaleRun> runs;
  if (is_folder(baseline))
    if (auto records = read_batches(baseline, into))
      runs.push_back({kBaseline, window(baseline, *records, how, into)});
  for (const Configuration& c : kConfigurations)
    if (is_folder(folder / c.folder))
      if (auto records = read_batches(folder / c.folder, into))
        runs.push_back({c.label, window(folder / c.folder, *records, how, into)});
  for (const std::string& name : folders_in(folder)) {
    const bool known =
        name == "analysis" || std::any_of(std::begin(kConfigurations), std::end(kConfigurations),
                                          [&](const Configuration& c) { return name == c.folder; });
    if (!known)
      into.problems.push_back(name + ": not one of the origin's configurations, left out");
  }
  add_scale_tables(runs, how.trigger_s, into);
}

void analyze_recovery(const fs::path& folder, Analysis& into) {
  const auto records = read_batches(folder, into);
  if (!records) return;
  const auto reading = read_recovery(*records);
  if (!reading)
    into.problems.push_back(folder.filename().string() + ": fewer than two batches, no gap");
  else
    add_recovery_tables({{folder.filename(), *reading}}, into);
}

bool holds_rates(const fs::path& folder) {
  const auto names = folders_in(folder);
  return std::any_of(names.begin(), names.end(),
                     [](const std::string& name) { return rate_of(name).has_value(); });
}
bool holds_configurations(const fs::path& folder) {
  return std::any_of(std::begin(kConfigurations), std::end(kConfigurations),
                     [&](const Configuration& c) { return is_folder(folder / c.folder); });
}
fs::path recovery_folder(const fs::path& folder) {
  return is_folder(folder / "recovery_test") ? folder / "recovery_test" : folder;
}

void analyze_origin(const fs::path& folder, const SeedWindowing& how, Analysis& into) {
  const std::string name = folder.filename();
  const fs::path exp1 = folder / "exp1", exp2 = folder / "exp2", exp3 = folder / "exp3";
  if (is_folder(exp1) || is_folder(exp2) || is_folder(exp3)) {
    if (is_folder(exp1)) analyze_load(exp1, how, into);
    if (is_folder(exp2)) analyze_scale(exp2, exp1 / "rate_8000", how, into);
    if (is_folder(exp3)) analyze_recovery(recovery_folder(exp3), into);
  } else if (holds_rates(folder)) {
    analyze_load(folder, how, into);
  } else if (holds_configurations(folder)) {
    analyze_scale(folder, folder.parent_path() / "exp1" / "rate_8000", how, into);
  } else if (name == "exp3" || name == "recovery_test" || is_folder(folder / "recovery_test")) {
    analyze_recovery(recovery_folder(folder), into);
  } else {
    analyze_one_run(folder, how, into);
  }
}

}  // namespace

Result<Analysis> analyze(const std::string& folder, const AnalyzeOptions& options) {
  std::error_code error;
  fs::path path = fs::weakly_canonical(folder, error);
  if (error || !is_folder(path))
    return fail(Code::kNotFound, "cannot analyze " + folder, "it is no folder",
                "name a results folder (exp1, exp2, exp3 in it), an experiment or a run folder");
  Analysis analysis;
  analysis.of_run_folder = is_folder(path / "steps");
  if (analysis.of_run_folder)
    analyze_run_folder(path, options, analysis);
  else
    analyze_origin(path, windowing_of(options), analysis);
  if (analysis.tables.empty()) {
    std::string why = "no CSV file below it holds batches";
    if (!analysis.problems.empty()) why += "; " + analysis.problems.front();
    return fail(Code::kUsage, "nothing to analyze in " + folder, why,
                "batches have at least the columns epoch_sec, batch_events and p95_latency_ms");
  }
  return analysis;
}

}  // namespace weir::report
