// weir rerun: runs again what a run's folder holds: its resolved plan and its experiment.
#include <cstdio>

#include "apps/weir/cli.h"
#include "weir/run/folder.h"

namespace weir::cli {
namespace {

std::string quoted(const std::string& word) {
  const bool plain = word.find_first_not_of(
                         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                         "0123456789_./:=,@%+-") == std::string::npos;
  if (plain && !word.empty()) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

struct RerunFlags {
  std::string run = "runs/latest", out, json;
  bool quiet = false, keep_data = false, dry_run = false, yes = false, allow_faults = false;
};

// The arguments of weir run that do it again.
Result<Arguments> arguments_of(const RerunFlags& flags) {
  const auto folder = WEIR_TRY(run::Folder::open(flags.run));
  const auto result = WEIR_TRY(run::result_from_json(WEIR_TRY(folder.read("result.json"))));
  WEIR_TRY(folder.read("plan.toml"));  // a run without a plan cannot be done again
  Arguments again = {result.experiment == "demo" ? "all" : result.experiment, "--plan",
                     folder.path() + "/plan.toml"};
  if (result.quick) again.push_back("--quick");
  for (const auto& [given, flag] : {std::pair{flags.quiet, "--quiet"},
                                    {flags.keep_data, "--keep-data"},
                                    {flags.dry_run, "--dry-run"},
                                    {flags.yes, "--yes"},
                                    {flags.allow_faults, "--allow-faults"}})
    if (given) again.push_back(flag);
  if (!flags.out.empty()) again.insert(again.end(), {"--out", flags.out});
  if (!flags.json.empty()) again.insert(again.end(), {"--json", flags.json});
  return again;
}

}  // namespace

int rerun_command(Arguments arguments) {
  RerunFlags flags;
  CLI::App app("Runs again what a run's folder holds, from its stored plan; prints the command.",
               "weir rerun");
  app.add_option("run", flags.run, "the run's folder")->capture_default_str();
  app.add_option("--out", flags.out, "folder of the new run");
  app.add_option("--json", flags.json, "- prints result.json to stdout instead of the tables")
      ->check(CLI::IsMember({"-"}));
  app.add_flag("--quiet", flags.quiet, "only the findings");
  app.add_flag("--keep-data", flags.keep_data, "keep the broker's data in <run>/data");
  app.add_flag("--dry-run", flags.dry_run, "print the plan, its minutes and gigabytes, and stop");
  app.add_flag("--yes", flags.yes, "do not ask before using a cluster that weir did not start");
  app.add_flag("--allow-faults", flags.allow_faults,
               "let the plan's faults hit what weir did not start");
  app.footer(
      "examples:\n"
      "  weir rerun\n"
      "  weir rerun runs/first --dry-run\n"
      "  weir rerun runs/first --json - | jq .findings");
  if (auto done = parse(app, std::move(arguments))) return *done;
  const auto again = arguments_of(flags);
  if (!again) return report(again.error());
  std::string command = "weir run";
  for (const auto& word : *again) command += " " + quoted(word);
  std::fprintf(stderr, "%s\n", command.c_str());
  return run_command(*again);
}

}  // namespace weir::cli
