// weir run and weir demo: plan, preflight, experiments, report, verdict.
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>
#include <sstream>

#include "apps/weir/cli.h"
#include "apps/weir/consent.h"
#include "apps/weir/live_feed.h"
#include "apps/weir/plan_flags.h"
#include "apps/weir/storyboard.h"
#include "apps/weir/summary.h"
#include "apps/weir/terminal.h"
#include "weir/base/sha256.h"
#include "weir/kafka/environment.h"
#include "weir/kafka/secrets.h"
#include "weir/lab/ceilings.h"
#include "weir/lab/core_shares.h"
#include "weir/lab/disturbance.h"
#include "weir/lab/experiments.h"
#include "weir/lab/fault_plan.h"
#include "weir/lab/preflight.h"
#include "weir/report/page.h"
#include "weir/run/folder.h"

namespace weir::cli {
namespace {

struct RunFlags : PlanFlags {
  std::string live;  // address of the live page; "true" without one, empty for no page
  bool no_live = false, live_by_default = false;
  std::string out, json, markdown;
  std::string resume;              // folder of a run that broke off
  kafka::ClientConfig reach = {};  // of a broker that is somebody's
  bool yes = false;
  bool dry_run = false, keep_data = false, quiet = false, demo = false;
  bool naive = false;
  bool allow_faults = false;
};

constexpr Nanos kNoLimit = nanos_from_seconds(1e9);

std::string span_words(Nanos span) {
  return span.seconds() < 5400 ? fmt::format("{:5.1f} minutes", span.seconds() / 60)
                               : fmt::format("{:5.1f} hours", span.seconds() / 3600);
}

void print_dry_run(const lab::Plan& plan, const RunFlags& flags) {
  const lab::Budget budget = lab::share_budget(plan, flags.quick);
  const lab::PlannedBytes bytes = lab::planned_bytes_by_part(plan, flags.quick, flags.keep_data);
  std::fputs(lab::plan_text(plan).c_str(), stdout);
  std::puts("");
  for (const auto& line : lab::faults_on_others(plan))
    std::printf("needs --allow-faults: %s\n", line.c_str());
  const bool full = plan.is_full() && !flags.quick;
  const auto line = [&](const char* name, Nanos span, double size) {
    std::printf("%-7s %s %s, at most %.1f GB on disk%s\n", name, full ? "about" : "at most",
                span_words(span).c_str(), size / 1e9, flags.keep_data ? "" : " at a time");
  };
  if (budget.load.value > 0) line("load", budget.load, bytes.load);
  if (budget.scale.value > 0) line("scale", budget.scale, bytes.scale);
  if (budget.faults.value > 0) line("faults", budget.faults, bytes.faults);
  line("total", budget.total(),
       flags.keep_data ? bytes.load + bytes.scale + bytes.faults
                       : std::max({bytes.load, bytes.scale, bytes.faults}));
}

// What a plan does to systems that weir did not start needs to be allowed by name.
Status check_permission(const lab::Plan& plan, bool allowed) {
  std::string list;
  for (const auto& line : lab::faults_on_others(plan)) list += "\n" + line;
  if (list.empty() || allowed) return {};
  return fail(Code::kUsage, "this plan's faults need --allow-faults",
              "they reach systems that weir did not start:" + list,
              "read them; then give --allow-faults");
}

std::string command_line(const Arguments& arguments, bool demo) {
  std::string text = demo ? "weir demo" : "weir run";
  for (const auto& word : kafka::hide_arguments(arguments))
    text += " " + (word.find_first_of(" '\"$[]*") == std::string::npos ? word : "'" + word + "'");
  return text;
}

bool has_numbers(const run::RunResult& result) {
  return (result.load && !result.load->steps.empty()) ||
         (result.scale && !result.scale->cells.empty()) ||
         (result.faults && !result.faults->faults.empty());
}

std::string ceilings_text(const run::Ceilings& ceilings) {
  std::string text = "generator alone " + rate_cell(ceilings.generator_eps.value_or(0)) + "/s";
  if (ceilings.observer_eps) text += ", observer alone " + rate_cell(*ceilings.observer_eps) + "/s";
  return text + (ceilings.cached ? " (known)" : "");
}

// One run from its folder to its verdict.
class Session {
 public:
  Session(const RunFlags& flags, const lab::Plan& plan, std::string command)
      : flags_(flags),
        plan_(plan),
        command_(std::move(command)),
        anchor_(Anchor::take()),
        clock_(anchor_),
        board_({flags.quiet, flags.json == "-", flags.naive}, clock_) {}

