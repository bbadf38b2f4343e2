#include "weir/engine/added_work.h"

#include <gtest/gtest.h>

namespace weir::engine {
namespace {

// Sleeps `slack` longer than asked, as an operating system does.
class SlackClock final : public Clock {
 public:
  explicit SlackClock(Nanos slack) : slack_(slack) {}
  Nanos now() const override { return now_; }
  void sleep_until(Nanos instant) override {
    if (instant <= now_) return;
    now_ = instant + slack_;
    ++sleeps;
  }
  int sleeps = 0;

 private:
  Nanos now_{1'000'000'000};
  const Nanos slack_;
};

TEST(AddedWorkTest, WaitsForEveryEventWhateverASleepTakesTooLong) {
  SlackClock clock(nanos_from_micros(60));
  AddedWork work(0, 50, clock);
  const Nanos begin = clock.now();
  for (int i = 0; i < 1'000; ++i) work.pay(3);
  EXPECT_NEAR((clock.now() - begin).seconds(), 0.15, 0.0003);
  EXPECT_EQ(clock.sleeps, 1'000);
}

TEST(AddedWorkTest, OwesNothingWhereASleepTookLongerThanTheWork) {
  SlackClock clock(nanos_from_micros(60));
  AddedWork work(0, 1, clock);
  const Nanos begin = clock.now();
  for (int i = 0; i < 1'000; ++i) work.pay(1);
  EXPECT_NEAR((clock.now() - begin).seconds(), 0.001, 0.0001);
  EXPECT_LT(clock.sleeps, 30);
}

TEST(AddedWorkTest, DoesNotMakeUpForALongStandstill) {
  SlackClock clock(nanos_from_seconds(1));
  AddedWork work(0, 1'000, clock);
  work.pay(1);
  for (int i = 0; i < 5; ++i) work.pay(1);
  EXPECT_EQ(clock.sleeps, 1);
  work.pay(1);
  EXPECT_EQ(clock.sleeps, 2);
}

TEST(AddedWorkTest, UsesAsMuchCpuAsItIsTold) {
  FakeClock clock;
  int64_t ticks = 0;  // each reading is 2 us of CPU later
  AddedWork work(0.5, 0, clock, [&] { return nanos_from_micros(2 * ticks++); });
  for (int i = 0; i < 100; ++i) work.pay(100);
  // 5 ms of work; the first reading of each payment costs 2 us that are not counted.
  EXPECT_NEAR(double(2 * ticks - 2 * 100), 5'000, 4);
}

TEST(AddedWorkTest, ReadsTheThreadsOwnCpuClock) {
  FakeClock clock;
  AddedWork work(10, 0, clock);
  const Nanos begin = AddedWork::thread_cpu_time();
  work.pay(1'000);
  EXPECT_GE((AddedWork::thread_cpu_time() - begin).micros(), 10'000);
}

TEST(AddedWorkTest, SaysHowManyEventsFitIntoATime) {
  FakeClock clock;
  EXPECT_EQ(AddedWork(0, 0, clock).events_within(nanos_from_millis(5)), SIZE_MAX);
  EXPECT_EQ(AddedWork(20, 30, clock).events_within(nanos_from_millis(5)), 100u);
  EXPECT_EQ(AddedWork(0, 1'000'000, clock).events_within(nanos_from_millis(5)), 1u);
}

}  // namespace
}  // namespace weir::engine
