#include "weir/lab/plan.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <functional>
#include <sstream>

#include "weir/base/duration.h"
#include "weir/base/nearest.h"
#include "weir/lab/fault_plan.h"

namespace weir::lab {
namespace {

// One key: how to take its value from TOML (false: wrong type) and how to write it.
struct Key {
  std::string path;  // "load.rates"
  std::string type;  // for messages
  std::function<bool(Plan&, const toml::node&)> take;
  std::function<std::string(const Plan&)> text;
};

std::string toml_string(const std::string& text) {
  std::ostringstream out;
  out << toml::value<std::string>(text);
  return out.str();
}

template <class T, class F>
std::string list_text(const std::vector<T>& items, F&& one) {
  std::string text = "[";
  for (size_t i = 0; i < items.size(); ++i) text += (i ? ", " : "") + one(items[i]);
  return text + "]";
}

Key text_key(std::string path, std::string Plan::*field) {
  return {path, "a string",
          [field](Plan& plan, const toml::node& node) {
            if (auto* value = node.as_string()) plan.*field = value->get();
            return node.is_string();
          },
          [field](const Plan& plan) { return toml_string(plan.*field); }};
}

Key integer_key(std::string path, int64_t Plan::*field) {
  return {path, "a whole number",
          [field](Plan& plan, const toml::node& node) {
            if (auto* value = node.as_integer()) plan.*field = value->get();
            return node.is_integer();
          },
          [field](const Plan& plan) { return std::to_string(plan.*field); }};
}

Key number_key(std::string path, double Plan::*field) {
  return {path, "a number",
          [field](Plan& plan, const toml::node& node) {
            if (auto value = node.value<double>(); node.is_number()) plan.*field = *value;
            return node.is_number();
          },
          [field](const Plan& plan) { return fmt::format("{}", plan.*field); }};
}

Key flag_key(std::string path, bool Plan::*field) {
  return {path, "true or false",
          [field](Plan& plan, const toml::node& node) {
            if (auto* value = node.as_boolean()) plan.*field = value->get();
            return node.is_boolean();
          },
          [field](const Plan& plan) { return std::string(plan.*field ? "true" : "false"); }};
}

Key duration_key(std::string path, Nanos Plan::*field) {
  return {path, "a span of time in quotes such as \"1s\" or \"5 seconds\"",
          [field](Plan& plan, const toml::node& node) {
            if (!node.is_string()) return false;
            auto span = parse_duration(node.as_string()->get());
            if (span) plan.*field = *span;
            return span.has_value();
          },
          [field](const Plan& plan) { return toml_string(duration_text(plan.*field)); }};
}

Key table_key(std::string path, std::map<std::string, std::string> Plan::*field) {
  return {path, "a table of strings, e.g. {\"spark.ui.enabled\" = \"false\"}",
          [field](Plan& plan, const toml::node& node) {
            const auto* table = node.as_table();
            if (table == nullptr) return false;
            for (const auto& [key, value] : *table) {
              if (!value.is_string()) return false;
              (plan.*field)[std::string(key.str())] = value.as_string()->get();
            }
            return true;
          },
          [field](const Plan& plan) {
            std::string text;
            for (const auto& [key, value] : plan.*field)
              text += (text.empty() ? "" : ", ") + toml_string(key) + " = " + toml_string(value);
            return "{" + text + "}";
          }};
}

template <class T>
Key list_key(std::string path, std::string type, std::vector<T> Plan::*field) {
  return {path, type,
          [field](Plan& plan, const toml::node& node) {
            const auto* array = node.as_array();
            if (array == nullptr) return false;
            std::vector<T> items;
            for (const auto& item : *array) {
              auto value = item.value_exact<T>();
              if constexpr (std::same_as<T, double>)
                if (item.is_number()) value = item.value<double>();
              if (!value) return false;
              items.push_back(std::move(*value));
            }
            plan.*field = std::move(items);
            return true;
          },
          [field](const Plan& plan) {
            return list_text(plan.*field, [](const T& item) {
              if constexpr (std::same_as<T, std::string>)
                return toml_string(item);
              else
                return fmt::format("{}", item);
            });
          }};
}

bool take_named_faults(Plan& plan, const toml::node& node) {
  const auto* faults = node.as_table();
  if (faults == nullptr) return false;
  for (const auto& [name, fault] : *faults) {
    const auto* entries = fault.as_table();
    if (entries == nullptr) return false;
    for (const auto& [key, entry] : *entries) {
      const auto text = entry.value_exact<std::string>();
      const auto number = entry.is_number() ? entry.value<double>() : std::nullopt;
      if (!set_named_fault(plan, std::string(name.str()), std::string(key.str()),
                           text ? &*text : nullptr, number ? &*number : nullptr))
        return false;
    }
  }
  return true;
}

const std::vector<Key>& keys() {
  static const std::vector<Key> all = {
      list_key("experiments", "a list of strings", &Plan::experiments),
      duration_key("budget", &Plan::budget),
      integer_key("seed", &Plan::seed),
      list_key("objectives", "a list of strings", &Plan::objectives),
      text_key("target.broker", &Plan::broker),
      text_key("target.engine", &Plan::engine),
      text_key("target.cores", &Plan::target_cores),
      text_key("target.command_config", &Plan::command_config),
      integer_key("topic.partitions", &Plan::partitions),
      integer_key("topic.replication", &Plan::replication),
      integer_key("event.size", &Plan::event_size),
      text_key("event.identity", &Plan::identity),
      text_key("event.template", &Plan::event_template),
      text_key("engine.workload", &Plan::workload),
      duration_key("engine.trigger", &Plan::trigger),
      integer_key("engine.parallelism", &Plan::parallelism),
      number_key("engine.cpu_us", &Plan::cpu_us),
      number_key("engine.wait_us", &Plan::wait_us),
      text_key("engine.master", &Plan::master),
      text_key("engine.connect", &Plan::connect),
      text_key("engine.driver_memory", &Plan::driver_memory),
      table_key("engine.conf", &Plan::conf),
      text_key("engine.start", &Plan::start),
      text_key("engine.stop", &Plan::stop),
      text_key("engine.kill", &Plan::kill),
      text_key("engine.ready", &Plan::ready),
      text_key("engine.input_topic", &Plan::input_topic),
      text_key("engine.output_topic", &Plan::output_topic),
      text_key("engine.progress", &Plan::progress),
      flag_key("load.search", &Plan::search),
      list_key("load.rates", "a list of numbers", &Plan::rates),
      list_key("load.until", "a list of strings", &Plan::until),
      duration_key("load.warmup", &Plan::warmup),
      duration_key("load.step", &Plan::step),
      integer_key("load.producers", &Plan::producers),
      integer_key("load.processes", &Plan::processes),
      text_key("load.schedule", &Plan::schedule),
      text_key("load.keys", &Plan::keys),
      text_key("load.sizes", &Plan::sizes),
      text_key("load.payload", &Plan::payload),
      list_key("scale.partitions", "a list of whole numbers", &Plan::scale_partitions),
      list_key("scale.parallelism", "a list of whole numbers", &Plan::scale_parallelism),
      flag_key("scale.cross", &Plan::scale_cross),
      number_key("scale.rate", &Plan::scale_rate),
      integer_key("scale.repetitions", &Plan::scale_repetitions),
      list_key("faults.kinds", "a list of strings", &Plan::fault_kinds),
      integer_key("faults.repetitions", &Plan::repetitions),
      number_key("faults.rate", &Plan::fault_rate),
      text_key("faults.assure", &Plan::assure),
      duration_key("faults.pause", &Plan::pause),
      text_key("faults.cut", &Plan::link_cut),
      duration_key("faults.delay", &Plan::link_delay),
      number_key("faults.throttle", &Plan::link_throttle),
      duration_key("faults.restart_delay", &Plan::restart_delay),
      list_key("faults.stop_if", "a list of strings", &Plan::stop_if),
      {"faults.named", "a table of faults, each with target, do, check, undo, hold_s and max_s",
       take_named_faults, named_faults_text},
  };
  return all;
}

std::string place(const std::string& name, const toml::node& node) {
  const auto at = node.source().begin;
  return at ? fmt::format("{}:{}:{}: ", name, at.line, at.column) : name + ": ";
}

Status take_key(const std::string& path, const toml::node& node, const std::string& name,
                Plan& plan) {
  std::vector<std::string> known;
  for (const auto& key : keys()) {
    known.push_back(key.path);
    if (key.path != path) continue;
    if (!key.take(plan, node))
      return fail(Code::kUsage, place(name, node) + path + " has the wrong type",
                  "it must be " + key.type, "weir run --dry-run prints a plan with every key");
    plan.given.push_back(path);
    return {};
  }
  const std::string close = nearest(path, known);
  return fail(Code::kUsage, place(name, node) + "unknown key " + path, "a plan has no such key",
              close.empty() ? "weir run --dry-run prints a plan with every key"
                            : "did you mean " + close + "?");
}

bool is_key(const std::string& path) {
  return std::any_of(keys().begin(), keys().end(),
                     [&](const Key& key) { return key.path == path; });
}

Status take_table(const toml::table& table, const std::string& prefix, const std::string& name,
                  Plan& plan) {
  for (const auto& [key, node] : table) {
    const std::string path = prefix + std::string(key.str());
    if (prefix.empty() && path == "schema") {
      if (node.value<std::string>() != "weir.plan/1")
        return fail(Code::kUsage, place(name, node) + "schema is not \"weir.plan/1\"",
                    "this weir reads plans of that schema only", "write schema = \"weir.plan/1\"");
    } else if (const auto* inner = node.as_table(); inner != nullptr && !is_key(path)) {
      if (auto done = take_table(*inner, path + ".", name, plan); !done) return done;
    } else if (auto done = take_key(path, node, name, plan); !done) {
      return done;
    }
  }
  return {};
}

Result<toml::table> parse(std::string_view text, const std::string& name) {
  try {
    return toml::parse(text, name);
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    return fail(Code::kUsage, fmt::format("{}:{}:{}: not TOML", name, at.line, at.column),
                std::string(error.description()),
                "mend that line; weir run --dry-run prints a plan");
  }
}

}  // namespace

bool Plan::is_given(const std::string& key) const {
  return std::find(given.begin(), given.end(), key) != given.end();
}

Status read_plan(std::string_view toml, const std::string& name, Plan& plan) {
  const toml::table table = WEIR_TRY(parse(toml, name));
  return take_table(table, "", name, plan);
}

Status set_key(const std::string& assignment, Plan& plan) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0)
    return fail(Code::kUsage, "--set " + assignment + " is not key=value", "there is no = in it",
                "write for example --set engine.trigger=200ms");
  const std::string path = assignment.substr(0, equals), value = assignment.substr(equals + 1);
  toml::table table;
  if (auto parsed = parse("value = " + value, "--set"))
    table = std::move(*parsed);
  else
    table.insert_or_assign("value", value);
  return take_key(path, *table.get("value"), "--set", plan);
}

std::string plan_text(const Plan& plan) {
  std::string text = "schema = \"weir.plan/1\"\n", section;
  for (const auto& key : keys()) {
    const size_t dot = key.path.find('.');
    if (dot != std::string::npos && key.path.substr(0, dot) != section) {
      section = key.path.substr(0, dot);
      text += "\n[" + section + "]\n";
    }
    text += key.path.substr(dot == std::string::npos ? 0 : dot + 1) + " = " + key.text(plan) + "\n";
  }
  return text;
}

}  // namespace weir::lab
