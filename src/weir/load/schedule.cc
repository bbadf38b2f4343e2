#include "weir/load/schedule.h"

#include <cmath>

#include "weir/base/check.h"

namespace weir::load {
namespace {
using Wide = __int128;
constexpr int64_t kNanosTimesMilli = 1'000'000'000'000;
}  // namespace

Schedule::Schedule(Nanos start, double rate_eps)
    : start_(start), millirate_(std::llround(rate_eps * 1000)) {
  WEIR_CHECK_LT(0, millirate_);
}

Nanos Schedule::due(uint64_t index) const {
  return start_ + Nanos(int64_t(Wide(index) * kNanosTimesMilli / millirate_));
}

uint64_t Schedule::due_count(Nanos instant) const {
  if (instant < start_) return 0;
  // floor(i x N / r) <= d  <=>  i <= ((d + 1) x r - 1) / N
  const Wide elapsed = (instant - start_).value;
  return uint64_t(((elapsed + 1) * millirate_ - 1) / kNanosTimesMilli) + 1;
}

Schedule::Walk::Walk(const Schedule& schedule, Share share, uint64_t k)
    : index_(share.index(k)), stride_(share.stride), millirate_(schedule.millirate_) {
  const Wide at = Wide(index_) * kNanosTimesMilli;
  due_ = schedule.start_ + Nanos(int64_t(at / millirate_));
  remainder_ = int64_t(at % millirate_);
  const Wide step = Wide(stride_) * kNanosTimesMilli;
  step_ = int64_t(step / millirate_);
  step_remainder_ = int64_t(step % millirate_);
}

}  // namespace weir::load
