// weir config: the resolved plan, and where each value comes from.
#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "apps/weir/cli.h"
#include "apps/weir/plan_flags.h"
#include "weir/lab/plan_keys.h"

namespace weir::cli {
namespace {

std::string origin_of(const ResolvedPlan& resolved, const std::string& key) {
  const auto found = resolved.origin.find(key);
  return found == resolved.origin.end() ? "default" : found->second;
}

void print_toml(const ResolvedPlan& resolved) {
  std::string section;
  std::puts("schema = \"weir.plan/1\"");
  for (const auto& key : lab::plan_keys()) {
    const size_t dot = key.path.find('.');
    if (dot != std::string::npos && key.path.substr(0, dot) != section) {
      section = key.path.substr(0, dot);
      std::printf("\n[%s]\n", section.c_str());
    }
    const std::string line = key.path.substr(dot == std::string::npos ? 0 : dot + 1) + " = " +
                             lab::plan_value(resolved.plan, key.path);
    fmt::print("{:<47} # {}\n", line, origin_of(resolved, key.path));
  }
}

void print_json(const ResolvedPlan& resolved) {
  nlohmann::ordered_json all = nlohmann::ordered_json::object();
  for (const auto& key : lab::plan_keys())
    all[key.path] = {{"value", lab::plan_value(resolved.plan, key.path)},
                     {"from", origin_of(resolved, key.path)},
                     {"type", key.type},
                     {"meaning", key.meaning}};
  std::printf("%s\n", all.dump(2, ' ', false, nlohmann::json::error_handler_t::replace).c_str());
}

}  // namespace

int config_command(Arguments arguments) {
  PlanFlags flags;
  std::string json;
  CLI::App app("Prints the plan that a run would use, every key, and where each value comes from.",
               "weir config");
  add_plan_flags(app, flags);
  app.add_option("--json", json, "- prints value (as TOML), origin, type and meaning of each key")
      ->check(CLI::IsMember({"-"}));
  app.footer(
      "Stronger first: a flag, WEIR_SECTION_KEY of the environment, the plan file, the default.\n"
      "examples:\n"
      "  weir config\n"
      "  WEIR_ENGINE_TRIGGER=500ms weir config --quick | grep -v default\n"
      "  weir config --json - | jq -r '.\"engine.trigger\".from'");
  if (auto done = parse(app, std::move(arguments))) return *done;
  if (auto sorted = sort_positionals(flags); !sorted) return report(sorted.error());
  const auto resolved = resolve_plan(flags);
  if (!resolved) return report(resolved.error());
  json.empty() ? print_toml(*resolved) : print_json(*resolved);
  return kMet;
}

}  // namespace weir::cli
