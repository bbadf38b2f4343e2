#include "apps/weir/compare_pairs.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <random>

#include "apps/weir/cli.h"
#include "weir/lab/budget.h"
#include "weir/lab/plan_keys.h"
#include "weir/run/folder.h"
#include "weir/setup/places.h"
#include "weir/sys/disk.h"
#include "weir/sys/process.h"

namespace weir::cli {
namespace {

using namespace compare;
namespace fs = std::filesystem;

// What no pair may differ in unless --allow names it: numbers per event mean nothing else.
constexpr const char* kSameWork[] = {"engine.workload", "event.size", "event.template",
                                     "event.identity"};

// What a step takes beside its load: checks, starting, draining, the report.
constexpr Nanos kAroundStep = nanos_from_seconds(3);

Result<std::string> program_of(const std::string& given) {
  if (given.empty()) return own_program();
  std::error_code error;
  const std::string path = fs::absolute(given, error).lexically_normal();
  if (access(path.c_str(), X_OK) == 0 && !fs::is_directory(path, error)) return path;
  return fail(Code::kNotFound, "cannot run " + given, "it is no program",
              "name the file of another weir, e.g. build/release/weir");
}

Result<lab::Plan> resolve(const std::string& text, const SidePlan& side) {
  lab::Plan plan;
  WEIR_TRY(lab::read_plan(text, side.name, plan));
  for (const auto& setting : side.settings) WEIR_TRY(lab::set_key(setting, plan));
  WEIR_TRY_IN(side.name, lab::check_plan(plan));
  return plan;
}

// The plans' differences are what is compared: all but what makes the work itself another.
std::vector<std::string> meant_keys(const lab::Plan& before, const lab::Plan& after,
                                    const CompareFlags& flags) {
  std::vector<std::string> meant = flags.allow;
  for (const auto& key : lab::plan_keys()) {
    const bool same_work =
        std::find(std::begin(kSameWork), std::end(kSameWork), key.path) != std::end(kSameWork);
    if (!same_work && lab::plan_value(before, key.path) != lab::plan_value(after, key.path))
      meant.push_back(key.path);
  }
  meant.insert(meant.end(), {"version", "durable"});  // follow from the plans and the programs
  return meant;
}

struct Begun {
  std::string folder;
  PairPlan plan;
};

Result<Begun> begin(const CompareFlags& flags, Nanos now) {
  const bool noise = flags.noise_pairs > 0;
  const bool one = flags.sides.size() == 1;
  const bool differs = !flags.head_weir.empty() || !flags.head_settings.empty() ||
                       !flags.base_weir.empty() || !flags.base_settings.empty();
  if (flags.sides.empty() || flags.sides.size() > 2 || (one && !noise && !differs) ||
      (noise && !one))
    return fail(Code::kUsage, "--run needs a base plan and a head plan",
                fmt::format("{} plans were given", flags.sides.size()),
                noise
                    ? "--aa takes one: weir compare --run base.toml --aa 10"
                    : "weir compare --run base.toml head.toml; the same plan twice with --head-set "
                      "or --head-weir; --aa 10 for one plan against itself");
  PairPlan plan;
  plan.same = one;
  plan.quick = flags.quick;
  plan.pairs = noise ? flags.noise_pairs : flags.pairs;
  plan.seed = flags.seed_given ? flags.seed : uint64_t(std::random_device()());
  plan.rate_eps = flags.rate;
  plan.before = {flags.sides[0], WEIR_TRY(program_of(flags.base_weir)), flags.settings};
  plan.after = {flags.sides.back(), WEIR_TRY(program_of(flags.head_weir)), flags.settings};
  const auto add = [](auto& to, const auto& more) {
    to.insert(to.end(), more.begin(), more.end());
  };
  add(plan.before.settings, flags.base_settings);
  add(plan.after.settings, flags.head_settings);
  draw_order(plan);
  const auto disk = real_disk();
  const std::string base = WEIR_TRY_IN("base", disk->read(flags.sides[0]));
  const std::string head = WEIR_TRY_IN("head", disk->read(flags.sides.back()));
  WEIR_TRY(resolve(base, plan.before));
  WEIR_TRY(resolve(head, plan.after));
  const auto folder = WEIR_TRY(run::Folder::create(flags.out, "compare", now));
  WEIR_TRY(disk->make_folders(folder.path() + "/log"));
  WEIR_TRY(disk->make_folders(folder.path() + "/runs"));
  WEIR_TRY(folder.write("base.toml", base));
  WEIR_TRY(folder.write("head.toml", head));
  WEIR_TRY(folder.write("pairs.json", to_json(plan)));
  return Begun{folder.path(), plan};
}

Result<Begun> go_on(const std::string& folder) {
  const auto text = real_disk()->read(folder + "/pairs.json");
  if (!text)
    return fail(Code::kNotFound, "no comparison to go on with at " + folder, text.error().why,
                "name the folder that weir compare --run made");
  return Begun{folder, WEIR_TRY(pair_plan_from_json(*text))};
}

// One comparison from its plans to its answer.
class PairSession {
 public:
  PairSession(const CompareFlags& flags, const Gate& gate, std::string command, Begun begun,
              Clock& clock)
      : flags_(flags),
        gate_(gate),
        command_(std::move(command)),
        folder_(std::move(begun.folder)),
        runner_(folder_, std::move(begun.plan), clock,
                {[] { return interrupted(); }, [this](const std::string& line) { tell(line); },
                 [this] { keep(); }, flags.yes}),
        started_(run::utc_text(clock.now())) {}

