#include "weir/stats/assurance.h"

#include <cmath>

#include "weir/base/check.h"

namespace weir::stats {

double chance_below(int n, double confidence) {
  if (n < 1) return 1;
  return -std::expm1(std::log1p(-confidence) / n);
}

int trials_needed(double content, double confidence) {
  WEIR_CHECK(content > 0 && content < 1 && confidence > 0 && confidence < 1);
  int n = int(std::ceil(std::log1p(-confidence) / std::log(content)));
  // The quotient may round to either side of a whole number.
  while (n > 1 && std::pow(content, n - 1) <= 1 - confidence) --n;
  while (std::pow(content, n) > 1 - confidence) ++n;
  return n;
}

}  // namespace weir::stats
