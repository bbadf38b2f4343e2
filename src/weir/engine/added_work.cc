#include "weir/engine/added_work.h"

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <utility>

namespace weir::engine {
namespace {
// Between two readings of the CPU clock: about a microsecond of arithmetic.
constexpr int kRoundsPerReading = 500;
// A single overshoot, of a thread that was not scheduled, is not made up for by more than this.
constexpr double kCreditMaxNs = 5e6;
}  // namespace

AddedWork::AddedWork(double cpu_us, double wait_us, Clock& clock, std::function<Nanos()> cpu)
    : cpu_ns_(cpu_us * 1e3), wait_ns_(wait_us * 1e3), clock_(clock), cpu_(std::move(cpu)) {}

size_t AddedWork::events_within(Nanos span) const {
  const double each = cpu_ns_ + wait_ns_;
  if (each <= 0) return SIZE_MAX;
  return size_t(std::clamp(double(span.value) / each, 1.0, 1e9));
}

void AddedWork::pay(size_t events) {
  if (cpu_ns_ > 0) {
    cpu_owed_ns_ += double(events) * cpu_ns_;
    if (cpu_owed_ns_ > 0) {
      const Nanos begin = cpu_();
      double used = 0;
      volatile uint64_t state = 1;  // so that the rounds are not optimised away
      while (used < cpu_owed_ns_) {
        for (int round = 0; round < kRoundsPerReading; ++round)
          state = state * 6364136223846793005u + 1442695040888963407u;
        used = double((cpu_() - begin).value);
      }
      cpu_owed_ns_ = std::max(cpu_owed_ns_ - used, -kCreditMaxNs);
    }
  }
  if (wait_ns_ > 0) {
    wait_owed_ns_ += double(events) * wait_ns_;
    if (wait_owed_ns_ > 0) {
      const Nanos begin = clock_.now();
      clock_.sleep_until(begin + Nanos(int64_t(wait_owed_ns_)));
      wait_owed_ns_ = std::max(wait_owed_ns_ - double((clock_.now() - begin).value), -kCreditMaxNs);
    }
  }
}

Nanos AddedWork::thread_cpu_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return Nanos(int64_t(now.tv_sec) * 1'000'000'000 + now.tv_nsec);
}

}  // namespace weir::engine
