// A Poisson process that can be asked about any moment or any event in O(log) time and stores none
// of its events: every process that has rate and seed sees the same one.
//
// Time is cut into spans that double: [0, w), [w, 2w), [2w, 4w) ... The number of events in each is
// drawn as Poisson(rate x span). Given its number, the left half of a span holds a Binomial(n, 1/2)
// part of it, and so on down to leaves of width w with some 200 events, which lie there uniformly.
// That is exactly a Poisson process (its restriction to disjoint spans is independent, and given
// the number in a span the events are uniform: Kingman, Poisson Processes, 1993, 2.4). Each draw
// takes its random numbers from the seed and its span alone. Immutable; any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weir::load {

class PoissonProcess {
 public:
  // `millirate`: a thousandth of events per second; above 0 and at most 10^12.
  PoissonProcess(int64_t millirate, uint64_t seed);

  // Nanoseconds from the start to event `index` (from 0), ascending; never above 146 years.
  int64_t at(uint64_t index) const;
  // Events in [0, elapsed].
  uint64_t count_until(int64_t elapsed) const;

  // Neighbouring events: those from number `first` on, in order.
  struct Leaf {
    uint64_t first = 0;
    std::vector<int64_t> at;
  };
  // Fills `leaf` with the one that holds event `index`.
  void find_leaf(uint64_t index, Leaf& leaf) const;

 private:
  // A span of time of 2^bits ns with its events; `before` of them come before it.
  struct Span {
    int64_t begin;
    int bits;
    uint64_t before, count;
  };
  int bits_of(size_t number) const;  // of the doubling spans
  Span span_number(size_t number) const;
  uint64_t left_count(const Span& span) const;
  void fill(const Span& span, Leaf& leaf) const;

  uint64_t seed_;
  int leaf_bits_;
  std::vector<uint64_t> before_;  // events before each doubling span, and at last all of them
};

// Exact draws, exposed for their tests. `stream` gives next() and unit(). Small n by counting
// random bits, large n and the Poisson numbers (mean at least 10) by transformed rejection with
// squeeze: W. Hoermann, "The generation of binomial random variates", J. Stat. Comput. Simul. 46
// (1993), and "The transformed rejection method for generating Poisson random variables",
// Insurance: Math. and Econ. 12 (1993).
class RandomStream;
uint64_t draw_half(uint64_t n, RandomStream& stream);  // Binomial(n, 1/2)
uint64_t draw_poisson(double mean, RandomStream& stream);

}  // namespace weir::load
