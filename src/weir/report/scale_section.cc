#include <fmt/format.h>

#include <algorithm>

#include "weir/report/html.h"
#include "weir/report/numbers.h"
#include "weir/report/sections.h"
#include "weir/run/cells.h"

namespace weir::report {
namespace {

std::string interval_text(const run::Estimate& figure, int decimals) {
  if (!figure.estimate) return "–";
  std::string text = grouped(*figure.estimate, decimals);
  if (figure.low && figure.high)
    text += " (" + grouped(*figure.low, decimals) + " to " + grouped(*figure.high, decimals) + ")";
  return text;
}

// "4p-2w: the broker was the limit: it acknowledged ..." up to the evidence, which stands in the
// table.
std::string without_evidence(const std::string& reason) {
  const size_t cell = reason.find(": ");
  return cell == std::string::npos ? reason : reason.substr(0, reason.find(": ", cell + 2));
}

// A cell's verdict with the rate that it is of: "at 0.85 of 777k ev/s: batches take ..." tells it.
Cell verdict_cell(const run::Step& cell) {
  const size_t end = cell.reason.find(": ");
  const bool tells = cell.reason.starts_with("at ") && end != std::string::npos;
  return {verdict_text(cell.verdict) + (tells ? " " + cell.reason.substr(0, end) : ""), cell.reason,
          verdict_css(cell.verdict)};
}

// The law and its parameters, or why there is none; what limits, and what the machine cannot show.
std::string law_of(const run::Scale& scale, const std::vector<Figure>& figures) {
  const auto& fit = *scale.fit;
  std::string html;
  const auto say = [&](const std::string& text) { html += "<p>" + escape(text) + "</p>"; };
  if (scale.limited_by.starts_with("not found"))
    say("What limits the widest cell was " + scale.limited_by + ".");
  else if (!scale.limited_by.empty())
    say("The limiting side of the widest cell: " + scale.limited_by + ".");
  if (fit.law.empty()) {
    say("No law of scaling is fitted: " + fit.refused + ".");
  } else {
    html += place_of(figures, "scale_law");
    html +=
        table({"law", "one task /s", "sigma", "kappa", "runs", "tasks"},
              {{Cell(fit.law == "usl" ? "universal scalability law" : "Amdahl's law"),
                Cell(interval_text(fit.lambda_eps, 0)), Cell(interval_text(fit.sigma, 4)),
                Cell(interval_text(fit.kappa, 5)), Cell(std::to_string(fit.runs)),
                Cell(fmt::format("{:g} to {:g}", fit.n_min.value_or(0), fit.n_max.value_or(0)))}},
              1);
    if (!fit.note.empty()) say("Kappa is not told: " + fit.note + ".");
    say(fmt::format("It says nothing of more than {:g} tasks.", fit.n_limit.value_or(0)));
  }
  std::string left_out;
  for (const auto& reason : fit.left_out)
    left_out += (left_out.empty() ? "" : "; ") + without_evidence(reason);
  if (!left_out.empty()) say("Left out of it: " + left_out + ".");
  if (!scale.cores_note.empty()) say(scale.cores_note);
  return html;
}

// The sustainable rate of each cell, and how each search went.
std::string searches_of(const run::Scale& scale) {
  if (scale.searches.empty()) return {};
  std::vector<Row> rows;
  std::string details;
  for (const auto& cell : scale.searches) {
    const run::Estimate& found = cell.load.sustainable_eps;
    const auto why = found.why.find("low");
    rows.push_back({std::to_string(cell.partitions), std::to_string(cell.parallelism),
                    Cell(interval_text(found, 0), why == found.why.end() ? "" : why->second),
                    std::to_string(cell.load.probes.size()),
                    Cell(cell.load.limited_by.empty() ? "–" : cell.load.limited_by, "", "wordy")});
    details += fmt::format("<h4>{} partitions, {} tasks</h4>", cell.partitions, cell.parallelism) +
               search_table(cell.load);
  }
  return "<h3>The rate that each sustains</h3>" +
         table({"partitions", "tasks", "sustains /s (interval)", "rates tried",
                Cell("limited by", "", "wordy")},
               rows, 0) +
         folded("show how each search went", details);
}

}  // namespace

std::string scale_section(const run::RunResult& result, const std::vector<Figure>& figures) {
  if (!result.scale) return {};
  std::vector<run::Step> cells = result.scale->cells;
  std::stable_sort(cells.begin(), cells.end(), [](const run::Step& a, const run::Step& b) {
    return std::pair(a.partitions, a.parallelism) < std::pair(b.partitions, b.parallelism);
  });
  std::string html = "<section id=\"scale\"><h2>Scalability</h2>";
  if (!cells.empty()) {
    html += place_of(figures, "scale_throughput");
    std::vector<Row> rows;
    const run::Figure base =
        run::mean_processed(*result.scale, cells.front().partitions, cells.front().parallelism);
    for (const auto& cell : cells) {
      run::Figure times;
      if (base && *base > 0 && cell.processed_eps) times = *cell.processed_eps / *base;
      rows.push_back(
          {std::to_string(cell.partitions), std::to_string(cell.parallelism),
           number_cell(cell.offered_eps, 0), number_cell(cell.processed_eps, 0),
           times ? Cell(grouped(*times, 2) + " ×") : Cell("–"),
           cell.limited_by.empty() ? Cell("–", "", "wordy") : Cell(cell.limited_by, "", "wordy"),
           verdict_cell(cell)});
    }
    html += table({"partitions", "tasks", "offered /s", "processed /s", "times the first",
                   Cell("limited by", "", "wordy"), "verdict"},
                  rows, 0);
  }
  html += searches_of(*result.scale);
  if (result.scale->fit) html += law_of(*result.scale, figures);
  for (const auto& label : result.scale->not_measured)
    html += "<p>" + escape(label) + ": not measured.</p>";
  return html + "</section>\n";
}

}  // namespace weir::report
