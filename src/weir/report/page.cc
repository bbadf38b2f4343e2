#include "weir/report/page.h"

#include <fmt/format.h>

#include "weir/report/assets.h"
#include "weir/report/figures.h"
#include "weir/report/gnuplot.h"
#include "weir/report/html.h"
#include "weir/report/pack.h"
#include "weir/report/sections.h"

namespace weir::report {
namespace {

std::string header(const run::RunResult& result, const std::string& id) {
  const std::string what = result.experiment == "all" || result.experiment == "demo"
                               ? "Load, scale and faults"
                               : result.experiment;
  return fmt::format(
      "<header><p class=\"brand\">weir</p><h1>{}</h1><p class=\"hint\">{} broker · {} engine · "
      "workload {} · {} · took {} · run {}</p></header>\n",
      escape(what), escape(result.target.broker), escape(result.target.engine),
      escape(result.target.workload), escape(result.started), seconds(result.duration_s),
      escape(id));
}

// Links to the parts there are.
std::string contents(const std::string& body) {
  struct Part {
    const char *id, *name;
  };
  std::string html = "<nav aria-label=\"contents\">";
  for (const Part& part : {Part{"verdict", "Verdict"},
                           {"trust", "Trust"},
                           {"load", "Load"},
                           {"stages", "Where time goes"},
                           {"time", "Over time"},
                           {"scale", "Scalability"},
                           {"faults", "Faults"},
                           {"comparison", "Comparison"},
                           {"method", "How measured"}})
    if (body.find(fmt::format("<section id=\"{}\"", part.id)) != std::string::npos)
      html += fmt::format("<a href=\"#{}\">{}</a>", part.id, part.name);
  return html + "</nav>\n";
}

}  // namespace

std::string whole_page(const std::string& title, const std::string& header, const std::string& body,
                       const std::vector<Figure>& figures) {
  const std::string style = std::string(kUplotCss).append(kFigureCss).append(kPageCss);
  // Nothing is fetched, and no script runs but these three: not one that a run's files brought in.
  const std::string policy = fmt::format(
      "default-src 'none'; base-uri 'none'; form-action 'none'; img-src data: blob:; "
      "script-src {} {} {}; style-src {}",
      csp_hash(kUplotJs), csp_hash(kFigureJs), csp_hash(kPageJs), csp_hash(style));
  std::string data = "[";
  for (const auto& figure : figures) data += (data.size() > 1 ? ",\n" : "") + to_json(figure);
  std::string html =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"" +
      policy +
      "\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\">"
      "<link rel=\"icon\" href=\"data:,\"><title>" +
      escape(title) + "</title>\n<style>" + style + "</style></head><body>\n" + header +
      contents(body) +
      "<noscript><p class=\"hint\">The figures need JavaScript; every number stands in the tables, "
      "too.</p></noscript>\n<main>" +
      body + "</main>\n" + data_element(data + "]");
  for (const std::string_view script : {kUplotJs, kFigureJs, kPageJs})
    html.append("<script>").append(script).append("</script>\n");
  return html + "</body></html>\n";
}

std::string page(const run::RunResult& result, const run::Folder& folder,
                 const run::RunResult* baseline) {
  const std::string id = result.id.empty() ? folder.id() : result.id;
  const std::string machine = folder.read("machine.json").value_or("");
  auto figures = figures_of(result, folder.path());
  std::erase_if(figures, [](const Figure& figure) {  // of papers alone
    return figure.id == "p95_latency_vs_rate" || figure.id == "exp2_p95_latency";
  });
  const std::string body = verdict_section(result) + trust_section(result, machine) +
                           load_section(result, figures) + stages_section(result, figures) +
                           time_section(result, figures) + scale_section(result, figures) +
                           fault_section(result, figures) + comparison_section(result, baseline) +
                           method_section(result, machine, folder.read("plan.toml").value_or(""));
  return whole_page("weir: " + id, header(result, id), body, figures);
}

Status write_page(const run::Folder& folder, const run::RunResult* baseline) {
  const std::string text = WEIR_TRY_IN(folder.path(), folder.read("result.json"));
  const run::RunResult result = WEIR_TRY_IN("result.json", run::result_from_json(text));
  WEIR_TRY(folder.write("report.html", page(result, folder, baseline)));
  WEIR_TRY(write_figures(figures_of(result, folder.path()), folder.path() + "/figures", {}, 1, ""));
  return {};
}

}  // namespace weir::report
