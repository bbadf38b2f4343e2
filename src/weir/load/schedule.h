// When each event of a load is due, fixed before the load starts and the same in every process.
//
// Spread evenly, event i is due at start + floor(i x 10^12 / rate in millievents per second)
// nanoseconds, computed in whole numbers, so that no rounding adds up however long the load lasts.
// A ramp, steps or bursts bend that time (time_warp.h); a Poisson load follows from its seed
// (poisson_process.h). Immutable; any thread.
#pragma once
#include <cstdint>
#include <memory>

#include "weir/base/types.h"
#include "weir/load/arrivals.h"
#include "weir/load/poisson_process.h"
#include "weir/load/time_warp.h"

namespace weir::load {

// The part of a load that one generator sends: events first, first + stride, first + 2 stride, ...
struct Share {
  uint64_t first = 0, stride = 1;
  uint64_t index(uint64_t k) const { return first + k * stride; }
  // How many of the load's first `events` events are in this share.
  uint64_t count_below(uint64_t events) const {
    return events <= first ? 0 : (events - first - 1) / stride + 1;
  }
};

class Schedule {
 public:
  // `rate_eps` is above 0 and counts to a thousandth of an event per second.
  Schedule(Nanos start, double rate_eps);
  // The same rate in the mean over `length`, which only a ramp or steps ask for; the seed matters
  // to a Poisson load.
  Schedule(Nanos start, double rate_eps, const Arrivals& arrivals, Nanos length, uint64_t seed);

  Nanos start() const { return start_; }
  double rate_eps() const { return double(millirate_) / 1000; }  // in the mean
  Nanos due(uint64_t index) const;
  // How many events (0 .. n-1) are due at or before `instant`.
  uint64_t due_count(Nanos instant) const;

  // Goes through the dues of a share; evenly spread ones without a division per event. The schedule
  // outlives it.
  class Walk {
   public:
    Walk(const Schedule& schedule, Share share, uint64_t k);
    uint64_t index() const { return index_; }
    Nanos due() const { return due_; }
    void advance() {
      index_ += stride_;
      if (schedule_ != nullptr) [[unlikely]]
        return look_up();
      due_ += Nanos(step_);
      remainder_ += step_remainder_;
      if (remainder_ >= millirate_) {
        remainder_ -= millirate_;
        due_ += Nanos(1);
      }
    }

   private:
    void look_up();

    const Schedule* schedule_ = nullptr;  // where dues are not evenly spread
    uint64_t index_, stride_;
    Nanos due_;
    int64_t millirate_, remainder_, step_, step_remainder_;
    PoissonProcess::Leaf leaf_;  // that holds index_
  };

 private:
  // Of an even load, nanoseconds from the start.
  int64_t even_due(uint64_t index) const;
  uint64_t even_count(int64_t elapsed) const;

  Nanos start_;
  int64_t millirate_;
  std::shared_ptr<const TimeWarp> warp_;           // these are shared between copies;
  std::shared_ptr<const PoissonProcess> poisson_;  // at most one is set
};

}  // namespace weir::load
