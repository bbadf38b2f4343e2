#include "weir/stats/exceedances.h"

#include "weir/base/check.h"

namespace weir::stats {
namespace {

double chance_of_none(int n, int rank, int m) {
  double chance = 1;
  for (int i = 0; i < rank; ++i) chance *= double(n - i) / double(n + m - i);
  return chance;
}

// From the chance of x to that of x + 1.
double ratio(int x, int n, int rank, int m) {
  return double(x + rank) / double(x + 1) * double(m - x) / double(n - rank + m - x);
}

}  // namespace

double chance_of_exceedances(int x, int n, int rank, int m) {
  WEIR_CHECK(rank >= 1 && rank <= n && x >= 0 && x <= m);
  double chance = chance_of_none(n, rank, m);
  for (int i = 0; i < x; ++i) chance *= ratio(i, n, rank, m);
  return chance;
}

int exceedances_within(int n, int rank, int m, double chance) {
  WEIR_CHECK(rank >= 1 && rank <= n && m >= 0);
  double one = chance_of_none(n, rank, m), within = one;
  int x = 0;
  while (x < m && 1 - within > chance) {
    one *= ratio(x, n, rank, m);
    within += one;
    ++x;
  }
  return x;
}

}  // namespace weir::stats
