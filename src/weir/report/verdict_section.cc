#include <fmt/format.h>

#include <algorithm>

#include "weir/report/audit_words.h"
#include "weir/report/html.h"
#include "weir/report/sections.h"
#include "weir/run/answer.h"

namespace weir::report {
namespace {

struct Headline {
  const char *symbol, *words, *css;
};

Headline headline_of(const run::RunResult& result) {
  const auto unmet = [&](auto is) {
    return std::any_of(result.objectives.begin(), result.objectives.end(), is);
  };
  if (!result.exit_code) return {"…", "Not finished: what there is", "unsure"};
  switch (*result.exit_code) {
    case 0:
      break;
    case 3:
      return {"✕", "An objective was missed", "bad"};
    case 6:
      return {"!", "The measurement is not valid", "bad"};
    case 129:
    case 130:
    case 143:
      return {"‖", "Interrupted: what there is", "unsure"};
    default:
      return {"✕", "The run failed", "bad"};
  }
  if (unmet([](const run::Objective& o) { return o.met && !*o.met; }))
    return {"✕", "An objective was missed", "bad"};
  if (unmet([](const run::Objective& o) { return !o.met; }))
    return {"?", "Cannot tell for every objective", "unsure"};
  if (result.objectives.empty()) return {"●", "Measured", "good"};
  return {"●", "All objectives met", "good"};
}

std::string tile(const std::string& value, const std::string& unit, const std::string& name,
                 const std::string& hint) {
  return fmt::format(
      "<div class=\"tile\"><div class=\"value\">{}<small> {}</small></div><div>{}</div>"
      "<div class=\"hint\">{}</div></div>",
      escape(value), escape(unit), escape(name), escape(hint));
}

std::string rate_tile(const run::RunResult& result) {
  const auto& rate = result.load->sustainable_eps;
  if (!rate.estimate) {
    const auto why = rate.why.find("estimate");
    return tile("–", "", "sustainable rate", why == rate.why.end() ? "not found" : why->second);
  }
  std::string hint = "one search, no interval";
  // Three digits where there is no interval that bears more.
  const bool bears = rate.low && rate.high;
  if (bears)
    hint = "between " + grouped(*rate.low) + " and " + grouped(*rate.high);
  else if (rate.low)
    hint = "at least " + grouped(*rate.low);
  else if (result.load->limited_by == "generator")
    hint = "or more: the generator was the limit";
  return tile(bears ? grouped(*rate.estimate) : short_number(*rate.estimate), "events/s",
              "sustainable rate", hint);
}

// The highest percentile up to p99 that enough batches stand behind.
std::string latency_tile(const run::Step& step) {
  const run::Latency& latency = *step.latency;
  const std::string where = "at " + short_number(step.offered_eps.value_or(0)) + " events/s";
  for (const auto& [name, value] :
       {std::pair{"p99", latency.p99}, {"p95", latency.p95}, {"p50", latency.p50}})
    if (value)
      return tile(grouped(*value), "ms", std::string(name) + " event latency",
                  name == std::string_view("p99")
                      ? where
                      : where + "; too few batches for a higher percentile");
  return {};
}

// The worst of the first outputs after faults of one kind.
std::string fault_tile(const run::Faults& faults, const std::string& kind) {
  int count = 0;
  run::Figure worst;
  for (const auto& fault : faults.faults)
    if (fault.kind == kind) {
      ++count;
      if (fault.first_output_s) worst = std::max(worst.value_or(0), *fault.first_output_s);
    }
  if (count == 0) return {};
  const std::string hint =
      count == 1 ? "one fault" : fmt::format("the longest of {} faults", count);
  return tile(worst ? grouped(*worst, 2) : "–", worst ? "s" : "",
              fault_text(kind) + ": first result again after", hint);
}

std::string loss_tile(const run::RunResult& result) {
  const Losses losses = losses_of(result);
  if (losses.audits == 0 && losses.blind == 0) return {};
  std::string hint =
      losses.audits == 0
          ? "cannot be told: events cannot be told apart"
          : fmt::format("of {} events in {} audits", grouped(double(losses.events)), losses.audits);
  if (losses.incomplete > 0) hint += fmt::format("; {} not complete", losses.incomplete);
  if (losses.audits > 0 && losses.blind > 0)
    hint += fmt::format("; {} could not tell", losses.blind);
  if (!losses.copies) hint += "; by count, which tells no copies";
  return tile(losses.text(), "", "lost / duplicated", hint);
}

std::string tiles(const run::RunResult& result) {
  std::string html;
  if (result.load) {
    html += rate_tile(result);
    const run::Step* best = result.load ? run::answer_step(*result.load) : nullptr;
    if (best && best->latency) html += latency_tile(*best);
  }
  // Three kinds of faults have room; the rest stand in their section.
  std::vector<std::string> kinds;
  if (result.faults)
    for (const auto& fault : result.faults->faults)
      if (kinds.size() < 3 && std::find(kinds.begin(), kinds.end(), fault.kind) == kinds.end())
        kinds.push_back(fault.kind);
  for (const auto& kind : kinds) html += fault_tile(*result.faults, kind);
  html += loss_tile(result);
  return html.empty() ? "" : "<div class=\"tiles\">" + html + "</div>\n";
}

std::string objectives_table(const run::RunResult& result) {
  if (result.objectives.empty()) return {};
  std::vector<Row> rows;
  for (const auto& objective : result.objectives) {
    const bool known = objective.met.has_value();
    rows.push_back(
        {objective.expr,
         objective.measured ? Cell(fmt::format("{:.4g}", *objective.measured)) : Cell("–"),
         Cell(!known           ? "? cannot tell"
              : *objective.met ? "● met"
                               : "✕ missed",
              "",
              !known           ? "unsure"
              : *objective.met ? "good"
                               : "bad")});
  }
  return table({"objective", "measured", "answer"}, rows);
}

}  // namespace

std::string verdict_section(const run::RunResult& result) {
  const Headline headline = headline_of(result);
  std::string html = fmt::format(
      "<section id=\"verdict\"><div class=\"verdict {}\"><h2><span class=\"symbol\" "
      "aria-hidden=\"true\">{}</span> "
      "{}</h2>",
      headline.css, headline.symbol, headline.words);
  for (const auto& sentence : result.findings) html += "<p>" + escape(sentence) + "</p>";
  if (result.exit_code.value_or(0) != 0 && !result.exit_reason.empty())
    html += "<p>" + escape(result.exit_reason) + "</p>";
  return html + "</div>\n" + tiles(result) + objectives_table(result) + "</section>\n";
}

}  // namespace weir::report
