// How many of the next observations exceed one of those before, when nothing has changed: the
// distribution of the number of exceedances, which holds for any continuous distribution
// [E. J. Gumbel and H. von Schelling, Ann. Math. Statist. 21 (1950) 247-262].
#pragma once

namespace weir::stats {

// P(x of m future observations exceed the rank-th largest of n past ones)
//   = C(x + rank - 1, x) C(n - rank + m - x, m - x) / C(n + m, m).
// 1 <= rank <= n, 0 <= x <= m.
double chance_of_exceedances(int x, int n, int rank, int m);

// The fewest exceedances, at most m, that are surpassed with a chance of at most `chance`.
int exceedances_within(int n, int rank, int m, double chance);

}  // namespace weir::stats
