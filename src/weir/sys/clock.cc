#include "weir/sys/clock.h"

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <ctime>

namespace weir {
namespace {
Nanos read_clock(clockid_t id) {
  timespec t{};
  clock_gettime(id, &t);
  return Nanos(int64_t(t.tv_sec) * 1'000'000'000 + t.tv_nsec);
}
}  // namespace

Nanos suspended_time() { return read_clock(CLOCK_BOOTTIME) - read_clock(CLOCK_MONOTONIC); }

Nanos thread_cpu_time() { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

Anchor Anchor::take() { return {read_clock(CLOCK_REALTIME), read_clock(CLOCK_MONOTONIC)}; }

std::optional<Anchor> Anchor::parse(std::string_view text) {
  const char* end = text.data() + text.size();
  int64_t real = 0, mono = 0;
  auto first = std::from_chars(text.data(), end, real);
  if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ':') return std::nullopt;
  auto second = std::from_chars(first.ptr + 1, end, mono);
  if (second.ec != std::errc{} || second.ptr != end) return std::nullopt;
  return Anchor{Nanos(real), Nanos(mono)};
}

std::string Anchor::text() const {
  return std::to_string(realtime.value) + ":" + std::to_string(monotonic.value);
}

SystemClock SystemClock::from_environment() {
  if (const char* text = std::getenv("WEIR_ANCHOR"))
    if (auto anchor = Anchor::parse(text)) return SystemClock(*anchor);
  return SystemClock(Anchor::take());
}

Nanos SystemClock::now() const {
  return anchor_.realtime + (read_clock(CLOCK_MONOTONIC) - anchor_.monotonic);
}

void SystemClock::sleep_until(Nanos instant) {
  const Nanos target = anchor_.monotonic + (instant - anchor_.realtime);
  if (target.value <= 0) return;
  timespec t{time_t(target.value / 1'000'000'000), long(target.value % 1'000'000'000)};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr) == EINTR) {
  }
}

Nanos FakeClock::now() const {
  std::lock_guard lock(mutex_);
  return now_;
}
void FakeClock::sleep_until(Nanos instant) {
  std::lock_guard lock(mutex_);
  now_ = std::max(now_, instant);
}
void FakeClock::advance(Nanos span) {
  std::lock_guard lock(mutex_);
  now_ += span;
}

}  // namespace weir
