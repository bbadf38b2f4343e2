// What an audit may say: as much as its level bears, and not "lost 0" where nobody can tell.
#pragma once
#include <string>

#include "weir/event/audit.h"
#include "weir/report/html.h"

namespace weir::report {

// Was anything held against anything?
bool was_made(const AuditReport& audit);
// At level none nothing is known; at level count what is missing is, and a doubled event may hide a
// lost one.
bool tells_losses(const AuditReport& audit);
bool tells_copies(const AuditReport& audit);

// Cells of tables; a dash with its reason where the level does not tell. `count` is duplicated,
// reordered or foreign.
Cell lost_cell(const AuditReport& audit);
Cell copies_cell(const AuditReport& audit, uint64_t AuditReport::*count);
// "lost 0, duplicated 0", "missing 3 by count, copies cannot be told", "lost and duplicated cannot
// be told".
std::string audit_words(const AuditReport& audit);

// All audits of a run together.
struct Losses {
  uint64_t lost = 0, duplicated = 0, events = 0;
  int audits = 0, incomplete = 0;  // that tell of losses
  int blind = 0;                   // that do not
  bool copies = true;              // each of them tells copies, too
  // "0 / 12"; a dash for what is not told.
  std::string text() const;
};
Losses losses_of(const run::RunResult& result);

}  // namespace weir::report
