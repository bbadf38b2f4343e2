// When each event of a load is due: a constant rate, fixed before the load starts.
//
// Event i is due at start + floor(i x 10^12 / rate in millievents per second) nanoseconds, computed
// in whole numbers, so that no rounding adds up however long the load lasts. Immutable; any thread.
#pragma once
#include <cstdint>

#include "weir/base/types.h"

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

  Nanos start() const { return start_; }
  double rate_eps() const { return double(millirate_) / 1000; }
  Nanos due(uint64_t index) const;
  // How many events (0 .. n-1) are due at or before `instant`.
  uint64_t due_count(Nanos instant) const;

  // Goes through the dues of a share without a division per event.
  class Walk {
   public:
    Walk(const Schedule& schedule, Share share, uint64_t k);
    uint64_t index() const { return index_; }
    Nanos due() const { return due_; }
    void advance() {
      index_ += stride_;
      due_ += Nanos(step_);
      remainder_ += step_remainder_;
      if (remainder_ >= millirate_) {
        remainder_ -= millirate_;
        due_ += Nanos(1);
      }
    }

   private:
    uint64_t index_, stride_;
    Nanos due_;
    int64_t millirate_, remainder_, step_, step_remainder_;
  };

 private:
  Nanos start_;
  int64_t millirate_;
};

}  // namespace weir::load
