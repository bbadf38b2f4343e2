// weir trend: stored runs over time.
#include <cstdio>

#include "apps/weir/cli.h"
#include "apps/weir/summary.h"
#include "weir/compare/trend.h"
#include "weir/sys/disk.h"

namespace weir::cli {
namespace {

struct TrendFlags {
  std::vector<std::string> paths{"runs"};
  std::string json, csv, markdown;
};

Result<std::vector<compare::StoredRun>> read_all(const std::vector<std::string>& paths) {
  std::vector<compare::StoredRun> runs;
  for (const auto& path : paths)
    for (const auto& found : compare::find_runs(path)) {
      auto run = compare::read_stored_run(found);
      // One that cannot be read hides no other.
      if (!run)
        std::fprintf(stderr, "weir: left out: %s\n", to_text(run.error()).c_str());
      else if (run->result.exit_code && run->result.valid)
        runs.push_back(std::move(*run));
    }
  if (runs.empty())
    return fail(Code::kNotFound, "no finished, valid run at " + paths[0],
                "there is no result.json in it or below it", "weir run load --quick makes one");
  return runs;
}

Status put(const std::string& path, const std::string& text) {
  if (path.empty()) return {};
  if (path != "-") return real_disk()->write_whole(path, text);
  std::fputs(text.c_str(), stdout);
  return {};
}

}  // namespace

int trend_command(Arguments arguments) {
  TrendFlags flags;
  CLI::App app(
      "Shows stored runs over time: sustainable rate, latency, cost and recovery of like runs, and "
      "which changes are more than noise.",
      "weir trend");
  app.add_option("runs", flags.paths, "folders of runs, or runs")->capture_default_str();
  app.add_option("--json", flags.json, "file for the trends as JSON; - prints it");
  app.add_option("--csv", flags.csv, "file for a line per point; - prints it");
  app.add_option("--markdown", flags.markdown,
                 "file for a summary in Markdown; also added to $GITHUB_STEP_SUMMARY");
  app.footer(
      "examples:\n"
      "  weir trend\n"
      "  weir trend runs --csv trend.csv\n"
      "  weir trend runs --json - | jq '.groups[0].series[0].points'");
  if (auto done = parse(app, std::move(arguments))) return *done;
  auto runs = read_all(flags.paths);
  if (!runs) return report(runs.error());
  const auto groups = compare::trends_of(std::move(*runs));
  for (const auto& written :
       {put(flags.json, compare::to_json(groups)), put(flags.csv, compare::to_csv(groups)),
        write_summary(compare::markdown(groups), flags.markdown)})
    if (!written) return report(written.error());
  if (flags.json != "-" && flags.csv != "-")
    std::fputs(compare::terminal_text(groups).c_str(), stdout);
  return kMet;
}

}  // namespace weir::cli
