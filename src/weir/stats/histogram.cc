#include "weir/stats/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "weir/base/check.h"

namespace weir {
namespace {
constexpr int kSubBucketBits = 11;  // 2 x 10^3 values fit into 2^11
constexpr size_t kSubBuckets = size_t{1} << kSubBucketBits;
constexpr size_t kOctave = kSubBuckets / 2;  // buckets per power of two
}  // namespace

Histogram::Histogram() = default;

size_t Histogram::index_of(int64_t micros) {
  const uint64_t value = uint64_t(micros);
  const int octave = 64 - kSubBucketBits - std::countl_zero(value | (kSubBuckets - 1));
  return (size_t(octave) << (kSubBucketBits - 1)) + size_t(value >> octave);
}

int64_t Histogram::lowest_of(size_t index) {
  if (index < kSubBuckets) return int64_t(index);
  const size_t octave = index / kOctave - 1;
  return int64_t((index % kOctave + kOctave) << octave);
}

int64_t Histogram::highest_of(size_t index) {
  if (index < kSubBuckets) return int64_t(index);
  return lowest_of(index) + (int64_t{1} << (index / kOctave - 1)) - 1;
}

void Histogram::widen(size_t first, size_t last) {
  const size_t from = first / kOctave * kOctave, to = (last / kOctave + 1) * kOctave;
  if (counts_.empty()) {
    base_ = from;
    counts_.resize(to - from);
    return;
  }
  const size_t old_end = base_ + counts_.size();
  if (to > old_end) counts_.resize(to - base_);
  if (from < base_) {
    counts_.insert(counts_.begin(), base_ - from, 0);
    base_ = from;
  }
}

void Histogram::add_at(size_t index, int64_t count) {
  // Unsigned: an index below base_ is far beyond the end.
  if (index - base_ >= counts_.size()) [[unlikely]]
    widen(index, index);
  counts_[index - base_] += count;
  total_ += count;
  first_ = std::min(first_, index);
  last_ = std::max(last_, index);
}

void Histogram::record(int64_t micros, int64_t count) {
  if (count <= 0) return;
  if (micros < 0) [[unlikely]] {
    negatives_ += count;
    return;
  }
  min_ = std::min(min_, micros);
  max_ = std::max(max_, micros);
  if (micros > kHighestMicros) [[unlikely]]
    overflow_ += count;
  else
    add_at(index_of(micros), count);
}

void Histogram::merge(const Histogram& other) {
  negatives_ += other.negatives_;
  overflow_ += other.overflow_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  if (other.total_ == 0) return;
  if (first_ > other.first_ || last_ < other.last_ || counts_.empty())
    widen(std::min(first_, other.first_), std::max(last_, other.last_));
  for (size_t i = other.first_; i <= other.last_; ++i)
    counts_[i - base_] += other.counts_[i - other.base_];
  total_ += other.total_;
  first_ = std::min(first_, other.first_);
  last_ = std::max(last_, other.last_);
}

void Histogram::clear() {
  if (first_ <= last_) std::fill(&counts_[first_ - base_], &counts_[last_ - base_] + 1, 0);
  first_ = SIZE_MAX;
  last_ = 0;
  total_ = negatives_ = overflow_ = max_ = 0;
  min_ = INT64_MAX;
}

int64_t Histogram::min() const { return min_ == INT64_MAX ? 0 : min_; }

double Histogram::mean() const {
  if (total_ == 0) return 0;
  double sum = 0;
  for_each([&](int64_t low, int64_t high, int64_t count) {
    sum += double(low + (high - low + 1) / 2) * double(count);  // Java's medianEquivalentValue
  });
  return sum / double(total_);
}

int64_t Histogram::quantile(double quantile) const {
  const int64_t all = total_ + overflow_;
  if (all == 0) return 0;
  // 0.07 x 100 is 7.000000000000001: a hair less asks for the seventh value, as is meant.
  const double hair_less = std::nextafter(std::clamp(quantile, 0.0, 1.0), 0.0);
  const int64_t wanted = std::clamp<int64_t>(int64_t(std::ceil(hair_less * double(all))), 1, all);
  int64_t seen = 0;
  for (size_t i = first_; i <= last_ && total_ > 0; ++i) {
    seen += counts_[i - base_];
    if (seen >= wanted) return std::min(highest_of(i), max_);
  }
  return max_;
}

int64_t Histogram::count_above(int64_t micros) const {
  if (micros < 0) return total_ + overflow_;
  int64_t above = overflow_;
  if (micros > kHighestMicros || total_ == 0) return above;
  for (size_t i = std::max(first_, index_of(micros) + 1); i <= last_; ++i)
    above += counts_[i - base_];
  return above;
}

void Histogram::restore(int64_t min, int64_t max, int64_t overflow, int64_t negatives) {
  negatives_ = std::max<int64_t>(negatives, 0);
  overflow_ = std::max<int64_t>(overflow, 0);
  if (overflow_ > 0 && max > kHighestMicros)
    max_ = max;
  else if (total_ > 0 && max >= lowest_of(last_) && max <= highest_of(last_))
    max_ = max;
  if (total_ > 0 && min >= lowest_of(first_) && min <= highest_of(first_))
    min_ = min;
  else if (total_ == 0 && overflow_ > 0 && min > kHighestMicros)
    min_ = min;
}

}  // namespace weir
