#include "weir/lab/fault_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "weir/base/duration.h"
#include "weir/base/nearest.h"
#include "weir/lab/stop_conditions.h"
#include "weir/stats/assurance.h"

namespace weir::lab {
namespace {

const std::vector<std::string>& catalogue() {
  static const std::vector<std::string> kinds = {
      "engine:kill", "engine:stop",  "engine:pause",    "engine:zombie",
      "broker:kill", "broker:pause", "producer:kill",   "executor:kill",
      "worker:kill", "link:cut",     "link:delay",      "link:throttle",
      "sink:slow",   "event:poison", "checkpoint:lose", "disk:full"};
  return kinds;
}

const NamedFault* named(const Plan& plan, const std::string& kind) {
  for (const auto& [name, fault] : plan.named_faults)
    if (fault.target + ":" + name == kind) return &fault;
  return nullptr;
}

// TOML's basic strings and JSON's share their escapes.
std::string toml_basic_string(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Status refuse(const std::string& kind, const std::string& why, const std::string& remedy) {
  return fail(Code::kUsage, "faults.kinds cannot have " + kind, why, remedy);
}

constexpr const char* kNameYourOwn =
    "describe how to do and undo it in [faults.named.NAME]: docs/faults.md";

Status check_lost_checkpoint(const Plan& plan) {
  if (!plan.connect.empty())
    return refuse("checkpoint:lose", "weir did not start the server at " + plan.connect,
                  kNameYourOwn);
  if (plan.engine != "native" && plan.engine != "spark")
    return refuse("checkpoint:lose",
                  "weir does not know where engine " + plan.engine + " keeps what it has done",
                  kNameYourOwn);
  if (plan.conf.contains("spark.sql.streaming.checkpointLocation"))
    return refuse("checkpoint:lose", "weir cannot reach spark.sql.streaming.checkpointLocation",
                  "leave that setting out, or use engine:kill");
  return {};
}

Status check_catalogued(const Plan& plan, const std::string& kind) {
  const std::string target = kind.substr(0, kind.find(':'));
  const bool standalone = (plan.engine == "spark" || plan.engine == "seed") &&
                          plan.master.starts_with("spark://") && plan.connect.empty();
  const bool own_broker = plan.broker == "embedded" || plan.broker == "apache";
  if (goes_over_link(kind) && !own_broker)
    return refuse(kind,
                  "the brokers at " + plan.broker +
                      " tell every client addresses that lead past a proxy of weir's",
                  kNameYourOwn);
  if (kind == "sink:slow" && plan.engine == "seed")
    return refuse(kind, "the origin's job writes to no topic, so no Produce request can be slow",
                  "use link:delay, or --engine spark");
  if (kind == "checkpoint:lose") return check_lost_checkpoint(plan);
  if (kind == "disk:full" && !own_broker)
    return refuse(kind, "weir did not start the brokers at " + plan.broker, kNameYourOwn);
  if (kind == "engine:zombie" && plan.engine != "native")
    return refuse(kind, "only weir's own engine has two processes on one checkpoint",
                  "use engine:kill or engine:pause");
  if (target == "broker" && !own_broker)
    return refuse(kind, "weir did not start the brokers at " + plan.broker, kNameYourOwn);
  if (target == "engine" && !plan.connect.empty())
    return refuse(kind, "weir did not start the server at " + plan.connect, kNameYourOwn);
  if (kind == "engine:pause" && plan.engine == "external")
    return refuse(kind, "what engine.start leaves running need not be one process", kNameYourOwn);
  if ((target == "executor" || target == "worker") && !standalone)
    return refuse(kind, "only a Spark standalone cluster has them: engine.master is not spark://",
                  "set engine.master = \"spark://HOST:7077\", or choose another kind");
  return {};
}

Status check_named(const std::string& name, const NamedFault& fault) {
  const std::string where = "[faults.named." + name + "]";
  const auto plain = [](const std::string& word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    });
  };
  if (!plain(name))
    return fail(Code::kUsage, where + " has no usable name",
                "it becomes part of file names: a-z, 0-9, - and _ only");
  if (!plain(fault.target))
    return fail(Code::kUsage, where + " needs a target",
                "it is the part of the kind before the colon: a-z, 0-9, - and _ only",
                "write for example target = \"broker\"; the kind is then broker:" + name);
  for (const auto& [key, command] : {std::pair{"do", &fault.do_command},
                                     {"check", &fault.check_command},
                                     {"undo", &fault.undo_command}})
    if (command->empty())
      return fail(Code::kUsage, fmt::format("{} needs {}", where, key),
                  "a fault is begun by do, proved by check and ended by undo",
                  fmt::format("write {} = \"a command for sh\"", key));
  if (fault.max.value <= 0 || fault.hold.value < 0 || fault.hold > fault.max)
    return fail(Code::kUsage, where + " has times that do not fit",
                "max_s must be more than 0, and hold_s from 0 to max_s");
  return {};
}

// "95/95" as two shares; empty when it is not that.
std::optional<std::pair<double, double>> shares(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  std::pair<double, double> both;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), text.data() + slash, both.first);
  const auto second = std::from_chars(text.data() + slash + 1, end, both.second);
  if (first.ec != std::errc() || first.ptr != text.data() + slash || second.ec != std::errc() ||
      second.ptr != end)
    return std::nullopt;
  const auto share = [](double percent) { return percent >= 1 && percent <= 99.99; };
  if (!share(both.first) || !share(both.second)) return std::nullopt;
  return std::pair{both.first / 100, both.second / 100};
}

