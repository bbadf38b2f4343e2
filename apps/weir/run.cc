// weir run and weir demo: plan, preflight, experiments, report, verdict.
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <random>

#include "apps/weir/cli.h"
#include "apps/weir/consent.h"
#include "apps/weir/live_feed.h"
#include "apps/weir/plan_flags.h"
#include "apps/weir/storyboard.h"
#include "apps/weir/summary.h"
#include "weir/base/sha256.h"
#include "weir/kafka/environment.h"
#include "weir/kafka/secrets.h"
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
  kafka::ClientConfig reach = {};  // of a broker that is somebody's
  bool yes = false;
  bool dry_run = false, keep_data = false, quiet = false, demo = false;
  bool naive = false;
  bool allow_faults = false;
};

void print_dry_run(const lab::Plan& plan, const RunFlags& flags, const lab::Budget& budget) {
  std::fputs(lab::plan_text(plan).c_str(), stdout);
  std::puts("");
  for (const auto& line : lab::faults_on_others(plan))
    std::printf("needs --allow-faults: %s\n", line.c_str());
  const double bytes = lab::planned_bytes(plan, flags.quick);
  for (const auto& [name, span] :
       {std::pair{"load", budget.load}, {"scale", budget.scale}, {"faults", budget.faults}})
    if (span.value > 0) std::printf("%-7s at most %5.1f minutes\n", name, span.seconds() / 60);
  std::printf("total   at most %5.1f minutes, at most %.1f GB on disk at a time\n",
              budget.total().seconds() / 60, bytes / 1e9);
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
  Status prepare();
  Status open_hosts();
  Status open_live();
  Status measure();
  void save();
  int finish(const Status& measured);
  int exit_code_of(const Status& measured) const;
  std::string reason_of(const Status& measured, int code) const;
  void tell_opening();
  void print_end(int code);

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
  Nanos begin_;
};

void Session::save() {
  result_.duration_s = (clock_.now() - begin_).seconds();
  result_.findings = lab::findings_of(result_);
  // A full disk must not end the run here: what could be written before stays readable.
  if (auto written = folder_->write("result.json", run::to_json(result_)); !written)
    std::fprintf(stderr, "weir: %s\n", to_text(written.error()).c_str());
}

Status Session::prepare() {
  begin_ = clock_.now();
  folder_ =
      WEIR_TRY(run::Folder::create(flags_.out, flags_.demo ? "demo" : flags_.experiment, begin_));
  result_.id = folder_->id();
  result_.experiment = flags_.demo ? "demo" : flags_.experiment;
  result_.command = command_;
  result_.started = run::utc_text(begin_);
  result_.quick = flags_.quick;
  result_.trigger_ms = double(plan_.trigger.value) / 1e6;
  result_.exit_reason = "running";
  const std::string plan = lab::plan_text(plan_);
  result_.plan_sha256 = sha256_hex(plan);
  WEIR_TRY(folder_->write("plan.toml", plan));
  WEIR_TRY(folder_->write("machine.json", run::machine_json(WEIR_VERSION, folder_->path())));
  save();
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
                                    folder_->data_path(), log, false, flags_.reach});
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
  const auto self = WEIR_TRY(lab::self_test(lab));
  result_.target.settings["generator_ceiling_eps"] = fmt::format("{:.0f}", self.ceiling_eps);
  board_.preamble("self",
                  fmt::format("generator alone {}/s into a broker that stores nothing",
                              rate_cell(self.ceiling_eps)),
                  "ok");
  std::vector<lab::Narrator*> narrators = {&board_};
  if (live_) narrators.push_back(live_.get());
  Audience audience(std::move(narrators));
  lab::Experiments experiments(lab, audience, result_, [this] { save(); });
  const auto tell = [this](const char* name) {
    if (live_) live_->experiment(name);
  };
  const lab::Budget budget = lab::share_budget(plan_, flags_.quick);
  if (budget.load.value > 0) {
    tell("load");
    WEIR_TRY(experiments.load(budget.load));
  }
  if (budget.scale.value > 0) {
    tell("scale");
    WEIR_TRY(experiments.scale(budget.scale));
  }
  if (budget.faults.value > 0) {
    tell("faults");
    WEIR_TRY(experiments.faults(budget.faults));
  }
  lab::warn_of_ceiling(result_, self);
  return {};
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
  if (code == kInvalid) return "no valid step stands behind the answer";
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
  // The second interruption asks to leave without the report.
  const std::string report_path = folder_->path() + "/report.html";
  bool reported = false;
  if (interrupt_count() < 2) {
    const auto page = report::write_page(*folder_);
    reported = page.has_value();
    if (!page) cli::report(page.error());
  }
  print_end(code);
  if (live_) live_->end(result_, reported ? report_path : "");
  return code;
}

void Session::print_end(int code) {
  board_.line("");
  for (const auto& sentence : result_.findings) board_.line(" " + sentence);
  for (const auto& objective : result_.objectives)
    board_.line(fmt::format(" objective {}: {}", objective.expr,
                            !objective.met   ? "cannot tell"
                            : *objective.met ? "met"
                                             : "missed"));
  board_.estimates(result_);
  board_.report(folder_->path() + "/report.html",
                flags_.quick ? "weir run load   (a confirmed answer, with its interval)"
                             : "weir verify " + folder_->path());
  board_.line(" Again   weir rerun " + folder_->path());
  write_summaries(result_, flags_.markdown);
  if (flags_.json == "-")
    std::fputs(run::to_json(result_).c_str(), stdout);
  else
    board_.line(fmt::format(" {}", result_.exit_reason.substr(0, result_.exit_reason.find('\n'))));
  if (code != kMet) std::fprintf(stderr, "weir: %s\n", result_.exit_reason.c_str());
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

int execute(RunFlags& flags, const Arguments& arguments) {
  const auto resolved = resolve_plan(flags);
  if (!resolved) return cli::report(resolved.error());
  const lab::Plan* const plan = &resolved->plan;
  flags.reach = resolved->reach;
  if (!flags.dry_run)
    if (auto allowed = check_permission(*plan, flags.allow_faults); !allowed)
      return cli::report(allowed.error());
  if (flags.dry_run) {
    print_dry_run(*plan, flags, lab::share_budget(*plan, flags.quick));
    return kMet;
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
  app.add_flag("--yes", flags.yes, "do not ask before somebody's cluster is used");
  add_flags(app, flags);
  app.footer(
      "Exit 0: met. 1: weir failed. 2: usage. 3: an objective was missed. 6: not valid. 130: "
      "interrupted.\n"
      "examples:\n"
      "  weir run all --quick --out runs/first\n"
      "  weir run load --set engine.trigger=500ms --set 'load.rates=[100000, 200000]'\n"
      "  weir run faults --quick --json - | jq '.faults.faults[] | {kind, first_output_s}'");

  const Arguments given = arguments;
  if (auto code = parse(app, std::move(arguments))) return *code;
  if (auto sorted = sort_positionals(flags); !sorted) return cli::report(sorted.error());
  if (flags.experiment.empty() && flags.plan_file.empty())
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
