#include "weir/sys/clock.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Anchor, TextReadsBack) {
  const Anchor anchor{Nanos(1'700'000'000'123'456'789), Nanos(42)};
  auto again = Anchor::parse(anchor.text());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->realtime, anchor.realtime);
  EXPECT_EQ(again->monotonic, anchor.monotonic);
  EXPECT_FALSE(Anchor::parse("12"));
  EXPECT_FALSE(Anchor::parse("12:x"));
  EXPECT_FALSE(Anchor::parse(""));
}

TEST(SystemClock, TwoOfOneAnchorAgreeAndNeverGoBack) {
  const Anchor anchor = Anchor::take();
  SystemClock a(anchor), b(anchor);
  const Nanos first = a.now(), second = b.now();
  EXPECT_LE(first, second);
  a.sleep_until(second + nanos_from_millis(2));
  EXPECT_GE(b.now(), second + nanos_from_millis(2));
}

TEST(FakeClock, MovesOnlyWhenTold) {
  FakeClock clock(Nanos(100));
  EXPECT_EQ(clock.now(), Nanos(100));
  clock.sleep_until(Nanos(50));
  EXPECT_EQ(clock.now(), Nanos(100));
  clock.advance(Nanos(7));
  EXPECT_EQ(clock.now(), Nanos(107));
}

}  // namespace
}  // namespace weir