Status check_link(const Plan& plan) {
  if (plan.link_cut != "reset" && plan.link_cut != "blackhole")
    return fail(Code::kUsage, "faults.cut cannot be " + plan.link_cut,
                "a cut resets connections, or lets nothing pass and tells nobody",
                "write faults.cut = \"reset\" or \"blackhole\"");
  if (plan.link_delay.value <= 0 || plan.link_delay > nanos_from_seconds(60))
    return fail(Code::kUsage, "faults.delay cannot be " + duration_text(plan.link_delay),
                "a delay is longer than 0 and at most a minute", "write faults.delay = \"100ms\"");
  if (!(plan.link_throttle == 0 || (plan.link_throttle >= 1000 && plan.link_throttle <= 1e12)))
    return fail(Code::kUsage, fmt::format("faults.throttle cannot be {}", plan.link_throttle),
                "it is bytes per second, at least 1000; 0 takes half of what usually passes",
                "write faults.throttle = 1000000");
  return {};
}

}  // namespace

bool goes_over_link(const std::string& kind) {
  return kind == "link:cut" || kind == "link:delay" || kind == "link:throttle" ||
         kind == "sink:slow";
}

bool needs_link(const Plan& plan) {
  const auto& asked = plan.experiments;
  return std::find(asked.begin(), asked.end(), "faults") != asked.end() &&
         std::any_of(plan.fault_kinds.begin(), plan.fault_kinds.end(), goes_over_link);
}

