#include "weir/report/audit_words.h"
#include "weir/run/audits.h"

#include <fmt/format.h>

namespace weir::report {
namespace {

constexpr const char* kByCount =
    "by count: a lost event may hide behind one that came twice, and nothing tells copies";

std::string why_none(const AuditReport& audit) {
  return audit.why.empty() ? "events cannot be told apart" : audit.why;
}

}  // namespace

bool was_made(const AuditReport& audit) { return audit.sent > 0 || audit.processed > 0; }
bool tells_losses(const AuditReport& audit) { return was_made(audit) && audit.level != "none"; }
bool tells_copies(const AuditReport& audit) {
  return tells_losses(audit) && audit.level != "count";
}

Cell lost_cell(const AuditReport& audit) {
  if (!was_made(audit)) return {"–", "no audit was made"};
  if (!tells_losses(audit)) return {"–", why_none(audit)};
  const std::string count = grouped(double(audit.lost));
  if (audit.level == "count") return {count + " by count", kByCount, audit.lost > 0 ? "bad" : ""};
  if (audit.lost > 0) return {count, "", "bad"};
  if (audit.pending > 0)
    return {"0", grouped(double(audit.pending)) + " had not come when the drain ended", "unsure"};
  return "0";
}

Cell copies_cell(const AuditReport& audit, uint64_t AuditReport::*count) {
  if (!was_made(audit)) return {"–", "no audit was made"};
  if (!tells_losses(audit)) return {"–", why_none(audit)};
  if (!tells_copies(audit)) return {"–", kByCount};
  const uint64_t value = audit.*count;
  return value == 0 ? Cell("0") : Cell(grouped(double(value)), "", "bad");
}

std::string Losses::text() const {
  if (audits == 0) return "–";
  return grouped(double(lost)) + " / " + (copies ? grouped(double(duplicated)) : "–");
}

Losses losses_of(const run::RunResult& result) {
  Losses sum;
  const auto add = [&](const AuditReport& audit) {
    if (!was_made(audit)) return;
    if (!tells_losses(audit)) return void(++sum.blind);
    sum.lost += audit.lost, sum.duplicated += audit.duplicated, sum.events += audit.sent;
    ++sum.audits, sum.incomplete += !audit.complete;
    sum.copies = sum.copies && tells_copies(audit);
  };
  for (const AuditReport* audit : run::audits_of(result)) add(*audit);
  return sum;
}

std::string audit_words(const AuditReport& audit) {
  if (!was_made(audit)) return "no audit was made";
  if (!tells_losses(audit)) return "lost and duplicated cannot be told";
  if (!tells_copies(audit))
    return fmt::format("missing {} by count, copies cannot be told", grouped(double(audit.lost)));
  return fmt::format("lost {}, duplicated {}", grouped(double(audit.lost)),
                     grouped(double(audit.duplicated)));
}

}  // namespace weir::report
