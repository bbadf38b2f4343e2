#include "weir/compare/gate.h"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <charconv>
#include <cmath>

#include "weir/base/nearest.h"

namespace weir::compare {
namespace {

std::string place(const std::string& name, const toml::node& node) {
  const auto at = node.source().begin;
  return fmt::format("{}:{}:{}: ", name, at.line, at.column);
}

tl::unexpected<Error> wrong_type(const std::string& where, const std::string& key,
                                 const char* right) {
  return fail(Code::kUsage, where + key + " has the wrong type", "it must be " + std::string(right),
              "docs/compare.md shows a gate");
}

Status take_allowed(const toml::table& table, const std::string& name, Gate& gate) {
  for (const auto& [key, node] : table) {
    const std::string where = place(name, node), metric(key.str());
    WEIR_TRY_IN(where + "allowed", find_metric(metric));
    const auto text = node.value_exact<std::string>();
    const auto number = node.is_number() ? node.value<double>() : std::nullopt;
    if (!text && !number) return wrong_type(where, metric, "a share such as \"5%\" or 0.05");
    gate.rules.by_name[metric] =
        WEIR_TRY_IN(where + metric, parse_share(text ? *text : fmt::format("{}", *number)));
  }
  return {};
}

Status take_objectives(const toml::node& node, const std::string& name, Gate& gate) {
  const auto* list = node.as_array();
  if (list == nullptr) return wrong_type(place(name, node), "objectives", "a list of strings");
  for (const auto& each : *list) {
    const auto expr = each.value_exact<std::string>();
    if (!expr) return wrong_type(place(name, each), "objectives", "a list of strings");
    gate.objectives.push_back(
        {*expr, WEIR_TRY_IN(place(name, each) + "gate", lab::parse_requirement(*expr))});
  }
  return {};
}

Status take_key(const std::string& key, const toml::node& node, const std::string& name,
                Gate& gate) {
  const std::string where = place(name, node);
  if (key == "schema") {
    if (node.value<std::string>() == "weir.gate/1") return {};
    return fail(Code::kUsage, where + "schema is not \"weir.gate/1\"",
                "this weir reads gates of that schema only", "write schema = \"weir.gate/1\"");
  }
  if (key == "primary") {
    const auto metric = node.value_exact<std::string>();
    if (!metric) return wrong_type(where, key, "the name of a measure in quotes");
    WEIR_TRY_IN(where + key, find_metric(*metric));
    gate.rules.primary = *metric;
    return {};
  }
  if (key == "objectives") return take_objectives(node, name, gate);
  if (key == "allowed") {
    if (const auto* table = node.as_table()) return take_allowed(*table, name, gate);
    return wrong_type(where, key, "a table of measures and shares");
  }
  const std::string close = nearest(key, {"schema", "primary", "objectives", "allowed"});
  return fail(Code::kUsage, where + "unknown key " + key, "a gate has no such key",
              close.empty() ? "docs/compare.md shows a gate" : "did you mean " + close + "?");
}

bool is_count(const std::string& figure) {
  static const std::vector<std::string> counts = {"lost", "duplicated", "reordered", "foreign",
                                                  "pending"};
  return std::find(counts.begin(), counts.end(), figure) != counts.end();
}

// What all runs together hold of a figure.
lab::MeasuredFigure measure_all(const std::vector<StoredRun>& runs, const std::string& figure) {
  std::vector<double> values;
  lab::MeasuredFigure all;
  for (const auto& run : runs) {
    const auto one = lab::measure_figure(run.plan, run.result, figure);
    if (!one.value)
      return {one.applies, {}, {}, {}, run.path + ": " + (one.why.empty() ? "not run" : one.why)};
    if (runs.size() == 1) return one;
    values.push_back(*one.value);
  }
  if (is_count(figure)) {
    double sum = 0;
    for (const double value : values) sum += value;
    all.value = sum;
    return all;
  }
  const auto mean = stats::log_interval(values, kLevel);
  if (!mean.estimate) {
    all.why = values.empty() ? "no runs" : mean.why;
    return all;
  }
  all.value = mean.estimate, all.low = mean.low, all.high = mean.high;
  return all;
}

Check check_objective(const GateObjective& objective, const std::vector<StoredRun>& head) {
  const auto measured = measure_all(head, objective.requirement.figure);
  const auto fate = lab::fate_of(objective.requirement, measured);
  Check check{objective.expr, {}, Fate::kUnsure, true};
  if (fate) check.fate = *fate ? Fate::kPassed : Fate::kFailed;
  if (!measured.value)
    check.detail = "cannot be told: " + measured.why;
  else if (measured.low && measured.high)
    check.detail = fmt::format("measured {:.6g} ({:.6g} to {:.6g} at 95%)", *measured.value,
                               *measured.low, *measured.high);
  else
    check.detail = fmt::format("measured {:.6g}", *measured.value);
  return check;
}

}  // namespace

Result<double> parse_share(const std::string& text) {
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view rest(parsed.ptr, size_t(text.data() + text.size() - parsed.ptr));
  if (rest == "%") value /= 100;
  if (parsed.ec == std::errc() && (rest.empty() || rest == "%") && value > 0 && value < 1)
    return value;
  return fail(Code::kUsage, "\"" + text + "\" is no share of change",
              "it must be above 0 and below 100%", "write for example 5% or 0.05");
}

Result<Gate> read_gate(std::string_view text, const std::string& name) {
  Gate gate;
  try {
    const toml::table table = toml::parse(text, name);
    for (const auto& [key, node] : table)
      WEIR_TRY(take_key(std::string(key.str()), node, name, gate));
  } catch (const toml::parse_error& error) {
    const auto at = error.source().begin;
    return fail(Code::kUsage, fmt::format("{}:{}:{}: not TOML", name, at.line, at.column),
                std::string(error.description()), "mend that line; docs/compare.md shows a gate");
  }
  return gate;
}

std::vector<Check> judge_gate(const Gate& gate, const Comparison& comparison,
                              const std::vector<StoredRun>& head) {
  std::vector<Check> checks;
  for (const auto& objective : gate.objectives) checks.push_back(check_objective(objective, head));
  for (const auto& each : comparison.fallen) {
    if (each.after <= each.before) continue;
    const bool sure = each.only_after > each.only_before && each.p < 1 - kLevel;
    checks.push_back(
        {"keeps up " + each.condition, each.text(), sure ? Fate::kFailed : Fate::kUnsure, false});
  }
  for (const auto& change : comparison.changes) {
    if (!change.gates) continue;
    Check check{change.key.text(), {}, Fate::kPassed, false};
    if (change.verdict == stats::ChangeVerdict::kWorse) check.fate = Fate::kFailed;
    if (change.verdict == stats::ChangeVerdict::kCannotTell) check.fate = Fate::kUnsure;
    check.detail = stats::to_text(change.verdict);
    if (change.ratio.estimate) check.detail += ", " + percent(*change.ratio.estimate);
    if (change.ratio.low && change.ratio.high)
      check.detail +=
          fmt::format(" ({} to {})", percent(*change.ratio.low), percent(*change.ratio.high));
    check.detail += ": " + change.why;
    checks.push_back(check);
  }
  for (const auto& [metric, share] : gate.rules.by_name) {
    const bool measured =
        std::any_of(comparison.changes.begin(), comparison.changes.end(),
                    [&](const Change& change) { return change.key.name == metric; });
    if (!measured)
      checks.push_back(
          {metric, "cannot be told: the runs have it not in common", Fate::kUnsure, false});
  }
  return checks;
}

}  // namespace weir::compare
