#include "weir/load/time_warp.h"

#include <algorithm>
#include <cmath>

#include "weir/base/check.h"

namespace weir::load {
namespace {
using Wide = __int128;

// floor(a x b / c) and its ceiling; the result fits.
int64_t scaled(int64_t a, int64_t b, int64_t c) { return int64_t(Wide(a) * b / c); }
int64_t scaled_up(int64_t a, int64_t b, int64_t c) { return int64_t((Wide(a) * b + c - 1) / c); }
}  // namespace

TimeWarp::TimeWarp(const Arrivals& arrivals, Nanos length) : length_(length.value) {
  WEIR_CHECK_LT(0, length_);
  WEIR_CHECK_LE(length, Arrivals::kLengthMax);
  using Kind = Arrivals::Kind;
  if (arrivals.kind == Kind::kRamp) {
    from_ = arrivals.weights[0];
    to_ = arrivals.weights[1];
  } else if (arrivals.kind == Kind::kSteps) {
    const int64_t steps = int64_t(arrivals.weights.size());
    std::vector<int64_t> widths;
    for (int64_t i = 0; i < steps; ++i)
      widths.push_back(scaled(length_, i + 1, steps) - scaled(length_, i, steps));
    add_pieces(widths, arrivals.weights);
  } else {
    WEIR_CHECK(arrivals.kind == Kind::kBurst);
    constexpr int64_t kRest = 1000;  // weights are thousandths
    length_ = arrivals.period.value;
    repeats_ = true;
    add_pieces({arrivals.burst.value, (arrivals.period - arrivals.burst).value},
               {arrivals.weights[0], kRest});
  }
}

void TimeWarp::add_pieces(const std::vector<int64_t>& widths, const std::vector<int64_t>& weights) {
  Wide all = 0;
  for (size_t i = 0; i < widths.size(); ++i) all += Wide(widths[i]) * weights[i];
  Edge edge{0, 0};
  edges_.push_back(edge);
  Wide weighed = 0;
  for (size_t i = 0; i < widths.size(); ++i) {
    edge.real += widths[i];
    weighed += Wide(widths[i]) * weights[i];
    edge.load = int64_t(weighed * length_ / all);  // below 10^37: it fits
    edges_.push_back(edge);
  }
}

int64_t TimeWarp::load_time(int64_t t) const {
  if (t <= 0) return 0;
  if (repeats_) return t / length_ * length_ + piecewise_load(t % length_);
  if (t >= length_) return t;
  // What is due at the end of the form is never due before it, also where its last piece is empty.
  return edges_.empty() ? ramp_load(t) : std::min(piecewise_load(t), length_ - 1);
}

int64_t TimeWarp::real_time(int64_t u) const {
  if (u <= 0) return 0;
  if (repeats_) return u / length_ * length_ + piecewise_real(u % length_);
  if (u >= length_) return u;
  return edges_.empty() ? ramp_real(u) : piecewise_real(u);
}

int64_t TimeWarp::piecewise_load(int64_t t) const {
  const auto after = std::upper_bound(edges_.begin() + 1, edges_.end() - 1, t,
                                      [](int64_t at, const Edge& edge) { return at < edge.real; });
  const Edge& end = *after;
  const Edge& begin = *(after - 1);
  if (end.real == begin.real) return begin.load;
  return begin.load + scaled(t - begin.real, end.load - begin.load, end.real - begin.real);
}

// A piece without load is passed over: what is due at its load time was due before it.
int64_t TimeWarp::piecewise_real(int64_t u) const {
  if (u == 0) return 0;
  const auto end = std::lower_bound(edges_.begin(), edges_.end(), u,
                                    [](const Edge& edge, int64_t at) { return edge.load < at; });
  const Edge& begin = *(end - 1);
  return begin.real + scaled_up(u - begin.load, end->real - begin.real, end->load - begin.load);
}

// w(t) = 2 (from + (to - from) t / L) / (from + to), whose integral is
// (2 from t L + (to - from) t^2) / (L (from + to)).
int64_t TimeWarp::ramp_load(int64_t t) const {
  const Wide above = 2 * Wide(from_) * t * length_ + Wide(to_ - from_) * t * t;
  return int64_t(above / (Wide(length_) * (from_ + to_)));
}

// The root of that integral, found in floating point and then put right in whole numbers.
int64_t TimeWarp::ramp_real(int64_t u) const {
  const long double from = from_, to = to_, length = length_, share = u / length;
  const long double root = std::sqrt(from * from + (to * to - from * from) * share);
  const long double guess = length * (from + to) * share / (from + root);
  int64_t high = std::clamp<int64_t>(int64_t(guess), 1, length_), step = 1;
  while (high < length_ && ramp_load(high) < u) high = std::min(length_, high + step), step *= 2;
  int64_t low = high - 1;  // becomes the last moment before it
  for (step = 1; low > 0 && ramp_load(low) >= u; step *= 2) {
    high = low;
    low = std::max<int64_t>(0, low - step);
  }
  while (high - low > 1) {
    const int64_t middle = low + (high - low) / 2;
    (ramp_load(middle) >= u ? high : low) = middle;
  }
  return high;
}

}  // namespace weir::load
