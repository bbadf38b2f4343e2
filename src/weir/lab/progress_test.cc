#include "weir/lab/progress.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace weir::lab {
namespace {

constexpr Nanos kStart = nanos_from_seconds(1000);

ProgressMeter::Load load(Nanos trigger = nanos_from_millis(200)) {
  return {"1k", "", 1000, kStart, kStart + nanos_from_seconds(6), trigger};
}
Nanos at(double seconds) { return kStart + nanos_from_seconds(seconds); }

TEST(ProgressMeter, TellsTheRateOfTheLastSecondNotOfTheWholeStep) {
  ProgressMeter meter(load());
  for (int i = 1; i <= 8; ++i) (void)meter.read(at(i * 0.25), false, uint64_t(i) * 250, {});
  EXPECT_NEAR(meter.read(at(2.25), false, 2000, {}).processed_eps, 750, 1);
  EXPECT_NEAR(meter.read(at(3.25), false, 2000, {}).processed_eps, 0, 1);
}

TEST(ProgressMeter, LooksOverTwoTriggersWhereTheseAreLonger) {
  ProgressMeter meter(load(nanos_from_seconds(2)));
  uint64_t seen = 0;
  for (int i = 1; i <= 20; ++i) {
    if (i % 8 == 0) seen += 2000;  // a batch every two seconds
    const double rate = meter.read(at(i * 0.25), false, seen, {}).processed_eps;
    if (i >= 16) {
      EXPECT_NEAR(rate, 1000, 260) << i;
    }
  }
}

TEST(ProgressMeter, OffersNothingWhileDraining) {
  ProgressMeter meter(load());
  const Progress progress = meter.read(at(7), true, 5500, {});
  EXPECT_EQ(progress.offered_eps, 0);
  EXPECT_LT(progress.left_s, 0);
  EXPECT_EQ(progress.offered, 6000u);
  EXPECT_DOUBLE_EQ(progress.backlog, 500);
  EXPECT_EQ(progress.phase, "draining");
}

TEST(ProgressMeter, KeepsTheLatencyOfTheLastSecondWithResults) {
  ProgressMeter meter(load());
  Histogram slow;
  slow.record(20'000, 100);
  EXPECT_FALSE(meter.read(at(0.5), false, 100, slow).p99_ms);
  EXPECT_NEAR(*meter.read(at(1.0), false, 100, {}).p99_ms, 20, 0.1);
  EXPECT_NEAR(*meter.read(at(2.5), false, 100, {}).p99_ms, 20, 0.1);
}

TEST(ProgressMeter, FollowsTheGeneratorsRecordAsItIsWritten) {
  const auto path = std::filesystem::path(testing::TempDir()) / "weir-progress-offered.csv";
  std::filesystem::remove(path);
  auto spec = load();
  spec.offered_csv = path;
  ProgressMeter meter(spec);
  EXPECT_FALSE(meter.read(at(0.25), false, 0, {}).send_lag_p99_ms);  // not there yet
  std::ofstream out(path);
  out << "second,scheduled,handed_over,refused,late,acked,failed,unknown,send_lag_p50_ms,"
         "send_lag_p99_ms,send_lag_max_ms,ack_p50_ms,ack_p99_ms\n"
      << "1000,1000,998,0,2,998,0,0,0.050,0.210,1.5" << std::flush;
  EXPECT_EQ(meter.read(at(1), false, 0, {}).late, 0u);  // a line without its end
  out << "00,2.1,4.5\n1001,1000,990,7,3,990,0,0,,,,,\n" << std::flush;
  const Progress progress = meter.read(at(2), false, 0, {});
  EXPECT_EQ(progress.late, 5u);
  EXPECT_EQ(progress.refused, 7u);
  EXPECT_DOUBLE_EQ(*progress.send_lag_p99_ms, 0.21);
  EXPECT_DOUBLE_EQ(*progress.send_lag_max_ms, 1.5);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace weir::lab
