#include "weir/lab/scale_plan.h"

#include <algorithm>
#include <cmath>

namespace weir::lab {
namespace {

constexpr int64_t kFullRepetitions = 3;  // the fewest that give a law its spread
constexpr double kDominatingUs = 10;     // weir stream's own work is about 1 us for each event

}  // namespace

void settle_scale_cells(Plan& plan) {
  if (plan.wait_us <= 0) return;
  for (auto [key, cells] : {std::pair("scale.partitions", &plan.scale_partitions),
                            std::pair("scale.parallelism", &plan.scale_parallelism)})
    if (!plan.is_given(key)) *cells = {1, 2, 4, 8};
}

int64_t scale_repetitions(const Plan& plan, bool quick) {
  if (quick || !plan.is_full()) return plan.scale_repetitions;
  return std::max(plan.scale_repetitions, kFullRepetitions);
}

double added_work_bound(const Plan& plan, int64_t tasks, int64_t cores) {
  if (plan.cpu_us + plan.wait_us <= 0) return HUGE_VAL;
  const double by_time = double(tasks) * 1e6 / (plan.cpu_us + plan.wait_us);
  if (plan.cpu_us <= 0) return by_time;
  return std::min(by_time, double(std::max<int64_t>(cores, 1)) * 1e6 / plan.cpu_us);
}

bool added_work_dominates(const Plan& plan) { return plan.cpu_us + plan.wait_us >= kDominatingUs; }

}  // namespace weir::lab
