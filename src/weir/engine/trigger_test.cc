#include "weir/engine/trigger.h"

#include <gtest/gtest.h>

namespace weir::engine {
namespace {

TEST(Trigger, LiesOnTheEpochsGrid) {
  const Nanos second = nanos_from_seconds(1);
  EXPECT_EQ(next_trigger(nanos_from_millis(1'700'000'000'250), second),
            nanos_from_millis(1'700'000'001'000));
  EXPECT_EQ(next_trigger(nanos_from_millis(1'700'000'001'000), second),
            nanos_from_millis(1'700'000'002'000));
  EXPECT_EQ(next_trigger(nanos_from_millis(1'700'000'000'999), nanos_from_millis(200)),
            nanos_from_millis(1'700'000'001'000));
}

TEST(Trigger, AfterAnOverrunReturnsToTheGrid) {
  const Nanos five = nanos_from_seconds(5);
  // Fired at 10 s, ran until 17 s: the next (due at 15 s) fires at 17 s, and its successor at 20 s.
  EXPECT_EQ(next_trigger(nanos_from_seconds(10), five), nanos_from_seconds(15));
  EXPECT_EQ(next_trigger(nanos_from_seconds(17), five), nanos_from_seconds(20));
}

TEST(Trigger, OfZeroIsAtOnce) { EXPECT_EQ(next_trigger(Nanos(12'345), Nanos(0)), Nanos(12'345)); }

}  // namespace
}  // namespace weir::engine
