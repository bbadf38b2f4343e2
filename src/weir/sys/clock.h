// The run's one clock: instants are anchor.realtime + (CLOCK_MONOTONIC - anchor.monotonic), so that
// a step of the wall clock cannot touch a latency. `weir run` takes one anchor and hands it to each
// of its processes in the environment variable WEIR_ANCHOR ("realtime_ns:monotonic_ns").
#pragma once
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "weir/base/types.h"

namespace weir {

struct Anchor {
  Nanos realtime, monotonic;
  static Anchor take();  // CLOCK_REALTIME and CLOCK_MONOTONIC, now
  static std::optional<Anchor> parse(std::string_view text);
  std::string text() const;
};

// How long this machine has been suspended since it was started: the clock above stands still then,
// and what was measured across it tells nothing.
Nanos suspended_time();

// How long the calling thread has had a core.
Nanos thread_cpu_time();

class Clock {
 public:
  virtual ~Clock() = default;
  // Now, as nanoseconds since the epoch on the anchored clock.
  virtual Nanos now() const = 0;
  // Returns at `instant` or a little later; at once when it is past.
  virtual void sleep_until(Nanos instant) = 0;
};

class SystemClock final : public Clock {
 public:
  explicit SystemClock(Anchor anchor) : anchor_(anchor) {}
  // With the anchor of WEIR_ANCHOR if that is set and valid, else a new one.
  static SystemClock from_environment();
  Nanos now() const override;
  void sleep_until(Nanos instant) override;
  const Anchor& anchor() const { return anchor_; }

 private:
  Anchor anchor_;
};

// An instant for tests to begin at.
constexpr Nanos kFakeStart(1'700'000'000'000'000'000);

// Time that moves only when told; sleep_until advances it. Thread safe.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(Nanos start = kFakeStart) : now_(start) {}
  Nanos now() const override;
  void sleep_until(Nanos instant) override;
  void advance(Nanos span);

 private:
  mutable std::mutex mutex_;
  Nanos now_;  // guarded by mutex_
};

}  // namespace weir
