#include "weir/compare/answer.h"

#include <algorithm>

namespace weir::compare {

void settle_exit(Answer& answer) {
  const auto first = [&](bool objective, Fate fate) {
    return std::find_if(answer.checks.begin(), answer.checks.end(), [&](const Check& check) {
      return check.objective == objective && check.fate == fate;
    });
  };
  const auto end = answer.checks.end();
  const auto& primary = answer.comparison.changes;
  const bool nothing = primary.empty() || primary[0].before.empty() || primary[0].after.empty();
  if (nothing) {
    answer.exit_code = 6;
    answer.exit_reason = "no valid pair stands behind the answer";
  } else if (const auto missed = first(true, Fate::kFailed); missed != end) {
    answer.exit_code = 3;
    answer.exit_reason = "objective missed: " + missed->name + " (" + missed->detail + ")";
  } else if (const auto worse = first(false, Fate::kFailed); worse != end) {
    answer.exit_code = 4;
    answer.exit_reason = worse->name + " is " + worse->detail;
  } else if (const auto unsure =
                 std::find_if(answer.checks.begin(), end,
                              [](const Check& check) { return check.fate == Fate::kUnsure; });
             unsure != end && answer.unsure_fails) {
    answer.exit_code = 5;
    answer.exit_reason = "cannot tell: " + unsure->name + " (" + unsure->detail + ")";
  } else {
    answer.exit_code = 0;
    answer.exit_reason = answer.comparison.sentence;
  }
}

}  // namespace weir::compare
