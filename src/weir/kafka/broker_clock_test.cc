#include "weir/kafka/broker_clock.h"

#include <gtest/gtest.h>

#include <cmath>

#include "weir/kafka/mock_cluster_test.h"

namespace weir::kafka {
namespace {

Nanos at_ms(double ms) { return Nanos(int64_t(ms * 1e6)); }

// Cristian's example turned round: whatever the broker's clock is off by, the answer holds it.
TEST(BrokerClock, HoldsTheTruthWhereverTheStampWasMade) {
  for (const double off_ms : {0.0, 0.4, -3.7, 125'000.0})
    for (const double way_ms : {0.05, 1.0, 7.9})  // from handing over to the stamp
      for (const double back_ms : {0.05, 4.0}) {
        const double sent = 5000.3, stamped = sent + way_ms + off_ms;
        const ClockOffset found =
            clock_offset(at_ms(sent), at_ms(sent + way_ms + back_ms), int64_t(std::floor(stamped)));
        EXPECT_LE(std::abs(found.offset.value - at_ms(off_ms).value), found.bound.value)
            << off_ms << " " << way_ms << " " << back_ms;
        EXPECT_NEAR(found.bound.seconds(), (way_ms + back_ms + 1) / 2e3, 1e-6);
      }
}

TEST(BrokerClock, SaysWhenTheBrokerKeepsTheRecordsOwnTimes) {
  MockCluster cluster;
  cluster.create_topic("t", 2);
  SystemClock clock(Anchor::take());
  const auto found =
      clock_offsets({cluster.brokers(), {}, "test"}, "t", clock, nanos_from_seconds(30));
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, Code::kFailed) << to_text(found.error());
}

}  // namespace
}  // namespace weir::kafka