  int execute();

 private:
  Status begin();
  Status resume();
  Status prepare();
  Status open_hosts();
  Status open_live();
  Status measure();
  void save();
  int finish(const Status& measured);
  int exit_code_of(const Status& measured) const;
  std::string reason_of(const Status& measured, int code) const;
  void tell_opening();
  void print_end(int code, bool reported);

  const RunFlags& flags_;
  const lab::Plan& plan_;
  std::string command_;
  Anchor anchor_;
  SystemClock clock_;
  Storyboard board_;
  std::optional<run::Folder> folder_;
  std::optional<lab::Guard> guard_;
  std::optional<lab::HostContext> context_;
  std::unique_ptr<lab::BrokerHost> broker_;
  std::unique_ptr<lab::EngineHost> engine_;
  std::unique_ptr<LiveFeed> live_;
  run::RunResult result_;
  std::string not_undone_;  // what is left in effect, and what to do
  lab::CoreShares cores_;
  lab::FinishedSteps finished_;  // of the run that is resumed
  Nanos begin_, spent_;          // spent before it broke off
};

void Session::save() {
  result_.duration_s = (spent_ + (clock_.now() - begin_)).seconds();
  result_.findings = lab::findings_of(result_);
  // A full disk must not end the run here: what could be written before stays readable.
  if (auto written = folder_->write("result.json", run::to_json(result_)); !written)
    std::fprintf(stderr, "weir: %s\n", to_text(written.error()).c_str());
}

Status Session::begin() {
  begin_ = clock_.now();
  folder_ =
      WEIR_TRY(run::Folder::create(flags_.out, flags_.demo ? "demo" : flags_.experiment, begin_));
  result_.id = folder_->id();
  result_.experiment = flags_.demo ? "demo" : flags_.experiment;
  result_.command = command_;
  result_.started = run::utc_text(begin_);
  result_.quick = flags_.quick;
  result_.full = plan_.is_full() && !flags_.quick;
  result_.budget_s = result_.full ? 0 : lab::share_budget(plan_, flags_.quick).total().seconds();
  result_.trigger_ms = double(plan_.trigger.value) / 1e6;
  result_.exit_reason = "running";
  const std::string plan = lab::plan_text(plan_);
  result_.plan_sha256 = sha256_hex(plan);
  WEIR_TRY(folder_->write("plan.toml", plan));
  WEIR_TRY(folder_->write("machine.json", run::machine_json(WEIR_VERSION, folder_->path())));
  save();
  return {};
}

// Goes on where a run broke off: its finished steps are kept, everything else is done anew.
Status Session::resume() {
  begin_ = clock_.now();
  run::Folder folder = WEIR_TRY(run::Folder::resume(flags_.resume));
  const std::string journal = folder.path() + "/undo.jsonl";
  for (const auto& entry : WEIR_TRY(lab::replay_undo_journal(journal)))
    if (entry.state != lab::UndoState::kUndone)
      return fail(Code::kFailed, "what the run began is not undone: " + entry.undo.what,
                  entry.reason, "mend what is in its way, then resume again");
  auto left = WEIR_TRY(run::result_from_json(WEIR_TRY(folder.read("result.json"))));
  finished_ = WEIR_TRY(lab::FinishedSteps::collect(folder));
  // Entries are numbered within a journal; all of this one are undone.
  std::error_code ignored;
  std::filesystem::create_directories(folder.path() + "/broken", ignored);
  std::filesystem::rename(
      journal, fmt::format("{}/broken/undo-{}.jsonl", folder.path(), left.resumed), ignored);
  folder_ = std::move(folder);
  result_ = std::move(left);
  spent_ = nanos_from_seconds(result_.duration_s);
  ++result_.resumed;
  result_.exit_code.reset();
  result_.exit_reason = "running";
  result_.valid = true;
  result_.warnings.clear();
  result_.objectives.clear();
  return {};
}

Status Session::prepare() {
  cores_ = WEIR_TRY(lab::share_cores(plan_.target_cores, usable_cores()));
  if (!cores_.weir.empty()) WEIR_TRY(run_on(cores_.weir));
  WEIR_TRY(flags_.resume.empty() ? begin() : resume());
  const auto checked = WEIR_TRY(lab::preflight(plan_, flags_.quick, folder_->path()));
  for (const auto& warning : checked.warnings) result_.warnings.push_back(warning);
  {
    const kafka::LentEnvironment lent(flags_.reach);  // for the guard's undo commands
    guard_.emplace(WEIR_TRY(lab::Guard::start(own_program(), folder_->path() + "/undo.jsonl")));
  }
  WEIR_TRY(open_hosts());
  WEIR_TRY(ask_consent(broker_->asks(), flags_.yes));
  result_.target.durable = result_.target.durable && checked.durable;
  tell_opening();
  board_.preamble("check", checked.text, checked.warnings.empty() ? "ok" : "note");
  for (const auto& warning : checked.warnings)
    board_.line(fmt::format("       {} {}: {}; {}", warning.code, warning.where, warning.effect,
                            warning.remedy));
  return open_live();
}

void Session::tell_opening() {
  Storyboard::Opening opening;
  opening.version = WEIR_VERSION;
  opening.embedded = plan_.broker == "embedded" && plan_.engine == "native";
  opening.broker = broker_->description();
  opening.engine = engine_->description();
  opening.experiments = plan_.experiments.size();
  opening.seconds = lab::share_budget(plan_, flags_.quick).total().seconds();
  opening.bytes = lab::planned_bytes(plan_, flags_.quick);
  board_.open(opening);
}

Status Session::open_live() {
  if (flags_.live.empty() || flags_.no_live) return {};
  live::About about{result_.id,
                    result_.experiment,
                    broker_->description(),
                    engine_->description(),
                    plan_.workload,
                    WEIR_VERSION,
                    begin_,
                    lab::share_budget(plan_, flags_.quick).total().seconds()};
  auto feed = LiveFeed::open(flags_.live == "true" ? "" : flags_.live, about);
  if (!feed && !flags_.live_by_default) return tl::unexpected(feed.error());
  if (!feed) return {};  // nobody asked for it
  live_ = std::move(*feed);
  board_.live(live_->link());
  return {};
}

Status Session::open_hosts() {
  std::error_code error;
  std::filesystem::create_directories(folder_->data_path(), error);
  if (error)
    return tl::unexpected(error_from_errno(error.value(), "make the folder", folder_->data_path()));
  const std::string log = std::filesystem::path(folder_->log_path("x")).parent_path();
  context_.emplace(lab::HostContext{own_program(), plan_, *guard_, anchor_, folder_->id(),
                                    folder_->data_path(), log, false, flags_.reach, cores_.target});
  broker_ = WEIR_TRY(lab::open_broker(*context_));
  engine_ = WEIR_TRY(lab::open_engine(*context_));
  result_.target = lab::describe_target(plan_, *broker_, *engine_);
  return {};
}

Status Session::measure() {
  std::mt19937_64 random(uint64_t(plan_.seed) ^ uint64_t(begin_.value));
  lab::Lab lab{plan_,    *folder_, clock_,       *context_,
               *broker_, *engine_, flags_.quick, flags_.keep_data};
  lab.next_producer = uint32_t(random() % EventId::kProducers);
  lab.interrupted = [] { return interrupted() != 0; };
  lab.progress = [this](const lab::Progress& progress) {
    board_.progress(progress);
    if (live_) live_->progress(progress);
  };
  result_.ceilings = WEIR_TRY(lab::find_ceilings(lab));
  board_.preamble("self", ceilings_text(*result_.ceilings), "ok");
  std::vector<lab::Narrator*> narrators = {&board_};
  if (live_) narrators.push_back(live_.get());
  Audience audience(std::move(narrators));
  lab::Experiments experiments(lab, audience, result_, [this] { save(); });
  const auto tell = [this](const char* name) {
    if (live_) live_->experiment(name);
  };
  if (result_.resumed > 0) experiments.resume(std::move(finished_));
  const lab::Budget budget = lab::share_budget(plan_, flags_.quick);
  const Nanos began = clock_.now() - spent_;
  // Time that one does not use is left to the next. In full there is no limit; a quick run's parts
  // have theirs each, whatever came before.
  const auto time_for = [&](Nanos own, Nanos before) {
    if (result_.full) return kNoLimit;
    return flags_.quick && result_.resumed == 0 ? own : began + before + own - clock_.now();
  };
  if (budget.load.value > 0) {
    tell("load");
    WEIR_TRY(experiments.load(time_for(budget.load, Nanos(0))));
  }
  if (budget.scale.value > 0) {
    tell("scale");
    WEIR_TRY(experiments.scale(time_for(budget.scale, budget.load)));
  }
  if (budget.faults.value > 0) {
    tell("faults");
    WEIR_TRY(experiments.faults(time_for(budget.faults, budget.load + budget.scale)));
  }
  lab::warn_of_ceilings(result_);
  // What it did not start itself it cannot tell from the other programs here.
  const bool own = (plan_.broker == "embedded" || plan_.broker == "apache") &&
                   (plan_.engine == "native" || plan_.engine == "spark");
  lab::warn_of_disturbance(result_, sysconf(_SC_NPROCESSORS_ONLN), own);
  return {};
}

// To stderr, each of its lines in the terminal's width.
void tell_reason(const std::string& reason) {
  const int width = Terminal::behind(STDERR_FILENO).width;
  std::istringstream lines("weir: " + reason);
  for (std::string line; std::getline(lines, line);)
    std::fprintf(stderr, "%s\n", folded(line, width, 2).c_str());
}

// What the last step that was not judged came to grief over.
std::string trouble_of(const run::RunResult& result) {
  if (!result.load) return "";
  const auto& steps = result.load->steps;
  const auto found = std::find_if(steps.rbegin(), steps.rend(),
                                  [](const run::Step& step) { return step.verdict == "invalid"; });
  return found == steps.rend() ? "" : ": " + found->reason;
}

int Session::exit_code_of(const Status& measured) const {
  if (const int signal = interrupted()) return 128 + signal;
  if (!not_undone_.empty()) return kFailed;
  if (!measured) return measured.error().code == Code::kUsage ? kUsage : kFailed;
  if (!result_.valid) return kInvalid;
  for (const auto& objective : result_.objectives)
    if (objective.met == false) return kObjectiveMissed;
  return kMet;
}

std::string Session::reason_of(const Status& measured, int code) const {
  if (!not_undone_.empty()) return not_undone_;
  if (interrupted()) return "interrupted; what was measured until then is kept";
  if (!measured) return to_text(measured.error());
  if (code == kInvalid) return "no valid step stands behind the answer" + trouble_of(result_);
  for (const auto& objective : result_.objectives)
    if (objective.met == false)
      return fmt::format("objective missed: {} (measured {:.6g})", objective.expr,
                         *objective.measured);
  if (result_.objectives.empty()) return "measured; no objectives were set";
  return "all objectives were met or could not be told";
}

int Session::finish(const Status& measured) {
  // What they wrote to last belongs to the run.
  engine_.reset();
  broker_.reset();
  std::string not_undone;
  if (guard_)
    for (const auto& entry : guard_->finish())
      not_undone +=
          fmt::format("{}{}: {}", not_undone.empty() ? "" : "; ", entry.undo.what, entry.reason);
  if (!not_undone.empty()) {
    const std::string remedy = "mend what is in its way, then: weir undo " + folder_->path();
    result_.warnings.push_back({"W040", "undo", not_undone, remedy});
    not_undone_ = fmt::format("not everything was undone: {}; {}", not_undone, remedy);
  }
  if (auto objectives = lab::judge_objectives(plan_, result_)) result_.objectives = *objectives;
  result_.valid = lab::rests_on_valid_steps(result_);
  const int code = exit_code_of(measured);
  result_.exit_code = code;
  result_.exit_reason = reason_of(measured, code);
  // First, for a disk that is full has room again for what was measured.
  if (!flags_.keep_data) {
    std::error_code ignored;
    std::filesystem::remove_all(folder_->data_path(), ignored);
  }
  save();
  if (auto sealed = folder_->seal(); !sealed) cli::report(sealed.error());
  // The second interruption asks to leave without the report; a run that failed before its first
  // number has nothing to report but its error.
  const std::string report_path = folder_->path() + "/report.html";
  bool reported = false;
  if (interrupt_count() < 2 && (interrupted() || has_numbers(result_))) {
    const auto page = report::write_page(*folder_);
    reported = page.has_value();
    if (!page) cli::report(page.error());
  }
  print_end(code, reported);
  if (live_) live_->end(result_, reported ? report_path : "");
  return code;
}

void Session::print_end(int code, bool reported) {
  board_.line("");
  for (const auto& sentence : result_.findings) board_.line(" " + sentence);
  for (const auto& objective : result_.objectives)
    board_.line(fmt::format(" objective {}: {}", objective.expr,
                            !objective.met   ? "cannot tell"
                            : *objective.met ? "met"
                                             : "missed"));
  board_.estimates(result_);
  if (reported) {
    board_.report(folder_->path() + "/report.html",
                  flags_.quick ? "weir run load   (a confirmed answer, with its interval)"
                               : "weir verify " + folder_->path());
    board_.line(" Again   weir rerun " + folder_->path());
  }
  write_summaries(result_, flags_.markdown);
  if (flags_.json == "-")
    std::fputs(run::to_json(result_).c_str(), stdout);
  else
    board_.line(fmt::format(" {}", result_.exit_reason.substr(0, result_.exit_reason.find('\n'))));
  if (code != kMet) tell_reason(result_.exit_reason);
}

int Session::execute() {
  if (auto prepared = prepare(); !prepared) {
    if (!folder_) return cli::report(prepared.error());
    return finish(prepared);
  }
  return finish(measure());
}

void add_flags(CLI::App& app, RunFlags& flags) {
  app.add_option("--out", flags.out, "folder of the run (default runs/<time>-<experiment>-<id>)");
  app.add_option("--json", flags.json, "- prints result.json to stdout instead of the tables");
  app.add_option("--markdown", flags.markdown,
                 "file for a summary in Markdown; also added to $GITHUB_STEP_SUMMARY");
  app.add_flag("--live", flags.live,
               "serve a page that shows the run, at --live=HOST:PORT or --live=PORT; without an "
               "address on a free port of 127.0.0.1");
  app.add_flag("--no-live", flags.no_live, "serve no page");
  app.add_flag("--quiet", flags.quiet, "only the findings");
  app.add_flag("--keep-data", flags.keep_data, "keep the broker's data in <run>/data");
}

// The plan, the experiment and the depth of the run to be resumed; whatever else was given is
// refused, for a run is one measurement.
Status take_resumed(RunFlags& flags) {
  if (!flags.experiment.empty() || !flags.plan_file.empty() || !flags.settings.empty() ||
      flags.quick || flags.full || !flags.budget.empty() || !flags.until.empty() ||
      !flags.broker.empty() || !flags.engine.empty() || !flags.assure.empty() ||
      !flags.conf.empty() || !flags.out.empty())
    return fail(Code::kUsage, "--resume takes no plan and no --out",
                "the run goes on in its folder, with the plan it began with",
                "leave the others out: weir run --resume " + flags.resume);
  const auto folder = WEIR_TRY(run::Folder::open(flags.resume));
  const auto left = WEIR_TRY(run::result_from_json(WEIR_TRY(folder.read("result.json"))));
  const int code = left.exit_code.value_or(kFailed);
  if (code != kFailed && code != kUsage && code < 128)
    return fail(Code::kUsage, "there is nothing to resume: " + folder.path() + " is complete",
                "it ended with: " + left.exit_reason,
                "weir rerun " + folder.path() + " does it again in a folder of its own");
  flags.plan_file = folder.path() + "/plan.toml";
  flags.demo = left.experiment == "demo";
  flags.experiment = flags.demo ? "all" : left.experiment;
  flags.quick = left.quick;
  const auto plan = WEIR_TRY(resolve_plan(flags));
  if (sha256_hex(lab::plan_text(plan.plan)) != left.plan_sha256)
    return fail(Code::kUsage, "the plan would not be the one the run began with",
                "plan.toml was changed, WEIR_* is set, or another version of weir wrote it",
                "put plan.toml back and unset WEIR_*");
  return {};
}

int execute(RunFlags& flags, const Arguments& arguments) {
  if (!flags.resume.empty())
    if (auto taken = take_resumed(flags); !taken) return cli::report(taken.error());
  const auto resolved = resolve_plan(flags);
  if (!resolved) return cli::report(resolved.error());
  const lab::Plan* const plan = &resolved->plan;
  flags.reach = resolved->reach;
  if (!flags.dry_run)
    if (auto allowed = check_permission(*plan, flags.allow_faults); !allowed)
      return cli::report(allowed.error());
  if (flags.dry_run) {
    print_dry_run(*plan, flags);
    return kMet;
  }
  if (plan->is_full() && !flags.quick) {
    const lab::Budget needs = lab::share_budget(*plan, false);
    const std::string hours = fmt::format(
        "in full it takes about {:.1f} hours (load {:.1f}, scale {:.1f}, faults {:.1f})",
        needs.total().seconds() / 3600, needs.load.seconds() / 3600, needs.scale.seconds() / 3600,
        needs.faults.seconds() / 3600);
    if (flags.yes) std::fprintf(stderr, "%s\n", hours.c_str());
    if (auto agreed = ask_consent(hours, flags.yes, "a full run needs to be agreed to"); !agreed)
      return cli::report(agreed.error());
  }
  watch_interrupts();
  return Session(flags, *plan, command_line(arguments, flags.demo)).execute();
}

}  // namespace

int run_command(Arguments arguments) {
  RunFlags flags;
  CLI::App app{"Measures a pipeline: its sustainable load, how it scales, what a failure costs.",
               "weir run"};
  add_plan_flags(app, flags);
  app.add_flag("--naive", flags.naive,
               "beside each step, what the evaluation's formulas make of it");
  app.add_flag("--dry-run", flags.dry_run, "print the plan, its minutes and gigabytes, and stop");
  app.add_flag("--allow-faults", flags.allow_faults,
               "let the plan's named faults reach systems that weir did not start");
  app.add_flag("--yes", flags.yes,
               "do not ask before somebody's cluster is used, or hours are spent");
  app.add_option("--resume", flags.resume,
                 "folder of a run that was killed or interrupted: go on with it");
  add_flags(app, flags);
  app.footer(
      "Exit 0: met. 1: weir failed. 2: usage. 3: an objective was missed. 6: not valid. 130: "
      "interrupted.\n"
      "examples:\n"
      "  weir run all --quick --out runs/first\n"
      "  weir run load --until 'p99_ms <= 250'\n"
      "  weir run --resume runs/latest\n"
      "  weir run load --set engine.trigger=500ms --set 'load.rates=[100000, 200000]'\n"
      "  weir run faults --quick --json - | jq '.faults.faults[] | {kind, first_output_s}'");

  const Arguments given = arguments;
  if (auto code = parse(app, std::move(arguments))) return *code;
  if (auto sorted = sort_positionals(flags); !sorted) return cli::report(sorted.error());
  if (flags.experiment.empty() && flags.plan_file.empty() && flags.resume.empty())
    return cli::report({Code::kUsage, "nothing to run", "no experiment was named",
                        "name load, scale, faults or all: weir run all --quick"});
  return execute(flags, given);
}

int demo_command(Arguments arguments) {
  RunFlags flags;
  flags.quick = flags.demo = flags.live_by_default = true;
  flags.live = "true";
  flags.experiment = "all";
  CLI::App app{"The three experiments on this machine in about 95 s: run all --quick.",
               "weir demo"};
  add_set_flag(app, flags);
  add_flags(app, flags);
  app.footer(
      "examples:\n"
      "  weir demo\n"
      "  weir demo --out runs/mine\n"
      "  weir demo --json - | jq .load.sustainable_eps.estimate");
  const Arguments given = arguments;
  if (auto code = parse(app, std::move(arguments))) return *code;
  return execute(flags, given);
}

}  // namespace weir::cli
