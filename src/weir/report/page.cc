#include "weir/report/page.h"

#include <fmt/format.h>

#include "weir/report/html.h"
#include "weir/report/sections.h"
#include "weir/report/style.h"

namespace weir::report {
namespace {

std::string header(const run::RunResult& result, const std::string& id) {
  std::string what = result.experiment == "all" ? "load, scale and faults" : result.experiment;
  return fmt::format(
      "<header><p class=\"brand\">weir</p><h1>{}</h1><p class=\"hint\">{} broker, {} engine, "
      "workload {} · "
      "{} · {} · run {}</p></header>\n",
      escape("Report: " + what), escape(result.target.broker), escape(result.target.engine),
      escape(result.target.workload), escape(result.started), seconds(result.duration_s),
      escape(id));
}

// Links to the parts there are.
std::string contents(const run::RunResult& result) {
  std::string html = "<nav aria-label=\"contents\"><a href=\"#trust\">Can I trust this?</a>";
  if (result.load) html += "<a href=\"#load\">Load</a>";
  if (result.scale) html += "<a href=\"#scale\">Scale</a>";
  if (result.faults) html += "<a href=\"#faults\">Faults</a>";
  return html + "<a href=\"#method\">How it was measured</a></nav>\n";
}

}  // namespace

std::string page(const run::RunResult& result, const run::Folder& folder) {
  const std::string id = result.id.empty() ? folder.id() : result.id;
  std::string html =
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<meta name=\"color-scheme\" content=\"light dark\">"
      "<link rel=\"icon\" href=\"data:,\"><title>weir: " +
      escape(id) + "</title><style>";
  html += kStyle;
  html += "</style></head><body>\n" + header(result, id) + verdict_section(result) +
          contents(result) + trust_section(result) + load_section(result) + scale_section(result) +
          fault_section(result, folder.path()) + audit_section(result) +
          method_section(result, folder.read("machine.json").value_or(""),
                         folder.read("plan.toml").value_or(""));
  return html + "</body></html>\n";
}

Status write_page(const run::Folder& folder) {
  const std::string text = WEIR_TRY_IN(folder.path(), folder.read("result.json"));
  const run::RunResult result = WEIR_TRY_IN("result.json", run::result_from_json(text));
  return folder.write("report.html", page(result, folder));
}

}  // namespace weir::report
