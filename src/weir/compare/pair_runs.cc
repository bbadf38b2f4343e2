#include "weir/compare/pair_runs.h"

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "weir/run/folder.h"
#include "weir/sys/disk.h"
#include "weir/sys/process.h"

namespace weir::compare {
namespace {

constexpr Nanos kLook = nanos_from_millis(50);    // between two looks at a child
constexpr Nanos kGrace = nanos_from_seconds(60);  // for a run to stop and keep what it has
constexpr const char* kBasePlan = "base.toml";
constexpr const char* kHeadPlan = "head.toml";

// Two digits that people read: 123,456 becomes 120,000.
double rounded(double rate) {
  const double unit = std::pow(10, std::floor(std::log10(rate)) - 1);
  return std::max(1.0, std::floor(rate / unit) * unit);
}

// The last lines that a run printed, for a message.
std::string tail_of(const std::string& path) {
  constexpr int kLines = 6;
  auto text = real_disk()->read(path).value_or("");
  text.resize(text.find_last_not_of('\n') + 1);
  size_t begin = text.size();
  for (int lines = 0; lines < kLines && begin != std::string::npos && begin > 0; ++lines)
    begin = text.rfind('\n', begin - 1);
  return begin == std::string::npos || begin == 0 ? text : text.substr(begin + 1);
}

}  // namespace

void draw_order(PairPlan& plan) {
  plan.head_first.assign(size_t(plan.pairs), false);
  std::fill(plan.head_first.begin(), plan.head_first.begin() + plan.pairs / 2, true);
  std::mt19937_64 random(plan.seed);
  // Fisher and Yates, by hand: std::shuffle differs between libraries.
  for (size_t i = plan.head_first.size(); i > 1; --i) {
    const size_t j = size_t(random() % i);
    const bool kept = plan.head_first[i - 1];
    plan.head_first[i - 1] = plan.head_first[j];
    plan.head_first[j] = kept;
  }
}

std::vector<PairStep> steps_of(const PairPlan& plan) {
  std::vector<PairStep> steps;
  for (int pair = 1; pair <= plan.pairs; ++pair) {
    const bool head_first = plan.head_first[size_t(pair - 1)];
    for (const bool head : {head_first, !head_first})
      steps.push_back({pair, head, fmt::format("runs/{:02}-{}", pair, head ? "head" : "base")});
  }
  return steps;
}

PairRunner::PairRunner(std::string folder, PairPlan plan, Clock& clock, PairCallbacks callbacks)
    : folder_(std::move(folder)),
      plan_(std::move(plan)),
      clock_(clock),
      callbacks_(std::move(callbacks)) {}

Status PairRunner::store() const {
  return real_disk()->write_whole(folder_ + "/pairs.json", to_json(plan_));
}

bool PairRunner::is_done(const std::string& folder) const {
  const auto text = real_disk()->read(folder_ + "/" + folder + "/result.json");
  if (!text) return false;
  const auto result = run::result_from_json(*text);
  return result && result->exit_code && *result->exit_code < 128 && *result->exit_code != 1 &&
         *result->exit_code != 2;
}

Status PairRunner::run_one(const std::string& plan_file, const SidePlan& side,
                           const std::vector<std::string>& more, const std::string& out) {
  std::string name = out;
  std::replace(name.begin(), name.end(), '/', '-');
  const std::string log = folder_ + "/log/" + name + ".log";
  Spawn spawn;
  spawn.arguments = {side.program, "run", "load", folder_ + "/" + plan_file};
  for (const auto& setting : side.settings)
    spawn.arguments.insert(spawn.arguments.end(), {"--set", setting});
  spawn.arguments.insert(spawn.arguments.end(), more.begin(), more.end());
  if (plan_.quick) spawn.arguments.push_back("--quick");
  if (callbacks_.yes) spawn.arguments.push_back("--yes");
  spawn.arguments.insert(spawn.arguments.end(), {"--quiet", "--out", folder_ + "/" + out});
  // A summary of the whole is written at the end; those of its parts would bury it.
  spawn.environment["GITHUB_STEP_SUMMARY"] = "";
  spawn.stdout_path = spawn.stderr_path = log;
  Child child = WEIR_TRY_IN("weir run", Child::start(spawn));
  std::optional<int> status;
  bool told = false;
  Nanos limit;
  while (!(status = child.poll())) {
    if (const int signal = callbacks_.interrupted(); signal != 0 && !told) {
      child.signal(signal);
      told = true;
      limit = clock_.now() + kGrace;
    }
    if (told && clock_.now() > limit) child.stop(Nanos(0));
    clock_.sleep_until(clock_.now() + kLook);
  }
  if (callbacks_.interrupted() != 0) return fail(Code::kInterrupted, "interrupted");
  if (is_done(out)) return {};
  return fail(*status == 2 ? Code::kUsage : Code::kFailed,
              fmt::format("the run {} ended with {}", out, *status), tail_of(log),
              "see " + log + "; then weir compare --resume " + folder_);
}

Status PairRunner::find_rate() {
  if (plan_.rate_eps > 0) return {};
  const std::string file = kBasePlan;
  lab::Plan plan;
  WEIR_TRY(
      lab::read_plan(WEIR_TRY(real_disk()->read(folder_ + "/" + file)), plan_.before.name, plan));
  for (const auto& setting : plan_.before.settings) WEIR_TRY(lab::set_key(setting, plan));
  if (!plan.rates.empty()) {
    plan_.rate_eps = plan.rates[0];
    return store();
  }
  callbacks_.tell("the sustainable rate of " + plan_.before.name + " is searched first");
  if (!is_done("search")) {
    WEIR_TRY(real_disk()->remove_all(folder_ + "/search"));
    WEIR_TRY(run_one(file, plan_.before, {"--set", "objectives=[]"}, "search"));
  }
  const auto found =
      WEIR_TRY(run::result_from_json(WEIR_TRY(real_disk()->read(folder_ + "/search/result.json"))));
  if (!found.load || !found.load->sustainable_eps.estimate)
    return fail(Code::kFailed, "no sustainable rate of " + plan_.before.name + " was found",
                "so no rate for both sides can be derived from it", "give one: --rate 50000");
  plan_.rate_eps = rounded(kShareOfSustainable * *found.load->sustainable_eps.estimate);
  callbacks_.tell(fmt::format("it sustains {:.0f} events/s; both sides get {:.0f}",
                              *found.load->sustainable_eps.estimate, plan_.rate_eps));
  return store();
}

// A pair of which one side was cut off is measured again, both sides: what makes a pair is that its
// sides were measured next to each other.
Status PairRunner::drop_halves(const std::vector<PairStep>& steps) {
  for (size_t i = 0; i + 1 < steps.size(); i += 2) {
    const bool first = is_done(steps[i].folder), second = is_done(steps[i + 1].folder);
    if (first && second) continue;
    for (size_t side : {i, i + 1})
      WEIR_TRY(real_disk()->remove_all(folder_ + "/" + steps[side].folder));
  }
  return {};
}

bool PairRunner::is_invalid(const std::string& folder) const {
  const auto text = real_disk()->read(folder_ + "/" + folder + "/result.json");
  const auto result = run::result_from_json(text.value_or(""));
  return result && !result->valid;
}

Status PairRunner::measure() {
  WEIR_TRY(measure_missing());
  const auto steps = steps_of(plan_);
  const auto disk = real_disk();
  bool again = false;
  for (size_t i = 0; i + 1 < steps.size(); i += 2) {
    const std::string first = folder_ + "/" + steps[i].folder,
                      second = folder_ + "/" + steps[i + 1].folder;
    if (!is_invalid(steps[i].folder) && !is_invalid(steps[i + 1].folder)) continue;
    if (disk->exists(first + "-invalid")) continue;  // it was tried twice
    callbacks_.tell(fmt::format("pair {} is not valid and is measured again", steps[i].pair));
    WEIR_TRY(disk->rename(first, first + "-invalid"));
    WEIR_TRY(disk->rename(second, second + "-invalid"));
    again = true;
  }
  return again ? measure_missing() : Status();
}

Status PairRunner::measure_missing() {
  const auto steps = steps_of(plan_);
  WEIR_TRY(drop_halves(steps));
  const std::vector<std::string> fixed = {
      "--set", fmt::format("load.rates=[{:.0f}]", plan_.rate_eps),
      "--set", "load.search=false",
      "--set", "objectives=[]"};
  for (size_t i = 0; i < steps.size(); ++i) {
    const auto& step = steps[i];
    if (!is_done(step.folder)) {
      const bool head_plan = step.head && !plan_.same;
      WEIR_TRY(run_one(head_plan ? kHeadPlan : kBasePlan, step.head ? plan_.after : plan_.before,
                       fixed, step.folder));
      callbacks_.tell(fmt::format("pair {} of {}: {} measured", step.pair, plan_.pairs,
                                  step.head ? "head" : "base"));
    }
    if (i % 2 == 1) callbacks_.pair_done();
  }
  return {};
}

Result<PairedRuns> read_pairs(const std::string& folder, const PairPlan& plan) {
  PairedRuns found;
  const auto disk = real_disk();
  for (int pair = 1; pair <= plan.pairs; ++pair) {
    std::vector<StoredRun> sides;
    for (const char* side : {"base", "head"}) {
      const std::string path = fmt::format("{}/runs/{:02}-{}", folder, pair, side);
      if (!disk->exists(path + "/result.json")) break;
      auto run = WEIR_TRY(read_stored_run(path));
      if (!run.result.exit_code || *run.result.exit_code >= 128) break;
      sides.push_back(std::move(run));
    }
    if (sides.size() < 2) continue;
    if (!sides[0].result.valid || !sides[1].result.valid) {
      ++found.left_out;
      continue;
    }
    found.before.push_back(std::move(sides[0]));
    found.after.push_back(std::move(sides[1]));
  }
  return found;
}

}  // namespace weir::compare
