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

Schedule::Schedule(Nanos start, double rate_eps, const Arrivals& arrivals, Nanos length,
                   uint64_t seed)
    : Schedule(start, rate_eps) {
  if (arrivals.kind == Arrivals::Kind::kPoisson)
    poisson_ = std::make_shared<const PoissonProcess>(millirate_, seed);
  else if (arrivals.kind != Arrivals::Kind::kConstant)
    warp_ = std::make_shared<const TimeWarp>(arrivals, length);
}

int64_t Schedule::even_due(uint64_t index) const {
  return int64_t(Wide(index) * kNanosTimesMilli / millirate_);
}

// floor(i x N / r) <= d  <=>  i <= ((d + 1) x r - 1) / N
uint64_t Schedule::even_count(int64_t elapsed) const {
  return uint64_t(((Wide(elapsed) + 1) * millirate_ - 1) / kNanosTimesMilli) + 1;
}

Nanos Schedule::due(uint64_t index) const {
  if (poisson_) return start_ + Nanos(poisson_->at(index));
  const int64_t even = even_due(index);
  return start_ + Nanos(warp_ ? warp_->real_time(even) : even);
}

uint64_t Schedule::due_count(Nanos instant) const {
  if (instant < start_) return 0;
  const int64_t elapsed = (instant - start_).value;
  if (poisson_) return poisson_->count_until(elapsed);
  // real_time(u) <= t  <=>  u <= load_time(t)
  return even_count(warp_ ? warp_->load_time(elapsed) : elapsed);
}

Schedule::Walk::Walk(const Schedule& schedule, Share share, uint64_t k)
    : index_(share.index(k)), stride_(share.stride), millirate_(schedule.millirate_) {
  const Wide at = Wide(index_) * kNanosTimesMilli;
  due_ = schedule.start_ + Nanos(int64_t(at / millirate_));
  remainder_ = int64_t(at % millirate_);
  const Wide step = Wide(stride_) * kNanosTimesMilli;
  step_ = int64_t(step / millirate_);
  step_remainder_ = int64_t(step % millirate_);
  if (!schedule.warp_ && !schedule.poisson_) return;
  schedule_ = &schedule;
  look_up();
}

void Schedule::Walk::look_up() {
  if (!schedule_->poisson_) {
    due_ = schedule_->due(index_);
    return;
  }
  if (index_ - leaf_.first >= leaf_.at.size()) schedule_->poisson_->find_leaf(index_, leaf_);
  due_ = schedule_->start_ + Nanos(leaf_.at[index_ - leaf_.first]);
}

}  // namespace weir::load
