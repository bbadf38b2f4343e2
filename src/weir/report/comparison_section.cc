#include <fmt/format.h>

#include "weir/report/comparison.h"
#include "weir/report/html.h"
#include "weir/report/sections.h"

namespace weir::report {
namespace {

std::string percent(double ratio) { return fmt::format("{:+.1f}%", (ratio - 1) * 100); }

}  // namespace

std::string comparison_section(const run::RunResult& result, const run::RunResult* baseline) {
  std::string html = "<section id=\"comparison\"><h2>Comparison</h2>";
  if (!baseline)
    return html +
           "<p>No baseline was given. <code>weir report RUN --baseline OTHER</code> holds this run "
           "against another one; <code>weir report A B C</code> draws several on the same axes."
           "</p></section>\n";
  html += "<p>Against run <code>" + escape(baseline->id) + "</code>.</p>";
  const auto unlike = differences({baseline, &result});
  if (!unlike.empty()) {
    html += "<p class=\"unsure\">! The two runs are not alike; a change may come from:</p><ul>";
    for (const auto& difference : unlike) html += "<li>" + escape(difference) + "</li>";
    html += "</ul>";
  }
  std::vector<Row> rows;
  for (const auto& change : changes(*baseline, result)) {
    const bool interval = change.low && change.high;
    rows.push_back({change.what, grouped(change.before, change.before < 100 ? 2 : 0),
                    grouped(change.after, change.after < 100 ? 2 : 0),
                    percent(change.after / change.before),
                    interval ? Cell(percent(*change.low) + " to " + percent(*change.high))
                             : Cell("–", change.why),
                    Cell(change.verdict, change.why,
                         change.verdict == "better"  ? "good"
                         : change.verdict == "worse" ? "bad"
                                                     : "unsure")});
  }
  if (rows.empty()) return html + "<p>The two runs measured nothing in common.</p></section>\n";
  return html + table({"figure", "baseline", "this run", "change", "interval", "answer"}, rows) +
         "</section>\n";
}

}  // namespace weir::report
