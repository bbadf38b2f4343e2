#include "weir/stats/sizing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "weir/stats/interval.h"

namespace weir::stats {
namespace {

TEST(Sizing, DrainsAnOutageWithTheHeadroomLeft) {
  // 10 s at 300 ev/s leave 3,000 events; a capacity of 400 ev/s gains 100 a second on them.
  EXPECT_DOUBLE_EQ(*drain_seconds(10, 300, 400), 30);
  EXPECT_EQ(drain_seconds(10, 400, 400), std::nullopt);
  EXPECT_DOUBLE_EQ(headroom(300, 400), 0.25);
}

TEST(Sizing, KnowsTheQuantileOfAPauseInClosedForm) {
  // With a trigger stopped + trigger / 2 - (1 - q) window, without (1 - utilisation) of that share.
  EXPECT_NEAR(paused_latency_quantile({1.5, 20, 0.2, 0}, 0.99), 1.5 + 0.1 - 0.01 * 20, 1e-9);
  EXPECT_NEAR(paused_latency_quantile({1.5, 20, 0, 0.5}, 0.99), 1.5 - 0.5 * 0.01 * 20, 1e-9);
  // No pause: uniform on 0..trigger.
  EXPECT_NEAR(paused_latency_quantile({0, 60, 5, 0}, 0.95), 4.75, 1e-9);
  // No trigger, and a pause too short to be seen by the quantile.
  EXPECT_NEAR(paused_latency_quantile({0.1, 60, 0, 0}, 0.99), 0, 1e-9);
}

// A pipeline under a constant rate, batches on a trigger grid, stopped once for S seconds: the
// due-time p99 of every event against the closed form, within one trigger.
TEST(Sizing, AgreesWithASimulatedPauseWithinOneTrigger) {
  constexpr double kRate = 2000, kWindow = 20;
  for (const double trigger : {0.2, 1.0})
    for (const double utilisation : {0.0, 0.3, 0.5})
      for (const double stopped : {1.5, 4.0})
        for (const double phase : {0.0, 0.37, 0.9}) {
          const double stop = 8 + phase * trigger, resume = stop + stopped;
          std::vector<double> latencies;
          double taken_until = 0, now = trigger;
          while (latencies.size() < size_t(kRate * kWindow)) {
            if (now >= stop && now < resume) now = resume;
            const double from = taken_until;
            taken_until = now;
            const double end = now + (taken_until - from) * utilisation;
            for (double i = std::ceil(from * kRate); i < taken_until * kRate; ++i)
              if (i / kRate < kWindow) latencies.push_back(end - i / kRate);
            now = std::max(end, (std::floor(now / trigger + 1e-9) + 1) * trigger);
          }
          const double p99 = *quantile(latencies, 0.99);
          const double want =
              paused_latency_quantile({stopped, kWindow, trigger, utilisation}, 0.99);
          EXPECT_NEAR(p99, want, trigger)
              << "trigger " << trigger << " utilisation " << utilisation << " stopped " << stopped;
        }
}

}  // namespace
}  // namespace weir::stats
