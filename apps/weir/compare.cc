// weir compare: two sides of stored runs, or two plans measured in pairs; what changed, how sure
// that is, and whether a gate lets it pass.
#include <fmt/format.h>

#include <cstdio>

#include "apps/weir/cli.h"
#include "apps/weir/compare_flags.h"
#include "apps/weir/compare_pairs.h"
#include "apps/weir/summary.h"
#include "weir/compare/stored_run.h"
#include "weir/sys/disk.h"

namespace weir::cli {
namespace {

using namespace compare;

// The runs that one word names: folders separated by commas, each a run or a folder of runs.
Result<std::vector<StoredRun>> read_side(const std::string& word) {
  std::vector<StoredRun> runs;
  for (const auto& path : CLI::detail::split(word, ',')) {
    const auto found = find_runs(path);
    if (found.empty())
      return fail(Code::kNotFound, "no run at " + path, "there is no result.json in it or below it",
                  "name a run's folder, several with commas, or a folder of runs");
    for (const auto& run : found) runs.push_back(WEIR_TRY(read_stored_run(run)));
  }
  return runs;
}

Result<Answer> compare_stored(const CompareFlags& flags, const Gate& gate) {
  if (flags.sides.size() != 2)
    return fail(Code::kUsage, "weir compare needs two sides",
                fmt::format("{} were given", flags.sides.size()),
                "weir compare runs/a runs/b, or weir compare a1,a2,a3 b1,b2,b3");
  const auto before = WEIR_TRY(read_side(flags.sides[0]));
  const auto after = WEIR_TRY(read_side(flags.sides[1]));
  Answer answer;
  answer.before_name = flags.sides[0], answer.after_name = flags.sides[1];
  answer.started = after.back().result.started;
  auto unlike = differences(before, after, flags.allow);
  if (!flags.force) WEIR_TRY(refuse_unlike(unlike));
  answer.comparison = WEIR_TRY(compare_runs(before, after, gate.rules));
  answer.comparison.differences = std::move(unlike);
  answer.checks = judge_gate(gate, answer.comparison, after);
  return answer;
}

Result<Gate> gate_of(const CompareFlags& flags) {
  Gate gate;
  if (!flags.gate.empty())
    gate = WEIR_TRY(read_gate(WEIR_TRY(real_disk()->read(flags.gate)), flags.gate));
  if (!flags.allowed.empty())
    gate.rules.allowed = WEIR_TRY_IN("--allowed", parse_share(flags.allowed));
  if (!flags.primary.empty()) {
    WEIR_TRY_IN("--primary", find_metric(flags.primary));
    gate.rules.primary = flags.primary;
  }
  return gate;
}

Status write_outputs(const CompareFlags& flags, const Answer& answer) {
  if (!flags.junit.empty()) WEIR_TRY(real_disk()->write_whole(flags.junit, junit(answer)));
  if (!flags.json.empty() && flags.json != "-")
    WEIR_TRY(real_disk()->write_whole(flags.json, to_json(answer)));
  return write_summary(markdown(answer), flags.markdown);
}

int tell(const CompareFlags& flags, const Answer& answer) {
  if (flags.json == "-")
    std::fputs(to_json(answer).c_str(), stdout);
  else
    std::fputs(terminal_text(answer).c_str(), stdout);
  if (const auto written = write_outputs(flags, answer); !written) return report(written.error());
  if (answer.exit_code != kMet) std::fprintf(stderr, "weir: %s\n", answer.exit_reason.c_str());
  return answer.exit_code;
}

}  // namespace

int compare_command(Arguments arguments) {
  CompareFlags flags;
  CLI::App app(
      "Holds two sides against each other: stored runs of a base and a head, or with --run two "
      "plans that it measures in pairs, in turns, at one rate. Every measure is better, worse, "
      "within the allowed change, or cannot be told.",
      "weir compare");
  add_compare_flags(app, flags);
  const Arguments given = arguments;
  if (auto done = parse(app, std::move(arguments))) return *done;
  const auto gate = gate_of(flags);
  if (!gate) return report(gate.error());
  std::string command = "weir compare";
  for (const auto& word : given) command += " " + word;
  const bool measures = flags.run || !flags.resume.empty();
  auto answer = measures ? compare_pairs(flags, *gate, command) : compare_stored(flags, *gate);
  if (!answer) {
    if (answer.error().code != Code::kInterrupted) return report(answer.error());
    std::fprintf(stderr, "weir: %s\n", to_text(answer.error()).c_str());
    return 128 + interrupted();
  }
  if (!measures) {
    answer->command = command;
    answer->unsure_fails = flags.unsure == "fail";
    settle_exit(*answer);
  }
  return tell(flags, *answer);
}

}  // namespace weir::cli