  Status check_alike();
  Status tell_opening() const;
  Result<Answer> execute();

 private:
  void tell(const std::string& line) const {
    if (!flags_.quiet) std::fprintf(stderr, "%s\n", line.c_str());
  }
  void keep();
  Result<Answer> judge();
  void add_noise(const PairedRuns& runs, Answer& answer);

  const CompareFlags& flags_;
  const Gate& gate_;
  std::string command_, folder_;
  PairRunner runner_;
  std::string started_;
  std::vector<std::string> allow_;
};

// Before minutes are spent on it.
Status PairSession::check_alike() {
  const auto& plan = runner_.plan();
  const auto disk = real_disk();
  const auto before = WEIR_TRY(resolve(WEIR_TRY(disk->read(folder_ + "/base.toml")), plan.before));
  const auto after = WEIR_TRY(resolve(WEIR_TRY(disk->read(folder_ + "/head.toml")), plan.after));
  allow_ = meant_keys(before, after, flags_);
  StoredRun a, b;
  for (const char* key : kSameWork) {
    a.fingerprint[key] = lab::plan_value(before, key);
    b.fingerprint[key] = lab::plan_value(after, key);
  }
  return flags_.force ? Status() : refuse_unlike(differences({a}, {b}, allow_));
}

void PairSession::add_noise(const PairedRuns& runs, Answer& answer) {
  const auto& plan = runner_.plan();
  const std::string cache = setup::Places::of_environment().cache;
  const std::string key = noise_key(runs.before[0].fingerprint);
  const bool against_itself = plan.same && plan.before.program == plan.after.program &&
                              plan.before.settings == plan.after.settings;
  if (!against_itself) {
    answer.noise = load_noise(cache, key);
    return;
  }
  answer.noise = noise_of(answer.comparison, answer.started, plan.rate_eps);
  if (int(runs.before.size()) < kNoisePairsMin) return;
  if (const auto kept = store_noise(cache, key, *answer.noise); !kept) report(kept.error());
}

Result<Answer> PairSession::judge() {
  const auto& plan = runner_.plan();
  const auto runs = WEIR_TRY(read_pairs(folder_, plan));
  Answer answer;
  answer.command = command_;
  answer.started = started_;
  answer.before_name = plan.before.name;
  answer.after_name = plan.after.name;
  if (plan.same) answer.before_name = "base " + answer.before_name;
  if (plan.same) answer.after_name = "head " + answer.after_name;
  answer.rate_eps = plan.rate_eps;
  answer.seed = plan.seed;
  answer.pairs_left_out = runs.left_out;
  answer.unsure_fails = flags_.unsure == "fail";
  if (!runs.before.empty()) {
    answer.comparison = WEIR_TRY(compare_runs(runs.before, runs.after, gate_.rules));
    answer.comparison.differences = differences(runs.before, runs.after, allow_);
    answer.checks = judge_gate(gate_, answer.comparison, runs.after);
    add_noise(runs, answer);
  }
  settle_exit(answer);
  return answer;
}

void PairSession::keep() {
  Status kept;
  if (const auto answer = judge(); !answer)
    kept = tl::unexpected(answer.error());
  else
    kept = real_disk()->write_whole(folder_ + "/compare.json", to_json(*answer));
  if (!kept) report(kept.error());
}

Status PairSession::tell_opening() const {
  const auto& pairs = runner_.plan();
  auto plan = WEIR_TRY(resolve(WEIR_TRY(real_disk()->read(folder_ + "/base.toml")), pairs.before));
  // As weir run --quick takes it.
  if (pairs.quick && plan.is_embedded() && !plan.is_given("engine.trigger"))
    plan.trigger = nanos_from_millis(200);
  const Nanos step = lab::load_step_length(plan, pairs.quick).length + kAroundStep;
  tell(fmt::format("comparing in {}: {} pairs, about {:.0f} minutes; order drawn from seed {}",
                   folder_, pairs.pairs, (step * int64_t(2 * pairs.pairs)).seconds() / 60,
                   pairs.seed));
  return {};
}

Result<Answer> PairSession::execute() {
  WEIR_TRY(tell_opening());
  Status measured = runner_.find_rate();
  if (measured) measured = runner_.measure();
  if (!measured) {
    if (measured.error().code != Code::kInterrupted) return tl::unexpected(measured.error());
    return fail(Code::kInterrupted, "interrupted; the pairs measured until then are kept", "",
                "go on with weir compare --resume " + folder_);
  }
  auto answer = WEIR_TRY(judge());
  WEIR_TRY(real_disk()->write_whole(folder_ + "/compare.json", to_json(answer)));
  return answer;
}

}  // namespace

Result<Answer> compare_pairs(const CompareFlags& flags, const Gate& gate,
                             const std::string& command) {
  SystemClock clock(Anchor::take());
  watch_interrupts();
  auto begun = WEIR_TRY(flags.resume.empty() ? begin(flags, clock.now()) : go_on(flags.resume));
  PairSession session(flags, gate, command, std::move(begun), clock);
  WEIR_TRY(session.check_alike());
  return session.execute();
}

}  // namespace weir::cli
