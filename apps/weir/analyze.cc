// weir analyze: the origin's tables from its CSV files or from a run folder, beside corrected ones.
#include "weir/report/analyze.h"

#include <fmt/format.h>

#include "apps/weir/cli.h"
#include "weir/sys/disk.h"

namespace weir::cli {
namespace {

Status write_tables(const report::Analysis& analysis, const std::string& out) {
  const auto disk = real_disk();
  WEIR_TRY(disk->make_folders(out));
  for (const auto& table : analysis.tables)
    WEIR_TRY(disk->write_whole(out + "/" + table.name + ".csv", table.csv()));
  return {};
}

}  // namespace

int analyze_command(Arguments arguments) {
  CLI::App app("The origin's tables by its own formulas, and the figures corrected.",
               "weir analyze");
  std::string folder, out;
  report::AnalyzeOptions options;
  app.add_option("DIR", folder,
                 "a results folder (exp1, exp2, exp3), one experiment's folder, or a run folder")
      ->required();
  app.add_option("--warmup", options.warmup_s, "seconds left out of each run (default 120)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--measure", options.measure_s, "seconds measured after that (default 240)")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--trigger-seconds", options.trigger_s, "the configured trigger (default 5)")
      ->check(CLI::PositiveNumber);
  app.add_option("--out", out, "folder for the tables (default DIR/analysis)");
  app.footer(
      "Of a run folder each step's own warm-up, length and trigger are the defaults.\n"
      "examples:\n"
      "  weir analyze results --trigger-seconds 5\n"
      "  weir analyze results/exp1 --warmup 120 --measure 240\n"
      "  weir analyze runs/latest --out tables");
  if (const auto stop = parse(app, std::move(arguments))) return *stop;

  const auto analysis = report::analyze(folder, options);
  if (!analysis) return report(analysis.error());
  for (const std::string& problem : analysis->problems) fmt::print(stderr, "{}\n", problem);
  for (const auto& table : analysis->tables) fmt::print("{}\n", table.text());

  // A run folder's manifest covers all but its figures, which can be made again.
  if (out.empty()) out = folder + (analysis->of_run_folder ? "/figures/analysis" : "/analysis");
  if (const auto written = write_tables(*analysis, out); !written) {
    Error error = written.error();
    if (error.code != Code::kDiskFull)
      error.code = Code::kUsage;  // the folder was the user's choice
    if (error.remedy.empty()) error.remedy = "choose a folder for the tables with --out";
    return report(error);
  }
  fmt::print("{} tables in {}\n", analysis->tables.size(), out);
  for (const std::string& finding : analysis->findings) fmt::print("{}\n", finding);
  return kMet;
}

}  // namespace weir::cli
