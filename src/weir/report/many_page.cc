#include "weir/report/many_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "weir/report/audit_words.h"
#include "weir/report/comparison.h"
#include "weir/report/figures.h"
#include "weir/report/html.h"
#include "weir/report/page.h"

namespace weir::report {
namespace {

using Names = std::vector<std::string>;

// One series for each run, taken from the same panel and series of its own figure.
void add_of_each(Figure& into, const std::vector<Figure>& from, const Names& names,
                 std::string_view series, size_t panel) {
  for (size_t i = 0; i < from.size(); ++i) {
    if (panel >= from[i].panels.size()) continue;
    for (const auto& one : from[i].panels[panel].series) {
      if (one.name != series) continue;
      Series copy = one;
      copy.name = names[i], copy.colour = int(i), copy.dash = int(i % 4);
      into.panels[panel].series.push_back(std::move(copy));
    }
  }
}

// What is said beside a figure of several runs: how many, and each one's notes.
void describe(Figure& figure, const std::vector<Figure>& from, const Names& names) {
  figure.samples = fmt::format("{} runs", from.size());
  figure.window.clear(), figure.notes.clear(), figure.summary.clear();
  for (size_t i = 0; i < from.size(); ++i) {
    figure.summary += names[i] + ": " + from[i].summary + " ";
    for (const auto& note : from[i].notes) figure.notes.push_back(names[i] + ": " + note);
    if (from[i].x.high) figure.x.high = std::max(figure.x.high.value_or(0), *from[i].x.high);
  }
}

Figure overlay(const std::vector<Figure>& from, const Names& names, const char* series) {
  Figure figure;
  figure.id = from[0].id, figure.title = from[0].title, figure.caption = from[0].caption;
  for (const auto& one : from)
    if (!one.panels.empty() && figure.panels.empty()) {
      figure.x = one.x, figure.panels = one.panels;
      for (auto& panel : figure.panels) panel.series.clear(), panel.heat.reset();
    }
  if (!figure.panels.empty()) add_of_each(figure, from, names, series, 0);
  describe(figure, from, names);
  return figure;
}

std::vector<Figure> of_each(const std::vector<StoredRun>& runs,
                            Figure (*make)(const run::RunResult&)) {
  std::vector<Figure> figures;
  for (const auto& run : runs) figures.push_back(make(run.result));
  return figures;
}

Figure throughput(const std::vector<StoredRun>& runs, const Names& names) {
  Figure figure = overlay(of_each(runs, throughput_vs_rate), names, "processed");
  if (figure.panels.empty()) return figure;
  const double end = figure.x.high.value_or(0);
  figure.panels[0].series.insert(
      figure.panels[0].series.begin(),
      Series{.name = "all of it", .colour = -1, .dash = 1, .x = {0, end}, .y = {0, end}});
  return figure;
}

Figure latency(const std::vector<StoredRun>& runs, const Names& names, const char* percentile) {
  Figure figure = overlay(of_each(runs, latency_vs_rate), names, percentile);
  figure.id = id_of(std::string(percentile) + "_vs_rate");
  figure.title = std::string(percentile) + " event latency against offered";
  return figure;
}

// The spectrum of each run's highest step that keeps up.
Figure spectrum(const std::vector<StoredRun>& runs, const Names& names) {
  std::vector<Figure> each;
  for (const auto& run : runs) each.push_back(percentile_spectrum(run.result, run.folder));
  Figure figure = each[0];
  figure.panels.resize(1), figure.panels[0].series.clear();
  figure.caption =
      "Event latency at each percentile, for each run's highest rate that keeps up. Dotted: fewer "
      "than ten batches reach beyond.";
  for (size_t i = 0; i < each.size(); ++i) {
    if (each[i].panels.empty() || each[i].panels[0].series.empty()) continue;
    figure.panels[0].y = each[i].panels[0].y;
    const int colour = each[i].panels[0].series.back().colour;
    for (const auto& one : each[i].panels[0].series) {
      if (one.colour != colour) continue;
      Series copy = one;
      if (!copy.name.empty()) copy.name = names[i] + ", " + copy.name;
      copy.colour = int(i);
      if (copy.dash != 2) copy.dash = i % 3 == 0 ? 0 : i % 3 == 1 ? 1 : 3;
      figure.panels[0].series.push_back(std::move(copy));
    }
  }
  describe(figure, each, names);
  return figure;
}

Figure fault_moments(const std::vector<StoredRun>& runs, const Names& names) {
  std::vector<Figure> each = of_each(runs, fault_times);
  Figure figure = each[0];
  figure.panels.clear();
  figure.caption =
      "Seconds from the injection of a fault to each moment, in each run; every fault a point.";
  for (size_t i = 0; i < each.size(); ++i) {
    if (each[i].panels.empty()) continue;
    if (figure.panels.empty())
      figure.x = each[i].x, figure.panels = {{each[i].panels[0].y, {}, {}}};
    for (const auto& one : each[i].panels[0].series) {
      Series copy = one;
      if (!copy.name.empty()) copy.name = names[i] + ", " + copy.name;
      copy.colour = int(i);
      for (double& x : copy.x) x += (double(i) - double(each.size() - 1) / 2) * 0.12;
      figure.panels[0].series.push_back(std::move(copy));
    }
  }
  describe(figure, each, names);
  return figure;
}

std::string first_output_of(const run::RunResult& result, std::string_view kind) {
  std::vector<double> values;
  if (result.faults)
    for (const auto& fault : result.faults->faults)
      if (fault.kind == kind && fault.first_output_s) values.push_back(*fault.first_output_s);
  if (values.empty()) return "–";
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return *low == *high ? seconds(*low) : seconds(*low) + " to " + seconds(*high);
}

std::string rate_text(const run::RunResult& result) {
  if (!result.load || !result.load->sustainable_eps.estimate) return "–";
  const auto& rate = result.load->sustainable_eps;
  std::string words = grouped(*rate.estimate);
  if (rate.low && rate.high) words += " [" + grouped(*rate.low) + ", " + grouped(*rate.high) + "]";
  return words;
}

std::string versions_text(const run::RunResult& result) {
  std::string words;
  for (const auto& [name, version] : result.target.versions)
    words += (words.empty() ? "" : ", ") + name + " " + version;
  return words.empty() ? "not said" : words;
}

// What each target promises, and what it did: a column for each run.
std::string targets_table(const std::vector<StoredRun>& runs, const Names& names) {
  Row head{""};
  for (const auto& name : names) head.emplace_back(name);
  std::vector<Row> rows;
  const auto row = [&](const char* what, auto text) {
    Row cells{what};
    for (const auto& run : runs) cells.emplace_back(text(run.result), "", "wordy");
    rows.push_back(std::move(cells));
  };
  using R = const run::RunResult&;
  row("run", [](R r) { return r.id; });
  row("broker", [](R r) { return r.target.broker; });
  row("engine", [](R r) { return r.target.engine; });
  row("workload", [](R r) { return r.target.workload; });
  row("data on disk before they are acknowledged",
      [](R r) { return std::string(r.target.durable ? "yes" : "no"); });
  row("delivery guarantee", [](R r) { return r.target.guarantee; });
  row("versions", versions_text);
  row("trigger", [](R r) { return milliseconds(r.trigger_ms); });
  row("sustainable rate, events/s", rate_text);
  row("engine killed: first output after", [](R r) { return first_output_of(r, "engine:kill"); });
  row("broker killed: first output after", [](R r) { return first_output_of(r, "broker:kill"); });
  row("lost / duplicated", [](const auto& run) { return losses_of(run).text(); });
  row("objectives and validity",
      [](R r) { return std::string(r.valid ? "" : "invalid; ") + r.exit_reason; });
  return table(head, rows, head.size());
}

std::string commands(const std::vector<StoredRun>& runs, const Names& names) {
  std::vector<Row> rows;
  for (size_t i = 0; i < runs.size(); ++i)
    rows.push_back({names[i], runs[i].result.started, runs[i].result.command});
  return table({"run", "started", "command"}, rows, 9);
}

}  // namespace

Result<StoredRun> read_run(const std::string& path) {
  const run::Folder folder = WEIR_TRY(run::Folder::open(path));
  const std::string text = WEIR_TRY_IN(folder.path(), folder.read("result.json"));
  StoredRun stored{WEIR_TRY_IN(folder.path(), run::result_from_json(text)), folder.path()};
  if (stored.result.id.empty()) stored.result.id = folder.id();
  return stored;
}

std::vector<std::string> names_of(const std::vector<StoredRun>& runs) {
  std::vector<std::string> names;
  std::map<std::string, int> seen;
  for (const auto& run : runs) {
    const std::string& broker = run.result.target.broker;
    names.push_back((broker == "embedded" ? "embedded" : "Kafka") + std::string(" + ") +
                    run.result.target.engine);
    ++seen[names.back()];
  }
  for (size_t i = 0; i < names.size(); ++i)
    if (seen[names[i]] > 1) names[i] += ", " + runs[i].result.id;
  return names;
}

std::string many_page(const std::vector<StoredRun>& runs) {
  const Names names = names_of(runs);
  std::vector<const run::RunResult*> results;
  for (const auto& run : runs) results.push_back(&run.result);
  const std::vector<Figure> figures{throughput(runs, names),     latency(runs, names, "p50"),
                                    latency(runs, names, "p99"), latency(runs, names, "max"),
                                    spectrum(runs, names),       fault_moments(runs, names)};
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : " · ") + name;
  const std::string header =
      "<header><p class=\"brand\">weir</p><h1>Side by side</h1><p class=\"hint\">" + escape(list) +
      "</p></header>\n";
  std::string body = "<section id=\"comparison\"><h2>The targets</h2>";
  const auto unlike = differences(results);
  if (unlike.empty()) {
    body += "<p>The runs had the same workload, rates, trigger and partitions.</p>";
  } else {
    body +=
        "<p class=\"unsure\">! The runs were not alike. What differs below may come from these "
        "conditions and not from the targets:</p><ul>";
    for (const auto& difference : unlike) body += "<li>" + escape(difference) + "</li>";
    body += "</ul>";
  }
  body += targets_table(runs, names) + "</section><section id=\"load\"><h2>Load</h2>" +
          "<div class=\"pair\">" + place_of(figures[0]) + place_of(figures[2]) +
          place_of(figures[1]) + place_of(figures[3]) + "</div>" + place_of(figures[4]) +
          "</section><section id=\"faults\"><h2>Faults</h2>" + place_of(figures[5]) +
          "</section><section id=\"method\"><h2>How it was measured</h2><p>Each run by the same "
          "generator, observer, clock and audit; its own <code>report.html</code> says "
          "more.</p>" +
          commands(runs, names) + "</section>\n";
  std::vector<Figure> drawn;
  for (const auto& figure : figures)
    if (has_data(figure)) drawn.push_back(figure);
  return whole_page("weir: " + list, header, body, drawn);
}

}  // namespace weir::report
