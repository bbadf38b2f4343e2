#include "weir/run/cells.h"

#include <cmath>

namespace weir::run {

Figure mean_processed(const Scale& scale, int32_t partitions, int32_t parallelism) {
  double logs = 0;
  int64_t runs = 0;
  for (const auto& cell : scale.cells) {
    if (cell.partitions != partitions || cell.parallelism != parallelism) continue;
    if (!cell.processed_eps || *cell.processed_eps <= 0 || cell.verdict == "invalid") continue;
    logs += std::log(*cell.processed_eps);
    ++runs;
  }
  return runs > 0 ? Figure(std::exp(logs / double(runs))) : Figure();
}

}  // namespace weir::run
