#include "weir/report/audit_words.h"
#include "weir/report/html.h"
#include "weir/report/sections.h"

namespace weir::report {
namespace {

Row row_of(const std::string& label, const AuditReport& audit) {
  auto count = [](uint64_t value) { return Cell(grouped(double(value))); };
  return {label,
          Cell(audit.level, audit.guarantee),
          audit.verdict.empty() ? Cell("–")
                                : Cell(audit.verdict, audit.verdict_reason,
                                       audit.verdict == "broken" ? "bad"
                                       : audit.verdict == "open" ? "unsure"
                                                                 : ""),
          Cell(audit.complete ? "yes" : "no", "", audit.complete ? "" : "unsure"),
          count(audit.sent),
          count(audit.acked),
          count(audit.failed),
          count(audit.unknown),
          count(audit.processed),
          lost_cell(audit),
          copies_cell(audit, &AuditReport::duplicated),
          copies_cell(audit, &AuditReport::reordered),
          tells_copies(audit) ? count(audit.foreign) : Cell("–"),
          count(audit.pending)};
}

}  // namespace

std::string audit_table(const run::RunResult& result) {
  std::vector<Row> rows;
  auto add = [&](const std::string& label, const AuditReport& audit) {
    if (was_made(audit)) rows.push_back(row_of(label, audit));
  };
  if (result.load)
    for (const auto& step : result.load->steps) add("load " + step.label, step.audit);
  if (result.scale)
    for (const auto& cell : result.scale->cells) add("scale " + cell.label, cell.audit);
  if (result.faults)
    for (const auto& fault : result.faults->faults) add("fault " + fault.label, fault.audit);
  if (rows.empty()) return {};
  return "<h3 id=\"audit\">Audit</h3><p>Every event has an identity of its own. After each step "
         "the "
         "identities that came out are held against those the producers had acknowledged: "
         "acknowledged and never seen is lost, seen more than once is duplicated. A dash: this "
         "audit's level does not tell.</p>" +
         table({"step", "level", "guarantee", "complete", "sent", "acked", "failed", "unknown",
                "processed", "lost", "duplicated", "reordered", "foreign", "pending"},
               rows, 4);
}

}  // namespace weir::report
