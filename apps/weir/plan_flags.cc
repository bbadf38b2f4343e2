#include "apps/weir/plan_flags.h"

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "weir/base/duration.h"
#include "weir/lab/core_shares.h"
#include "weir/lab/experiments.h"
#include "weir/lab/fault_plan.h"
#include "weir/lab/plan_keys.h"
#include "weir/lab/scale_plan.h"

namespace weir::cli {
namespace {

std::string canonical(const std::string& name) {
  if (name == "exp1") return "load";
  if (name == "exp2") return "scale";
  if (name == "exp3") return "faults";
  return name;
}

Result<std::string> read_file(const std::string& path) {
  std::ifstream in(path);
  if (!in)
    return fail(Code::kNotFound, "cannot read the plan " + path, std::strerror(errno),
                "name an existing file, or leave it out to use the defaults");
  return std::string(std::istreambuf_iterator<char>(in), {});
}

Status take_file(const std::string& file, ResolvedPlan& resolved) {
  const std::string text = WEIR_TRY(read_file(file));
  WEIR_TRY(lab::read_plan(text, file, resolved.plan));
  for (const auto& [key, line] : lab::plan_lines(text))
    resolved.origin[key] = file + ":" + std::to_string(line);
  return {};
}

Status take_environment(ResolvedPlan& resolved) {
  for (const auto& key : lab::plan_keys()) {
    const std::string name = lab::environment_name(key.path);
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) continue;
    WEIR_TRY_IN(name, lab::set_key(key.path + "=" + value, resolved.plan));
    resolved.origin[key.path] = name;
  }
  return {};
}

Status take_flags(const PlanFlags& flags, ResolvedPlan& resolved) {
  auto& plan = resolved.plan;
  auto& origin = resolved.origin;
  for (const auto& setting : flags.settings) {
    WEIR_TRY(lab::set_key(setting, plan));
    origin[setting.substr(0, setting.find('='))] = "--set";
  }
  for (const auto& assignment : flags.conf) {
    const size_t equals = assignment.find('=');
    if (equals == 0 || equals == std::string::npos)
      return fail(Code::kUsage, "-c " + assignment + " is not key=value",
                  "it is handed to spark-submit as --conf",
                  "write for example -c spark.executor.memory=2g");
    plan.conf[assignment.substr(0, equals)] = assignment.substr(equals + 1);
    origin["engine.conf"] = "-c";
  }
  if (!flags.broker.empty()) plan.broker = flags.broker, origin["target.broker"] = "-b";
  if (!flags.engine.empty()) plan.engine = flags.engine, origin["target.engine"] = "--engine";
  if (!flags.assure.empty()) plan.assure = flags.assure, origin["faults.assure"] = "--assure";
  if (!flags.budget.empty()) {
    plan.budget = WEIR_TRY_IN("--budget", parse_duration(flags.budget));
    origin["budget"] = "--budget";
  }
  if (flags.full) {
    if (flags.quick || !flags.budget.empty())
      return fail(Code::kUsage, "--full goes with neither --quick nor --budget",
                  "it measures everything at full length, however long that takes",
                  "leave one of them out");
    plan.budget = Nanos(0), origin["budget"] = "--full";
  }
  if (flags.pin) {
    plan.target_cores = WEIR_TRY(lab::pinned_cores(usable_cores()));
    origin["target.cores"] = "--pin";
  }
  if (!flags.until.empty()) plan.until = flags.until, origin["load.until"] = "--until";
  if (flags.quick && !origin.contains("engine.trigger")) {
    plan.trigger = plan.is_embedded() ? nanos_from_millis(200) : nanos_from_seconds(1);
    origin["engine.trigger"] = "--quick";
  }
  return {};
}

// The client's settings, where the broker is somebody's; its file is part of the plan.
Status take_client(PlanFlags& flags, ResolvedPlan& resolved) {
  auto& plan = resolved.plan;
  if (plan.broker.find(':') == std::string::npos) return {};
  if (!flags.client.command_config.empty()) {
    plan.command_config = flags.client.command_config;
    resolved.origin["target.command_config"] = "--command-config";
  }
  flags.client.command_config = plan.command_config;
  flags.client.brokers = plan.broker;
  resolved.reach = WEIR_TRY(client_of(flags.client));
  return {};
}

}  // namespace

void add_set_flag(CLI::App& app, PlanFlags& flags) {
  app.add_option("--set", flags.settings, "key=value of the plan, e.g. --set engine.trigger=500ms")
      ->expected(1)
      ->take_all();
}

void add_plan_flags(CLI::App& app, PlanFlags& flags) {
  app.add_option("experiment", flags.positional,
                 "load | scale | faults | all (exp1, exp2, exp3), and a plan file");
  app.add_option("--plan", flags.plan_file, "plan file (TOML)");
  app.add_flag("--quick", flags.quick, "about 95 s for all: an indication, without intervals");
  app.add_option("--budget", flags.budget, "time for everything, e.g. 25m");
  app.add_flag("--full", flags.full, "everything at full length, without a budget: hours");
  app.add_option("--until", flags.until,
                 "what a rate must meet besides keeping up: \"p99_ms <= 250\" (repeatable)")
      ->expected(1)
      ->take_all();
  app.add_option("-b,--bootstrap-server,--brokers,--broker", flags.broker,
                 "embedded, apache, or host:port[,host:port] of your Kafka");
  add_property_flags(app, flags.client);
  app.add_option("--engine", flags.engine, "native, spark, seed or external");
  app.add_flag("--pin", flags.pin,
               "broker and engine on cores of their own, weir and its generators on the others");
  app.add_option("--assure", flags.assure,
                 "95/95: as many repetitions as bound the chance of a loss per fault to 5% at 95%");
  app.add_option("-c,--conf", flags.conf,
                 "key=value for spark-submit, added to engine.conf (repeatable)")
      ->expected(1)
      ->take_all();
  add_set_flag(app, flags);
}

Status sort_positionals(PlanFlags& flags) {
  for (const auto& word : flags.positional) {
    const std::string name = canonical(word);
    if (flags.experiment.empty() &&
        (name == "load" || name == "scale" || name == "faults" || name == "all"))
      flags.experiment = name;
    else if (flags.plan_file.empty())
      flags.plan_file = word;
    else
      return fail(Code::kUsage, "unexpected argument " + word,
                  "a run takes one experiment and one plan",
                  "write for example weir run load plan.toml");
  }
  return {};
}

Result<ResolvedPlan> resolve_plan(PlanFlags& flags) {
  ResolvedPlan resolved;
  if (!flags.plan_file.empty()) WEIR_TRY(take_file(flags.plan_file, resolved));
  WEIR_TRY(take_environment(resolved));
  WEIR_TRY(take_flags(flags, resolved));
  auto& plan = resolved.plan;
  if (flags.experiment == "all")
    plan.experiments = {"load", "scale", "faults"};
  else if (!flags.experiment.empty())
    plan.experiments = {flags.experiment};
  else
    flags.experiment = plan.experiments.size() == 1 ? plan.experiments[0] : "all";
  WEIR_TRY(take_client(flags, resolved));
  lab::settle_fault_kinds(plan);
  lab::settle_scale_cells(plan);
  WEIR_TRY(lab::check_plan(plan));
  WEIR_TRY(lab::judge_objectives(plan, {}));  // so that a misspelt one is told before the run
  return resolved;
}

}  // namespace weir::cli
