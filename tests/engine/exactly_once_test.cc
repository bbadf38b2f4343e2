#include <csignal>
#include <random>

#include "tests/engine/pipeline_fixture.h"

namespace weir::e2e {
namespace {

constexpr int kRate = 20'000;

class ExactlyOnce : public Pipeline, public ::testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    workload_ = GetParam();
    Pipeline::SetUp();
  }
  void drain_and_audit() {
    Child engine = start_engine();
    EXPECT_TRUE(wait_until([&] { return drained(); }));
    EXPECT_EQ(engine.stop(nanos_from_seconds(5)), 0);
    expect_exactly_once();
  }
};

TEST_P(ExactlyOnce, AfterTenKillsAtRandomMoments) {
  std::random_device device;
  const uint32_t seed = device();
  RecordProperty("seed", int(seed));
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random{seed};
  Load load(brokers_, folder_ + "/ledger-5.bin", kRate);
  for (int kill = 0; kill < 10; ++kill) {
    Child engine = start_engine();
    // A moment within the start, or up to a few batches after it.
    if (kill % 3 != 0) {
      const int64_t batch = newest_batch() + 1;
      ASSERT_TRUE(wait_until([&] { return newest_batch() > batch || engine.poll(); }));
    }
    const auto moment =
        std::chrono::steady_clock::now() + std::chrono::microseconds(random() % 300'000);
    ASSERT_TRUE(wait_until([&] { return std::chrono::steady_clock::now() >= moment; }));
    engine.signal(SIGKILL);
    ASSERT_EQ(engine.wait(nanos_from_seconds(10)), 128 + SIGKILL);
  }
  load.stop();
  drain_and_audit();
}

TEST_P(ExactlyOnce, AfterAKillAtEachMomentOfABatch) {
  Load load(brokers_, folder_ + "/ledger-5.bin", kRate);
  for (const char* moment : {"before:offsets", "after:offsets", "before:sent", "during:sent",
                             "after:sent", "before:acked", "after:acked", "before:output",
                             "after:output", "before:commits", "after:commits"}) {
    if (workload_ == "metrics" && std::string(moment) == "during:sent") continue;
    SCOPED_TRACE(moment);
    // Once in the first batch of a start, which may be a replay, and once some batches later.
    for (const int64_t later : {0, 2}) {
      const int64_t batch = newest_batch() + 1 + later;
      const std::string when = std::string(moment) + (later ? ":" + std::to_string(batch) : "");
      Child engine = start_engine({{"WEIR_CRASH_AT", when}});
      const auto status = engine.wait(nanos_from_seconds(20));
      ASSERT_EQ(status, 128 + SIGKILL) << when;
    }
  }
  load.stop();
  drain_and_audit();
}

TEST_P(ExactlyOnce, WhenAZombieWakesBesideItsReplacement) {
  Load load(brokers_, folder_ + "/ledger-5.bin", kRate);
  for (int round = 0; round < 3; ++round) {
    Child zombie = start_engine();
    const int64_t before = newest_batch();
    ASSERT_TRUE(wait_until([&] { return newest_batch() > before + 2; }));
    const int64_t attempt = newest_attempt();
    zombie.signal(SIGSTOP);
    Child replacement = start_engine();
    ASSERT_TRUE(wait_until([&] { return newest_attempt() > attempt; }));
    const int64_t stopped_at = newest_batch();
    ASSERT_TRUE(wait_until([&] { return newest_batch() > stopped_at + 1; }));
    zombie.signal(SIGCONT);
    EXPECT_EQ(zombie.wait(nanos_from_seconds(20)), 1);  // fenced
    const int64_t woken_at = newest_batch();
    EXPECT_TRUE(wait_until([&] { return newest_batch() > woken_at + 1; }));
    EXPECT_EQ(replacement.stop(nanos_from_seconds(5)), 0);
  }
  load.stop();
  drain_and_audit();
}

TEST_P(ExactlyOnce, WhenTheBrokerIsKilledUnderIt) {
  Load load(brokers_, folder_ + "/ledger-5.bin", kRate);
  Child engine = start_engine();
  for (int round = 0; round < 3; ++round) {
    const int64_t before = newest_batch();
    ASSERT_TRUE(wait_until([&] { return newest_batch() > before + 2; }));
    kill_broker();
    start_broker();
  }
  const int64_t before = newest_batch();
  EXPECT_TRUE(wait_until([&] { return newest_batch() > before + 2; }));
  load.stop();
  EXPECT_TRUE(wait_until([&] { return drained(); }));
  EXPECT_FALSE(engine.poll()) << "the engine must outlive its broker";
  EXPECT_EQ(engine.stop(nanos_from_seconds(10)), 0);
  expect_exactly_once();
}

INSTANTIATE_TEST_SUITE_P(Workloads, ExactlyOnce, ::testing::Values("metrics", "forward"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace weir::e2e
