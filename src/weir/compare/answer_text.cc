// The comparison in words: for a terminal, for a pull request, for a build's list of tests.
#include <fmt/format.h>

#include <algorithm>

#include "weir/compare/answer.h"
#include "weir/compare/rows.h"
#include "weir/run/text.h"

namespace weir::compare {
namespace {

std::string range_text(const stats::Estimate& ratio) {
  if (!ratio.low || !ratio.high) return "–";
  return percent(*ratio.low) + " to " + percent(*ratio.high);
}

const Row kHead = {"measure", "base", "head", "change", "95% interval", "by ranks", "answer"};

// The condition that all measures share, such as one rate: it stands once below the table.
bool share_condition(const Comparison& found) {
  return std::all_of(found.changes.begin(), found.changes.end(), [&](const Change& change) {
    return change.key.condition == found.changes[0].key.condition;
  });
}

std::string name_of(const Comparison& found, const Change& change) {
  return share_condition(found) ? change.key.name : change.key.text();
}

std::vector<Row> rows_of(const Comparison& found) {
  std::vector<Row> rows;
  for (const auto& change : found.changes)
    rows.push_back(
        {name_of(found, change) + ", " + change.meaning.unit + (change.primary ? " *" : ""),
         value_text(change.before_mean.estimate), value_text(change.after_mean.estimate),
         change.ratio.estimate ? percent(*change.ratio.estimate) : "–", range_text(change.ratio),
         range_text(change.rank_ratio), stats::to_text(change.verdict)});
  return rows;
}

std::string where_from(const Answer& answer) {
  const auto& found = answer.comparison;
  const bool one = found.before.size() == 1 && found.after.size() == 1;
  std::string text =
      one ? fmt::format("one run of {} against one of {}", answer.after_name, answer.before_name)
          : fmt::format("{} runs of {} against {} of {}", found.after.size(), answer.after_name,
                        found.before.size(), answer.before_name);
  if (!one)
    text += found.paired ? ", measured in turns"
                         : ", not measured in turns: what else changed meanwhile counts as change";
  if (!found.changes.empty() && share_condition(found) && !found.changes[0].key.condition.empty())
    text += "; all " + found.changes[0].key.condition;
  if (answer.seed) text += fmt::format("; order drawn from seed {}", *answer.seed);
  if (answer.pairs_left_out > 0)
    text += fmt::format("; pairs left out, for a step of theirs is not valid: {}",
                        answer.pairs_left_out);
  return text;
}

std::vector<std::string> remarks(const Answer& answer) {
  std::vector<std::string> lines;
  for (const auto& each : answer.comparison.differences)
    lines.push_back(fmt::format("{}{}: {} against {}", each.allowed ? "changed " : "UNLIKE ",
                                each.key, each.before, each.after));
  for (const auto& each : answer.comparison.fallen)
    if (each.before + each.after > 0) lines.push_back(each.text());
  for (const auto& change : answer.comparison.changes) {
    const std::string name = name_of(answer.comparison, change);
    if (change.left_out > 0)
      lines.push_back(
          fmt::format("{}: one side has none in {} of the pairs", name, change.left_out));
    if (!change.primary) lines.push_back(name + ": " + change.why);
  }
  if (answer.noise) {
    int64_t pairs = int64_t(answer.comparison.changes[0].before.size());
    for (auto& line : noise_sentences(*answer.noise, std::max<int64_t>(pairs, kPairsDecide),
                                      answer.comparison.changes[0].allowed))
      lines.push_back(std::move(line));
  }
  return lines;
}

const char* symbol_of(int code) {
  return code == 0 ? "✅" : code == 3 || code == 4 ? "❌" : "⚠️";
}

const char* markdown_fate(Fate fate) {
  return fate == Fate::kPassed ? "passed" : fate == Fate::kFailed ? "**failed**" : "cannot tell";
}

std::string xml(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '&')
      out += "&amp;";
    else if (c == '<')
      out += "&lt;";
    else if (c == '>')
      out += "&gt;";
    else if (c == '"')
      out += "&quot;";
    else
      out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
  }
  return out;
}

}  // namespace

std::string terminal_text(const Answer& answer) {
  auto rows = rows_of(answer.comparison);
  rows.insert(rows.begin(), kHead);
  std::vector<size_t> widths(kHead.size());
  for (const auto& row : rows)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], run::columns(row[i]));
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - run::columns(row[i]), ' ');
      const bool left = i == 0 || i + 1 == row.size();
      line += (i == 0 ? " " : "  ") + (left ? row[i] + pad : pad + row[i]);
    }
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  text += "\n " + where_from(answer) + "\n";
  for (const auto& line : remarks(answer)) text += "   " + line + "\n";
  for (const auto& check : answer.checks)
    if (check.objective)
      text += fmt::format(" objective {}: {} ({})\n", check.name,
                          check.fate == Fate::kPassed   ? "met"
                          : check.fate == Fate::kFailed ? "missed"
                                                        : "cannot tell",
                          check.detail);
  return text + "\n " + answer.comparison.sentence + "\n";
}

std::string markdown(const Answer& answer) {
  std::string text = fmt::format("## weir compare: {} {}\n\n{}\n\n", symbol_of(answer.exit_code),
                                 stats::to_text(answer.comparison.verdict),
                                 run::markdown_text(answer.comparison.sentence));
  text += markdown_row(kHead) + "|---|---:|---:|---:|---:|---:|---|\n";
  for (const auto& row : rows_of(answer.comparison)) text += markdown_row(row);
  if (!answer.checks.empty()) {
    text += "\n| gate | fate | |\n|---|---|---|\n";
    for (const auto& check : answer.checks)
      text += fmt::format("| {} | {} | {} |\n", run::markdown_text(check.name),
                          markdown_fate(check.fate), run::markdown_text(check.detail));
  }
  text += "\n" + run::markdown_text(where_from(answer)) + "\n";
  for (const auto& line : remarks(answer)) text += "- " + run::markdown_text(line) + "\n";
  std::string command = answer.command;
  std::replace(command.begin(), command.end(), '\n', ' ');
  return text + "\n    " + command + "\n";
}

std::string junit(const Answer& answer) {
  const auto count = [&](Fate fate) {
    return std::count_if(answer.checks.begin(), answer.checks.end(),
                         [&](const Check& check) { return check.fate == fate; });
  };
  const auto unsure = count(Fate::kUnsure);
  const auto failed = count(Fate::kFailed) + (answer.unsure_fails ? unsure : 0);
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  text += fmt::format(
      "<testsuites>\n<testsuite name=\"weir compare\" tests=\"{}\" failures=\"{}\" errors=\"0\" "
      "skipped=\"{}\" timestamp=\"{}\">\n",
      answer.checks.size(), failed, answer.unsure_fails ? 0 : unsure, xml(answer.started));
  for (const auto& check : answer.checks) {
    text += fmt::format("<testcase classname=\"weir.{}\" name=\"{}\">",
                        check.objective ? "objective" : "baseline", xml(check.name));
    const bool fails =
        check.fate == Fate::kFailed || (check.fate == Fate::kUnsure && answer.unsure_fails);
    if (fails)
      text += fmt::format("<failure message=\"{}\"/>", xml(check.detail));
    else if (check.fate == Fate::kUnsure)
      text += fmt::format("<skipped message=\"{}\"/>", xml(check.detail));
    else
      text += fmt::format("<system-out>{}</system-out>", xml(check.detail));
    text += "</testcase>\n";
  }
  return text + "</testsuite>\n</testsuites>\n";
}

}  // namespace weir::compare