bool set_named_fault(Plan& plan, const std::string& name, const std::string& key,
                     const std::string* text, const double* number) {
  NamedFault& fault = plan.named_faults[name];
  std::string* words = key == "target"  ? &fault.target
                       : key == "do"    ? &fault.do_command
                       : key == "check" ? &fault.check_command
                       : key == "undo"  ? &fault.undo_command
                                        : nullptr;
  Nanos* span = key == "hold_s" ? &fault.hold : key == "max_s" ? &fault.max : nullptr;
  if (words != nullptr && text != nullptr) {
    *words = *text;
    return true;
  }
  // A day is more than any fault lasts; beyond it lies what no clock can count.
  if (span == nullptr || number == nullptr || !(std::abs(*number) <= 86'400)) return false;
  *span = nanos_from_seconds(*number);
  return true;
}

std::string named_faults_text(const Plan& plan) {
  std::string text;
  for (const auto& [name, fault] : plan.named_faults)
    text += fmt::format(
        "{}{} = {{target = {}, do = {}, check = {}, undo = {}, hold_s = {}, max_s = {}}}",
        text.empty() ? "" : ", ", toml_basic_string(name), toml_basic_string(fault.target),
        toml_basic_string(fault.do_command), toml_basic_string(fault.check_command),
        toml_basic_string(fault.undo_command), fault.hold.seconds(), fault.max.seconds());
  return "{" + text + "}";
}

void settle_fault_kinds(Plan& plan) {
  if (plan.is_given("faults.kinds")) return;
  std::erase_if(plan.fault_kinds,
                [&](const std::string& kind) { return !check_catalogued(plan, kind).has_value(); });
}

Status check_faults(const Plan& plan) {
  for (const auto& [name, fault] : plan.named_faults) WEIR_TRY(check_named(name, fault));
  for (const auto& kind : plan.fault_kinds) {
    if (named(plan, kind) != nullptr) continue;
    const auto& known = catalogue();
    if (std::find(known.begin(), known.end(), kind) == known.end()) {
      std::vector<std::string> all = known;
      for (const auto& [name, fault] : plan.named_faults) all.push_back(fault.target + ":" + name);
      const std::string close = nearest(kind, all);
      return refuse(kind, "there is no such fault, and the plan names none",
                    !close.empty() ? "did you mean " + close + "?" : kNameYourOwn);
    }
    // A plan that runs no faults may keep the default kinds whatever its target is.
    if (std::find(plan.experiments.begin(), plan.experiments.end(), "faults") !=
        plan.experiments.end())
      WEIR_TRY(check_catalogued(plan, kind));
  }
  if (!plan.assure.empty() && !shares(plan.assure))
    return fail(Code::kUsage, "faults.assure cannot be " + plan.assure,
                "it is the share of good outcomes and the confidence, in per cent",
                "write --assure 95/95");
  if (plan.pause.value <= 0 || plan.restart_delay.value < 0)
    return fail(Code::kUsage, "faults.pause or faults.restart_delay cannot be that",
                "a pause is longer than 0, a delay not negative");
  WEIR_TRY(check_link(plan));
  WEIR_TRY(read_stop_conditions(plan.stop_if));
  return {};
}

int planned_repetitions(const Plan& plan, bool quick) {
  if (const auto wanted = shares(plan.assure))
    return stats::trials_needed(wanted->first, wanted->second);
  return quick ? 1 : int(plan.repetitions);
}

std::vector<std::string> faults_on_others(const Plan& plan) {
  std::vector<std::string> lines;
  for (const auto& kind : plan.fault_kinds) {
    if (const NamedFault* fault = named(plan, kind))
      lines.push_back(
          fmt::format("{}\n  do    {}\n  check {}\n  undo  {}\n  undone {} s after "
                      "its effect was seen, at the latest {} s after do began",
                      kind, fault->do_command, fault->check_command, fault->undo_command,
                      fault->hold.seconds(), fault->max.seconds()));
    else if (kind == "worker:kill")
      lines.push_back("worker:kill\n  SIGKILL to a worker of " + plan.master +
                      " on this machine, which weir does not start again");
    else if (kind == "event:poison" && !plan.input_topic.empty())
      lines.push_back("event:poison\n  a malformed event to each partition of topic " +
                      plan.input_topic + ", where it stays");
  }
  return lines;
}

FaultSpec fault_spec(const Plan& plan, const std::string& kind, int repetition) {
  FaultSpec spec;
  spec.kind = kind;
  spec.pause = plan.pause;
  spec.restart_delay = plan.restart_delay;
  spec.cut = plan.link_cut;
  spec.delay = plan.link_delay;
  spec.throttle = plan.link_throttle;
  spec.repetition = repetition;
  if (const NamedFault* fault = named(plan, kind))
    spec.named = *fault;
  else if (kind == "engine:kill")
    spec.kill = plan.kill;
  return spec;
}

}  // namespace weir::lab
