// weir verify: holds a run's folder against its manifest and computes its numbers again.
#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "apps/weir/cli.h"
#include "weir/lab/experiments.h"
#include "weir/lab/rate_search.h"
#include "weir/lab/stored_step.h"
#include "weir/report/verify.h"
#include "weir/run/folder.h"

namespace weir::cli {
namespace {

constexpr size_t kShownMax = 50;

Result<run::Step> step_again(const std::string& folder, const run::Step& stored, bool quick) {
  lab::StepData data = WEIR_TRY(lab::read_stored_step(folder));
  data.spec.label = stored.label;
  data.spec.workload = stored.workload;
  data.spec.partitions = stored.partitions;
  data.spec.parallelism = stored.parallelism;
  run::Step step = lab::judge_step(data, quick);
  step.looks = stored.looks;
  step.purpose = stored.purpose;
  // A step that was interrupted is invalid whatever its numbers say.
  if (stored.reason == lab::kInterruptedStep) step.verdict = stored.verdict;
  return step;
}

Result<run::Fault> fault_again(const std::string& folder, const run::Fault& stored, bool quick) {
  lab::StepData data = WEIR_TRY(lab::read_stored_step(folder));
  if (!data.spec.fault)
    return fail(Code::kCorrupt, "no fault stands in timeline.json", "step.json tells of one");
  data.spec.label = stored.label;
  run::Fault fault = lab::judge_fault(data, stored.repetition, quick);
  if (stored.reason == lab::kInterruptedStep) fault.valid = stored.valid;
  return fault;
}

// The answer of the search, from its probes; one that was cut short was not interrupted by itself.
Result<run::Load> search_again(const run::Load& stored, bool quick, bool full) {
  run::Load load = stored;
  lab::take_answer(WEIR_TRY(lab::search_again(stored, quick, full)), load);
  load.sizing = lab::sizing_of(load);
  return load;
}

Result<std::vector<run::Objective>> objectives_again(const std::string& plan_toml,
                                                     const run::RunResult& found) {
  lab::Plan plan;
  WEIR_TRY(lab::read_plan(plan_toml, "plan.toml", plan));
  return lab::judge_objectives(plan, found);
}

// A run that was killed before it wrote its first result: its folder is there, and no step in it.
bool is_unborn(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  return !fs::exists(path + "/result.json", error) && fs::is_directory(path + "/log", error) &&
         fs::is_directory(path + "/steps", error) && fs::is_empty(path + "/steps", error);
}

void print(const report::Verification& found) {
  for (size_t i = 0; i < found.mismatches.size() && i < kShownMax; ++i) {
    const auto& mismatch = found.mismatches[i];
    std::printf("%s\n  stored   %s\n  computed %s\n", mismatch.where.c_str(),
                mismatch.stored.c_str(), mismatch.computed.c_str());
  }
  if (found.mismatches.size() > kShownMax)
    std::printf("and %zu more\n", found.mismatches.size() - kShownMax);
  for (const auto& missing : found.missing) std::printf("partial: %s\n", missing.c_str());
  std::printf("%d files held against the manifest, %d numbers of %d steps computed again: ",
              found.files, found.numbers, found.steps);
  if (found.mismatches.empty())
    std::puts(found.missing.empty() ? "all agree" : "what there is agrees");
  else
    std::printf("%zu do not agree\n", found.mismatches.size());
}

}  // namespace

int verify_command(Arguments arguments) {
  CLI::App app(
      "Holds a run's folder against its manifest, and computes its numbers again from the raw "
      "files.",
      "weir verify");
  std::string path = "runs/latest";
  app.add_option("run", path, "the run's folder")->capture_default_str();
  app.footer(
      "Exit 0: all agree. 1: something does not, named above the last line.\n"
      "A run that broke off is checked as far as it goes: what it does not have is named partial, "
      "and is no error.\n"
      "examples:\n"
      "  weir verify\n"
      "  weir verify runs/first\n"
      "  weir verify runs/first && weir report runs/first");
  if (auto done = parse(app, std::move(arguments))) return *done;
  if (is_unborn(path)) {
    std::puts("partial: result.json: the run broke off before it measured anything");
    return kMet;
  }
  const auto folder = run::Folder::open(path);
  if (!folder) return report(folder.error());
  const auto text = folder->read("result.json");
  if (!text) return report(text.error());
  const auto result = run::result_from_json(*text);
  if (!result) return report(result.error());
  const bool quick = result->quick, full = result->full;
  const auto found = report::verify(
      *folder,
      {[quick](auto& at, auto& stored) { return step_again(at, stored, quick); },
       [quick](auto& at, auto& stored) { return fault_again(at, stored, quick); }, objectives_again,
       [quick, full](const run::Load& stored) { return search_again(stored, quick, full); }});
  if (!found) return report(found.error());
  print(*found);
  if (found->mismatches.empty()) return kMet;
  std::fprintf(stderr, "weir: %zu numbers or files of %s do not agree\n", found->mismatches.size(),
               folder->path().c_str());
  return kFailed;
}

}  // namespace weir::cli
