// Turns an even load into a ramp, steps or bursts: where in real time each moment of an evenly
// spread load lies. Whole nanoseconds throughout, so that every process gets the same.
//
// load_time(t) = floor of the integral of w over 0..t, where w is the form's rate relative to the
// mean; real_time(u) is the first t with load_time(t) >= u. Both are monotone, 0 at 0, and equal
// to their argument at the end of the form and, behind a ramp or steps, beyond it. Immutable.
#pragma once
#include <cstdint>
#include <vector>

#include "weir/load/arrivals.h"

namespace weir::load {

class TimeWarp {
 public:
  // Of ramp, steps or burst; `length` (above 0, at most Arrivals::kLengthMax) is that of the load.
  TimeWarp(const Arrivals& arrivals, Nanos length);

  int64_t load_time(int64_t t) const;
  int64_t real_time(int64_t u) const;

 private:
  struct Edge {
    int64_t real, load;
  };
  void add_pieces(const std::vector<int64_t>& widths, const std::vector<int64_t>& weights);
  int64_t piecewise_load(int64_t t) const;
  int64_t piecewise_real(int64_t u) const;
  int64_t ramp_load(int64_t t) const;
  int64_t ramp_real(int64_t u) const;

  int64_t length_;             // of the form: the load's, or a burst's period
  bool repeats_ = false;       // the form begins again at its end
  int64_t from_ = 0, to_ = 0;  // of a ramp: weights at its ends
  std::vector<Edge> edges_;    // of steps and burst: where the rate changes, both ends included
};

}  // namespace weir::load
