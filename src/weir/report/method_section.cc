#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "weir/report/html.h"
#include "weir/report/sections.h"

namespace weir::report {
namespace {

constexpr const char* kDefinitions = R"(<dl>
<dt>offered</dt><dd>Events due per second by a schedule fixed in advance. The generator never waits for the
pipeline: what it could not hand over is counted, not forgotten.</dd>
<dt>event latency</dt><dd>From the moment an event was due until its result could first be read from the output
topic. Both times are on one clock. An event belongs to the second in which it was due.</dd>
<dt>percentiles</dt><dd>Of all events of a step after warm-up, from merged histograms with three significant digits;
never means of percentiles. One is printed only when at least 10 batches reach beyond it.</dd>
<dt>keeps up</dt><dd>The mean batch finishes within the trigger, at 95% confidence, over blocks of whole batches.
<i>Falls behind</i>: it does not. <i>Stretched</i>: the backlog does not grow, but the cadence is lost.
<i>Undecided</i>: the step was too short or too noisy to say.</dd>
<dt>sustainable rate</dt><dd>The highest rate that keeps up, found by a search between rates that do and rates that
do not.</dd>
<dt>after a fault</dt><dd><i>First output</i>: the first result that shows work done after the fault.
<i>Drained</i>: the backlog is again what it was before. <i>Current again</i>: so is the latency.</dd>
<dt>lost, duplicated</dt><dd>Acknowledged to the producer and never visible; visible more than once.</dd>
</dl>
)";

Row setting_row(const std::string& key, const std::string& value) { return {key, value}; }

std::string machine_table(std::string_view machine_json) {
  const auto machine = nlohmann::ordered_json::parse(machine_json, nullptr, false);
  if (!machine.is_object()) return {};
  std::vector<Row> rows;
  for (const auto& [key, value] : machine.items()) {
    if (key == "schema" || value.is_null() || value == "") continue;
    std::string words = key;
    for (char& c : words) c = c == '_' ? ' ' : c;
    std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    if (key.ends_with("_bytes") && value.is_number()) {
      words = words.substr(0, words.size() - 6);
      text = fmt::format("{:.1f} GiB", value.get<double>() / double(1 << 30));
    }
    rows.push_back(setting_row(words, text));
  }
  return "<h3>Machine</h3>" + table({"", ""}, rows, 9);
}

}  // namespace

std::string method_section(const run::RunResult& result, std::string_view machine_json,
                           std::string_view plan_toml) {
  std::vector<Row> rows{setting_row("command", result.command),
                        setting_row("started", result.started),
                        setting_row("took", seconds(result.duration_s)),
                        setting_row("broker", result.target.broker),
                        setting_row("engine", result.target.engine),
                        setting_row("workload", result.target.workload),
                        setting_row("claims", result.target.guarantee),
                        setting_row("trigger", milliseconds(result.trigger_ms))};
  for (const auto& [name, version] : result.target.versions)
    rows.push_back(setting_row(name, version));
  for (const auto& [name, value] : result.target.settings) rows.push_back(setting_row(name, value));
  std::erase_if(rows, [](const Row& row) { return row[1].text.empty(); });
  std::string html = "<section id=\"method\"><h2>How it was measured</h2>";
  html += kDefinitions;
  html += "<h3>This run</h3>" + table({"", ""}, rows, 9) + machine_table(machine_json);
  if (!plan_toml.empty()) html += folded("the whole plan", "<pre>" + escape(plan_toml) + "</pre>");
  return html +
         "<p>Everything here follows from the files beside this one: <code>result.json</code>, and "
         "for "
         "each step <code>offered.csv</code>, <code>batches.csv</code>, <code>latency.hlog</code>, "
         "the ledgers and the ids seen. <code>weir verify</code> computes it again from them.</p>"
         "</section>\n";
}

}  // namespace weir::report
