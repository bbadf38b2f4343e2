#include <fmt/format.h>

#include <algorithm>

#include "weir/report/html.h"
#include "weir/report/sections.h"

namespace weir::report {
namespace {

std::vector<const run::Step*> by_rate(const run::Load& load) {
  std::vector<const run::Step*> steps;
  for (const auto& step : load.steps)
    if (step.offered_eps) steps.push_back(&step);
  std::stable_sort(steps.begin(), steps.end(),
                   [](auto* a, auto* b) { return *a->offered_eps < *b->offered_eps; });
  return steps;
}

std::string throughput_chart(const run::Load& load, const std::vector<const run::Step*>& steps) {
  Chart chart;
  chart.summary =
      "Processed against offered events per second, a point for each step; on the dashed "
      "line everything offered is processed.";
  chart.x = {.label = "offered, events/s", .rate = true};
  chart.y = {.label = "processed, events/s", .rate = true};
  chart.width = 520;
  double most = 0;
  Series measured{.name = "processed", .colour = 0, .line = false};
  for (const auto* step : steps) {
    most = std::max(most, *step->offered_eps);
    measured.data.push_back(
        {*step->offered_eps, step->processed_eps, step->verdict != "keeps_up",
         fmt::format("offered {}, processed {}: {}", grouped(*step->offered_eps),
                     grouped(step->processed_eps.value_or(0)), step->verdict)});
  }
  Series ideal{.name = "all of it", .colour = -1, .points = false, .dashed = true};
  ideal.data = {{0, 0.0}, {most, most}};
  chart.x.low = 0, chart.x.high = most;
  chart.series = {ideal, measured};
  if (const auto& rate = load.sustainable_eps; rate.low && rate.high)
    chart.bands.push_back({*rate.low, *rate.high, "sustainable"});
  return to_svg(chart);
}

std::string latency_chart(const std::vector<const run::Step*>& steps) {
  Chart chart;
  chart.summary =
      "Event latency percentiles against offered events per second, for the steps that "
      "keep up.";
  chart.x = {.label = "offered, events/s", .low = 0.0, .rate = true};
  chart.y = {.label = "event latency, ms", .logarithmic = true};
  chart.width = 520;
  struct Percentile {
    const char* name;
    run::Figure run::Latency::*value;
  };
  int colour = 0;
  for (const Percentile& p : {Percentile{"p50", &run::Latency::p50},
                              {"p99", &run::Latency::p99},
                              {"p99.9", &run::Latency::p999},
                              {"max", &run::Latency::max}}) {
    Series series{.name = p.name, .colour = colour++, .dashed = colour == 4};
    for (const auto* step : steps) {
      if (!step->latency || step->verdict == "falls_behind") continue;
      const run::Figure value = *step->latency.*(p.value);
      if (value)
        series.data.push_back({*step->offered_eps, value, step->verdict != "keeps_up",
                               fmt::format("{} {} at {} events/s", p.name, milliseconds(*value),
                                           grouped(*step->offered_eps))});
    }
    chart.series.push_back(std::move(series));
  }
  // Both charts end at the same rate, so that they can be read together.
  for (const auto* step : steps)
    chart.x.high = std::max(chart.x.high.value_or(0), *step->offered_eps);
  return to_svg(chart);
}

std::string steps_table(const std::vector<const run::Step*>& steps) {
  std::vector<Row> rows;
  for (const auto* step : steps) {
    const run::Latency none;
    const run::Latency& latency = step->latency ? *step->latency : none;
    auto percentile = [&](const run::Figure& value, const char* key) {
      if (step->latency)
        return number_cell(value, value.value_or(0) < 100 ? 1 : 0, latency.why, key);
      return number_cell({}, 0, {{key, "this step falls behind: " + step->reason}}, key);
    };
    rows.push_back({number_cell(step->offered_eps, 0),
                    number_cell(step->sent_eps, 0, step->why, "sent_eps"),
                    number_cell(step->processed_eps, 0, step->why, "processed_eps"),
                    percentile(latency.p50, "p50"), percentile(latency.p95, "p95"),
                    percentile(latency.p99, "p99"), percentile(latency.p999, "p999"),
                    percentile(latency.max, "max"), number_cell(step->send_lag_p99_ms, 2),
                    number_cell(step->backlog_end, 0),
                    Cell(verdict_text(step->verdict), step->reason, verdict_css(step->verdict))});
  }
  return table({"offered /s", "sent /s", "processed /s", "p50 ms", "p95 ms", "p99 ms", "p99.9 ms",
                "max ms", "send lag p99 ms", "backlog at end", "verdict"},
               rows, 0);
}

struct StageName {
  const char *key, *words;
  run::Figure run::Stages::*value;
};
constexpr StageName kStages[] = {
    {"late_at_source", "late at source", &run::Stages::late_at_source},
    {"into_broker", "into the broker", &run::Stages::into_broker},
    {"waiting_for_batch", "waiting for the batch", &run::Stages::waiting_for_batch},
    {"computing", "computing", &run::Stages::computing},
    {"becoming_visible", "becoming visible", &run::Stages::becoming_visible}};

std::string stage_bars(const std::vector<const run::Step*>& steps) {
  double longest = 0;
  std::string bars, legend;
  auto sum = [](const run::Step& step) {
    double total = 0;
    for (const auto& stage : kStages)
      total += std::max(0.0, (step.stages.*(stage.value)).value_or(0));
    return total;
  };
  for (const auto* step : steps)
    if (step->latency) longest = std::max(longest, sum(*step));
  if (longest <= 0) return {};
  for (size_t i = 0; i < std::size(kStages); ++i)
    legend += fmt::format("<span><i class=\"s{}\"></i>{}</span>", i, kStages[i].words);
  std::vector<Row> rows;
  for (const auto* step : steps) {
    if (!step->latency || sum(*step) <= 0) continue;
    bars += fmt::format("<div class=\"bar\"><span class=\"n\">{}/s</span><span class=\"track\">",
                        short_number(*step->offered_eps));
    Row row{grouped(*step->offered_eps)};
    for (size_t i = 0; i < std::size(kStages); ++i) {
      const run::Figure value = step->stages.*(kStages[i].value);
      row.push_back(number_cell(value, 1));
      if (value && *value > 0)
        bars += fmt::format("<i class=\"s{}\" style=\"width:{:.2f}%\" title=\"{} {}\"></i>", i,
                            *value / longest * 100, kStages[i].words, milliseconds(*value));
    }
    bars += fmt::format("</span><span>{}</span></div>", milliseconds(sum(*step)));
    rows.push_back(std::move(row));
  }
  Row head{"offered /s"};
  for (const auto& stage : kStages) head.push_back(std::string(stage.words) + ", ms");
  return "<h3>Where the time goes</h3><figure><div class=\"legend\">" + legend + "</div>" + bars +
         "<figcaption>Mean time of an event in each stage, by offered rate; the stages of a bar "
         "add up "
         "to the mean event latency.</figcaption>" +
         folded("show the numbers", table(head, rows, 0)) + "</figure>";
}

}  // namespace

std::string load_section(const run::RunResult& result) {
  if (!result.load) return {};
  const auto steps = by_rate(*result.load);
  std::string html = "<section id=\"load\"><h2>Load</h2>";
  if (steps.empty()) return html + "<p>No step was measured.</p></section>\n";
  html += "<div class=\"pair\">";
  html += figure("Processed against offered. Hollow: does not keep up, or undecided.",
                 throughput_chart(*result.load, steps));
  html += figure(
      "Event latency, from an event's due time until its result can be read. Steps that fall "
      "behind have none: it would only tell how long one looked.",
      latency_chart(steps));
  html += "</div>" + steps_table(steps);
  if (!result.load->limited_by.empty())
    html += "<p>Limited by: " + escape(result.load->limited_by) + ".</p>";
  if (const auto& capacity = result.load->capacity_eps; capacity.estimate)
    html += fmt::format(
        "<p>Capacity, batches back to back without waiting for the trigger: {} events/s.</p>",
        grouped(*capacity.estimate));
  return html + stage_bars(steps) + "</section>\n";
}

}  // namespace weir::report
