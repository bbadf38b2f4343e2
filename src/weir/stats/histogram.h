// A log-linear histogram of latencies in microseconds, three significant decimal digits, as
// HdrHistogram lays it out (sub-bucket count 2048): 1 us to 24 h, every count kept, mergeable.
//
// Memory and the cost of clear(), merge() and for_each() follow the octaves (powers of two) in use,
// 8 KB each: recording allocates only when a value falls outside the octaves seen so far, at most
// 28 times. Values above the range count as overflow (and still move min and max); negative values
// are counted apart and are not in total(). Percentiles of several histograms are never averaged:
// merge() first. Not thread safe.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/result.h"

namespace weir {

class Histogram {
 public:
  static constexpr int64_t kHighestMicros = 24LL * 3600 * 1'000'000;
  static constexpr int kSignificantDigits = 3;

  Histogram();

  // `count` is not negative; with 0 nothing happens.
  void record(int64_t micros, int64_t count = 1);
  void merge(const Histogram& other);
  void clear();

  int64_t total() const { return total_; }  // values in 0..range, without overflow
  int64_t negatives() const { return negatives_; }
  int64_t overflow() const { return overflow_; }
  int64_t min() const;                  // 0 when empty; exact
  int64_t max() const { return max_; }  // 0 when empty; exact
  double mean() const;                  // of bucket mid-points, without overflow; 0 when empty

  // The highest value equivalent to the smallest recorded value that at least `quantile` (0..1) of
  // all values, overflow included, are at or below; capped by max(). 0 when empty.
  int64_t quantile(double quantile) const;

  // Values above `micros` (those of the same bucket are not above).
  int64_t count_above(int64_t micros) const;

  // Calls f(low, high, count) for each non-empty bucket, ascending: values low..high inclusive.
  template <class F>
  void for_each(F&& f) const {
    for (size_t i = first_; i <= last_ && i - base_ < counts_.size(); ++i)
      if (counts_[i - base_] != 0) f(lowest_of(i), highest_of(i), counts_[i - base_]);
  }

  // HdrHistogram's V2 encoding (cookie 0x1c849303 | 0x10), compressed (cookie 0x1c849304 | 0x10,
  // zlib), as its Java class encodeIntoCompressedByteBuffer writes it; and that in base64. They
  // carry the counts alone: after decoding, negatives and overflow are 0, min and max bounds of
  // buckets. `level` is zlib's: its default, or 9 as HdrHistogram's log writer chooses.
  std::string encode_compressed(int level = -1) const;
  std::string encode_base64(int level = -1) const;
  // Decodes either; kCorrupt when the bytes are not such a histogram of this range and precision.
  static Result<Histogram> decode_compressed(std::string_view bytes);
  static Result<Histogram> decode_base64(std::string_view text);

  // Puts back what the encoding leaves out, known from elsewhere (receipt, log line). `min` and
  // `max` are taken only where they lie in the lowest and highest bucket, or above the range with
  // overflow.
  void restore(int64_t min, int64_t max, int64_t overflow, int64_t negatives);

 private:
  static size_t index_of(int64_t micros);
  static int64_t lowest_of(size_t index);
  static int64_t highest_of(size_t index);
  void widen(size_t first, size_t last);  // makes counts_ cover these indexes
  void add_at(size_t index, int64_t count);
  std::string encode_payload() const;
  static Result<Histogram> decode_payload(std::string_view payload);

  std::vector<int64_t> counts_;         // counts_[i] belongs to index base_ + i
  size_t base_ = 0;                     // a multiple of an octave's buckets
  size_t first_ = SIZE_MAX, last_ = 0;  // range of indexes in use
  int64_t total_ = 0, negatives_ = 0, overflow_ = 0, max_ = 0, min_ = INT64_MAX;
};

}  // namespace weir
