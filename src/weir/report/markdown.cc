#include "weir/report/markdown.h"

#include <fmt/format.h>

#include <cmath>

#include "weir/report/audit_words.h"
#include "weir/report/numbers.h"
#include "weir/run/text.h"

namespace weir::report {
namespace {

// Steps, cells or faults shown; what lies beyond is counted.
constexpr size_t kRowsMax = 60;

std::string rate(const run::Figure& value) { return value ? grouped(*value) : "–"; }
std::string time(const run::Figure& value) { return value ? milliseconds(*value) : "–"; }
std::string span(const run::Figure& value) { return value ? seconds(*value) : "–"; }

std::string words(std::string verdict) {
  for (char& c : verdict)
    if (c == '_') c = ' ';
  return verdict;
}

std::string table_row(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (const auto& each : cells) text += " " + each + " |";
  return text + "\n";
}

std::string table_head(const std::vector<std::string>& names, size_t numbers_from) {
  std::string text = table_row(names) + "|";
  for (size_t i = 0; i < names.size(); ++i) text += i >= numbers_from ? "---:|" : "---|";
  return text + "\n";
}

std::string more(size_t all, const std::string& what) {
  return all > kRowsMax ? fmt::format("\nand {} more {}\n", all - kRowsMax, what) : "";
}

std::string verdict_line(const run::RunResult& result) {
  std::string symbol = "✅", word = "measured";
  const int code = result.exit_code.value_or(1);
  if (!result.exit_code)
    symbol = "⏸️", word = "not finished";
  else if (code == 3)
    symbol = "❌", word = "an objective was missed";
  else if (code == 6)
    symbol = "⚠️", word = "the measurement is not valid";
  else if (code > 128)
    symbol = "⏸️", word = "interrupted: what there is";
  else if (code != 0)
    symbol = "❌", word = "the run failed";
  else if (!result.objectives.empty())
    word = "no objective was missed";
  return fmt::format("## weir: {} {}\n\n", symbol, word);
}

std::string objectives(const run::RunResult& result) {
  if (result.objectives.empty()) return "";
  std::string text = table_head({"objective", "measured", "fate"}, 1);
  for (const auto& each : result.objectives)
    text += table_row({run::markdown_text(each.expr),
                       each.measured ? fmt::format("{:.6g}", *each.measured) : "–",
                       !each.met   ? "cannot tell"
                       : *each.met ? "met"
                                   : "**missed**"});
  return text + "\n";
}

std::string load(const run::Load& load) {
  std::string text = "### Load\n\n";
  const auto& found = load.sustainable_eps;
  if (found.estimate)
    text += found.low && found.high
                ? fmt::format("Sustainable: {} events/s (between {} and {}).\n\n",
                              grouped(*found.estimate), grouped(*found.low), grouped(*found.high))
                : fmt::format("Sustainable: {} events/s, an indication without interval.\n\n",
                              grouped(*found.estimate));
  text +=
      table_head({"offered ev/s", "processed ev/s", "p50", "p99", "p99.9", "max", "verdict"}, 0);
  for (size_t i = 0; i < load.steps.size() && i < kRowsMax; ++i) {
    const auto& step = load.steps[i];
    const run::Latency none, &latency = step.latency ? *step.latency : none;
    text +=
        table_row({rate(step.offered_eps), rate(step.processed_eps), time(latency.p50),
                   time(latency.p99), time(latency.p999), time(latency.max), words(step.verdict)});
  }
  return text + more(load.steps.size(), "steps") + "\n";
}

std::string scale(const run::Scale& scale) {
  std::string text = "### Scale\n\n" +
                     table_head({"partitions", "workers", "processed ev/s", "p99", "verdict"}, 0);
  for (size_t i = 0; i < scale.cells.size() && i < kRowsMax; ++i) {
    const auto& each = scale.cells[i];
    text += table_row({std::to_string(each.partitions), std::to_string(each.parallelism),
                       rate(each.processed_eps),
                       time(each.latency ? each.latency->p99 : std::nullopt), words(each.verdict)});
  }
  return text + more(scale.cells.size(), "cells") + "\n";
}

std::string faults(const run::Faults& faults) {
  std::string text = "### Faults\n\n" + table_head({"fault", "at ev/s", "noticed", "first output",
                                                    "current again", "lost", "duplicated"},
                                                   1);
  for (size_t i = 0; i < faults.faults.size() && i < kRowsMax; ++i) {
    const auto& each = faults.faults[i];
    if (!each.valid) {
      text += table_row({run::markdown_text(each.kind), rate(each.offered_eps),
                         "not valid: " + run::markdown_text(each.reason), "–", "–", "–", "–"});
      continue;
    }
    text += table_row({run::markdown_text(each.kind), rate(each.offered_eps), span(each.noticed_s),
                       span(each.first_output_s), span(each.in_band_s), lost_cell(each.audit).text,
                       copies_cell(each.audit, &AuditReport::duplicated).text});
  }
  return text + more(faults.faults.size(), "faults") + "\n";
}

std::string warnings(const run::RunResult& result) {
  std::string text;
  for (size_t i = 0; i < result.warnings.size() && i < kRowsMax; ++i) {
    const auto& each = result.warnings[i];
    text += fmt::format("- **{}** {}: {}; {}\n", run::markdown_text(each.code),
                        run::markdown_text(each.where), run::markdown_text(each.effect),
                        run::markdown_text(each.remedy));
  }
  return text.empty() ? "" : "### Warnings\n\n" + text + "\n";
}

}  // namespace

std::string markdown(const run::RunResult& result) {
  std::string text = verdict_line(result);
  for (const auto& sentence : result.findings) text += run::markdown_text(sentence) + "  \n";
  if (!result.findings.empty()) text += "\n";
  text += objectives(result);
  if (result.load && !result.load->steps.empty()) text += load(*result.load);
  if (result.scale && !result.scale->cells.empty()) text += scale(*result.scale);
  if (result.faults && !result.faults->faults.empty()) text += faults(*result.faults);
  text += warnings(result);
  text += fmt::format(
      "{}, {}, workload {}, {:.0f} s, run `{}`\n\n", run::markdown_text(result.target.broker),
      run::markdown_text(result.target.engine), run::markdown_text(result.target.workload),
      result.duration_s, run::markdown_text(result.id));
  // An indented block needs no fence that a command could close.
  std::string command = result.command;
  for (char& c : command)
    if (c == '\n' || c == '\r') c = ' ';
  return text + "    " + command + "\n";
}

}  // namespace weir::report
