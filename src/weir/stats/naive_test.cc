#include "weir/stats/naive.h"

#include <gtest/gtest.h>

#include <vector>

namespace weir::stats {
namespace {

SeedRow row(double id, double epoch, double events, double p95) {
  return {.batch_id = id,
          .epoch_sec = epoch,
          .batch_events = events,
          .mean_ms = p95 / 2,
          .p50_ms = p95 / 2,
          .p95_ms = p95,
          .p99_ms = p95 * 1.1};
}

std::vector<SeedRow> every_five_seconds(int n) {
  std::vector<SeedRow> rows;
  for (int i = n - 1; i >= 0; --i) rows.push_back(row(i, 1000 + 5 * i, 100 * (i + 1), 10 * i));
  return rows;
}

TEST(SeedWindow, TakesTheMeasuredRowsInTimeOrder) {
  const auto window = seed_window(every_five_seconds(20), 10, 30);
  ASSERT_EQ(window.size(), 6u);
  EXPECT_EQ(window.front().epoch_sec, 1010);
  EXPECT_EQ(window.back().epoch_sec, 1035);
}

TEST(SeedWindow, FallsBackToAllAfterWarmUpBelowFiveRows) {
  EXPECT_EQ(seed_window(every_five_seconds(20), 10, 25).size(), 5u);
  EXPECT_EQ(seed_window(every_five_seconds(20), 10, 20).size(), 18u);
}

TEST(SeedWindow, HasNoUpperLimitWithoutMeasure) {
  EXPECT_EQ(seed_window(every_five_seconds(20), 10, std::nullopt).size(), 18u);
  EXPECT_TRUE(seed_window(every_five_seconds(20), 500, std::nullopt).empty());
  EXPECT_TRUE(seed_window({}, 0, 10).empty());
}

TEST(SeedWindow, DropsRowsThatLackANeededColumn) {
  auto rows = every_five_seconds(8);
  rows[0].p95_ms = SeedRow::kMissing;
  rows[1].epoch_sec = SeedRow::kMissing;
  rows[2].p50_ms = SeedRow::kMissing;  // not needed
  EXPECT_EQ(seed_window(rows, 0, std::nullopt).size(), 6u);
}

TEST(SeedSummary, DividesByTheConfiguredTriggerAndAveragesPercentiles) {
  const std::vector<SeedRow> rows = {row(1, 10, 50, 100), row(2, 15, 100, 300),
                                     row(3, 20, 150, 200)};
  const SeedSummary s = seed_summary(rows, 5);
  EXPECT_EQ(s.batches, 3);
  EXPECT_DOUBLE_EQ(s.throughput_mean, 20);
  EXPECT_DOUBLE_EQ(s.throughput_p95, 29);  // 10, 20, 30 at place 1.9
  EXPECT_DOUBLE_EQ(s.p95_ms, 200);
  EXPECT_DOUBLE_EQ(s.p95_max_ms, 300);
  EXPECT_DOUBLE_EQ(s.mean_ms, 100);
}

TEST(SeedSummary, SkipsMissingValuesAndIsMissingWithoutAny) {
  std::vector<SeedRow> rows = {row(1, 10, 50, 100), row(2, 15, 100, 300)};
  rows[0].p99_ms = rows[0].mean_ms = rows[1].mean_ms = SeedRow::kMissing;
  EXPECT_DOUBLE_EQ(seed_summary(rows, 5).p99_ms, 330);
  EXPECT_TRUE(std::isnan(seed_summary(rows, 5).mean_ms));
  EXPECT_TRUE(std::isnan(seed_summary({}, 5).throughput_mean));
}

TEST(SeedRecovery, IsTheFirstRowAfterTheLargestGap) {
  const std::vector<SeedRow> rows = {row(4, 130, 9, 40), row(1, 100, 9, 10), row(2, 105, 9, 20),
                                     row(3, 125, 9, 30), row(5, 150, 9, 50)};
  const auto r = seed_recovery(rows);
  ASSERT_TRUE(r);
  EXPECT_EQ(r->gap_s, 20);
  EXPECT_EQ(r->row.batch_id, 3);  // the first of two equal gaps
  EXPECT_FALSE(seed_recovery(std::vector<SeedRow>{row(1, 1, 1, 1)}).has_value());
}

}  // namespace
}  // namespace weir::stats
