#include "weir/run/cells.h"

#include <gtest/gtest.h>

namespace weir::run {
namespace {

Step cell_of(int32_t tasks, Figure processed, const char* verdict = "falls_behind") {
  Step cell;
  cell.partitions = cell.parallelism = tasks;
  cell.processed_eps = processed;
  cell.verdict = verdict;
  return cell;
}

TEST(MeanProcessed, IsOfTheRunsOfOneCell) {
  Scale scale;
  scale.cells = {cell_of(1, 100), cell_of(1, 400), cell_of(2, 500), cell_of(1, {}),
                 cell_of(1, 9, "invalid")};
  EXPECT_NEAR(*mean_processed(scale, 1, 1), 200, 1e-9);
  EXPECT_NEAR(*mean_processed(scale, 2, 2), 500, 1e-9);
  EXPECT_FALSE(mean_processed(scale, 4, 4));
}

}  // namespace
}  // namespace weir::run
