// Random numbers that follow from a seed and a position, so that any process can draw those of any
// event without drawing the ones before it.
//
// SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014;
// here with the finaliser's constants of its 64-bit variant 13. Not thread safe; copies are alike.
#pragma once
#include <cstdint>

namespace weir::load {

class RandomStream {
 public:
  RandomStream(uint64_t seed, uint64_t position)
      : state_(mix(seed + kGolden) ^ mix(position * kGolden + 1)) {}

  uint64_t next() { return mix(state_ += kGolden); }
  // Uniform in [0, 1), in steps of 2^-53.
  double unit() { return double(next() >> 11) * 0x1p-53; }

 private:
  static constexpr uint64_t kGolden = 0x9E3779B97F4A7C15;
  static constexpr uint64_t mix(uint64_t x) {
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
    x = (x ^ x >> 27) * 0x94D049BB133111EB;
    return x ^ x >> 31;
  }
  uint64_t state_;
};

}  // namespace weir::load
