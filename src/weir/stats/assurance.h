// What "lost in 0 of n faults" is worth. Pure functions.
#pragma once

namespace weir::stats {

// With 0 bad outcomes in n independent trials, the chance per trial is below this at `confidence`:
// 1 - (1 - confidence)^(1/n), the exact (Clopper-Pearson) upper bound for zero successes. n >= 1;
// 1.0 for n < 1.
double chance_below(int n, double confidence = 0.95);

// The least n whose chance_below(n, confidence) <= 1 - content: 59 for content 0.95, confidence
// 0.95 (Wilks, Ann. Math. Statist. 12, 1941). content and confidence in (0, 1).
int trials_needed(double content, double confidence);

}  // namespace weir::stats
