#include "weir/report/audit_words.h"

#include <gtest/gtest.h>

namespace weir::report {
namespace {

AuditReport audit(const char* level, uint64_t lost, uint64_t duplicated) {
  AuditReport made;
  made.level = level, made.complete = true;
  made.sent = made.acked = 100, made.processed = 100 - lost;
  made.lost = lost, made.duplicated = duplicated;
  return made;
}

TEST(AuditWords, SaysAsMuchAsTheLevelBears) {
  EXPECT_EQ(audit_words(audit("identity", 0, 0)), "lost 0, duplicated 0");
  EXPECT_EQ(audit_words(audit("checksum", 2, 1)), "lost 2, duplicated 1");
  EXPECT_EQ(audit_words(audit("count", 0, 0)), "missing 0 by count, copies cannot be told");
  EXPECT_EQ(audit_words(audit("none", 0, 0)), "lost and duplicated cannot be told");
  EXPECT_EQ(audit_words({}), "no audit was made");
}

TEST(AuditWords, PrintsNoZeroWhereNobodyCanTell) {
  AuditReport none = audit("none", 0, 0);
  none.why = "events have no id";
  EXPECT_EQ(lost_cell(none).text, "–");
  EXPECT_EQ(lost_cell(none).hint, "events have no id");
  for (const auto count : {&AuditReport::duplicated, &AuditReport::reordered}) {
    EXPECT_EQ(copies_cell(none, count).text, "–");
    EXPECT_EQ(copies_cell(audit("count", 0, 0), count).text, "–");
    EXPECT_EQ(copies_cell(audit("identity", 0, 0), count).text, "0");
  }
  EXPECT_EQ(lost_cell(audit("count", 3, 0)).text, "3 by count");
  EXPECT_EQ(lost_cell(audit("identity", 3, 0)).css, "bad");
}

TEST(AuditWords, AnIncompleteAuditIsNoProofOfZero) {
  AuditReport open = audit("identity", 0, 0);
  open.complete = false, open.pending = 7;
  EXPECT_EQ(lost_cell(open).css, "unsure");
  EXPECT_EQ(lost_cell(open).hint, "7 had not come when the drain ended");
}

}  // namespace
}  // namespace weir::report
