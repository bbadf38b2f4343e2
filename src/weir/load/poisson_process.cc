#include "weir/load/poisson_process.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "weir/base/check.h"
#include "weir/load/random_stream.h"

namespace weir::load {
namespace {

constexpr double kLeafEvents = 256;  // at most, in the mean
constexpr int kBits = 62;            // of the whole: 146 years
constexpr uint64_t kCountedBits = 512;
constexpr double kNanosPerMilli = 1e12;  // nanoseconds in a second, thousandths in an event

// ln k!, by Stirling's series where it is exact to 1e-10.
long double log_factorial(long double k) {
  constexpr long double kHalfLogTwoPi = 0.918938533204672741780329736405617639861L;
  if (k < 10) {
    long double product = 1;
    for (long double i = 2; i <= k; ++i) product *= i;
    return std::log(product);
  }
  const long double inverse = 1 / (k + 1), square = inverse * inverse;
  const long double tail = inverse * (1.0L / 12 - square * (1.0L / 360 - square / 1260));
  return (k + 0.5L) * std::log(k + 1) - (k + 1) + kHalfLogTwoPi + tail;
}

uint64_t count_bits(uint64_t n, RandomStream& stream) {
  uint64_t ones = 0;
  for (; n >= 64; n -= 64) ones += uint64_t(std::popcount(stream.next()));
  if (n > 0) ones += uint64_t(std::popcount(stream.next() >> (64 - n)));
  return ones;
}

}  // namespace

uint64_t draw_half(uint64_t n, RandomStream& stream) {
  if (n <= kCountedBits) return count_bits(n, stream);
  const double count = double(n), deviation = std::sqrt(count) / 2;
  const double b = 1.15 + 2.53 * deviation, a = -0.0873 + 0.0248 * b + 0.005;
  const double squeeze = 0.92 - 4.2 / b, alpha = (2.83 + 5.1 / b) * deviation;
  const long double mode = std::floor((count + 1) / 2);
  const long double peak = log_factorial(mode) + log_factorial(count - mode);
  while (true) {
    const double u = stream.unit() - 0.5, v = stream.unit(), us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + count / 2 + 0.5);
    if (k < 0 || k > count) continue;
    if (us >= 0.07 && v <= squeeze) return uint64_t(k);
    if (std::log(v * alpha / (a / (us * us) + b)) <=
        peak - log_factorial(k) - log_factorial(count - k))
      return uint64_t(k);
  }
}

uint64_t draw_poisson(double mean, RandomStream& stream) {
  WEIR_CHECK_LE(10.0, mean);
  const double b = 0.931 + 2.53 * std::sqrt(mean), a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4), squeeze = 0.9277 - 3.6224 / (b - 2);
  while (true) {
    const double u = stream.unit() - 0.5, v = stream.unit(), us = 0.5 - std::abs(u);
    const double k = std::floor((2 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= squeeze) return uint64_t(k);
    if (k < 0 || (us < 0.013 && v > us)) continue;
    const long double log_mean = std::log(static_cast<long double>(mean));
    if (std::log(v * inverse_alpha / (a / (us * us) + b)) <= k * log_mean - mean - log_factorial(k))
      return uint64_t(k);
  }
}

PoissonProcess::PoissonProcess(int64_t millirate, uint64_t seed) : seed_(seed) {
  WEIR_CHECK_LT(0, millirate);
  WEIR_CHECK_LE(millirate, int64_t(kNanosPerMilli));
  const double per_nano = double(millirate) / kNanosPerMilli;
  leaf_bits_ = int(std::floor(std::log2(kLeafEvents / per_nano)));
  before_.push_back(0);
  for (int number = 0; leaf_bits_ + number <= kBits; ++number) {
    RandomStream stream(seed_, uint64_t(number));
    const double mean = std::ldexp(per_nano, bits_of(size_t(number)));
    before_.push_back(before_.back() + draw_poisson(mean, stream));
  }
}

int PoissonProcess::bits_of(size_t number) const { return leaf_bits_ + int(number) - (number > 0); }

PoissonProcess::Span PoissonProcess::span_number(size_t number) const {
  const int bits = bits_of(number);
  return {number == 0 ? 0 : int64_t{1} << bits, bits, before_[number],
          before_[number + 1] - before_[number]};
}

// Spans of one beginning differ in their bits, which are fewer than beginnings lie apart.
uint64_t PoissonProcess::left_count(const Span& span) const {
  RandomStream stream(~seed_, uint64_t(span.begin) + uint64_t(span.bits));
  return draw_half(span.count, stream);
}

void PoissonProcess::fill(const Span& span, Leaf& leaf) const {
  RandomStream stream(~seed_, uint64_t(span.begin) + uint64_t(kBits) + 1);
  leaf.first = span.before;
  leaf.at.resize(span.count);
  for (int64_t& at : leaf.at) at = span.begin + int64_t(stream.next() >> (64 - span.bits));
  std::sort(leaf.at.begin(), leaf.at.end());
}

void PoissonProcess::find_leaf(uint64_t index, Leaf& leaf) const {
  if (index >= before_.back()) {
    leaf.first = index;
    leaf.at.assign(1, int64_t{1} << kBits);
    return;
  }
  const auto behind = std::upper_bound(before_.begin(), before_.end() - 1, index);
  Span span = span_number(size_t(behind - before_.begin()) - 1);
  while (span.bits > leaf_bits_) {
    const uint64_t left = left_count(span);
    --span.bits;
    if (index < span.before + left) {
      span.count = left;
    } else {
      span.begin += int64_t{1} << span.bits;
      span.before += left;
      span.count -= left;
    }
  }
  fill(span, leaf);
}

int64_t PoissonProcess::at(uint64_t index) const {
  Leaf leaf;
  find_leaf(index, leaf);
  return leaf.at[index - leaf.first];
}

uint64_t PoissonProcess::count_until(int64_t elapsed) const {
  if (elapsed < 0) return 0;
  if (elapsed >= int64_t{1} << kBits) return before_.back();
  const int width = std::bit_width(uint64_t(elapsed));
  Span span = span_number(width <= leaf_bits_ ? 0 : size_t(width - leaf_bits_));
  while (span.bits > leaf_bits_) {
    const uint64_t left = left_count(span);
    --span.bits;
    if (elapsed < span.begin + (int64_t{1} << span.bits)) {
      span.count = left;
    } else {
      span.begin += int64_t{1} << span.bits;
      span.before += left;
      span.count -= left;
    }
  }
  Leaf leaf;
  fill(span, leaf);
  return span.before +
         uint64_t(std::upper_bound(leaf.at.begin(), leaf.at.end(), elapsed) - leaf.at.begin());
}

}  // namespace weir::load
