// Which handed-over events await their outcome, and when they were due: a block per turn and
// partition, so that an outcome of thousands of events costs one look-up.
//
// A block's events are due in one second; between its first and last the due times are interpolated
// (a block spans one turn, about a millisecond). Home thread: the generator's.
#pragma once
#include <cstdint>
#include <deque>
#include <vector>

#include "weir/base/types.h"

namespace weir::load {

class Outstanding {
 public:
  struct Block {
    uint64_t first = 0, count = 0, unsettled = 0;
    Nanos first_due, last_due;
    Nanos due(uint64_t sequence) const {
      if (count < 2) return first_due;
      const int64_t span = (last_due - first_due).value;
      return first_due + Nanos(span * int64_t(sequence - first) / int64_t(count - 1));
    }
  };

  explicit Outstanding(int32_t partitions) : blocks_(size_t(partitions)) {}

  // Sequences first .. first+count-1 of this partition follow those added before.
  void add(PartitionId partition, uint64_t first, uint64_t count, Nanos first_due, Nanos last_due);

  // Calls f(block, first, count) for the parts of this run that lie in each block, and settles
  // them.
  template <class F>
  void settle(PartitionId partition, uint64_t first, uint64_t count, F&& f) {
    auto& blocks = blocks_[size_t(partition.value)];
    for (auto block = holding(blocks, first); count > 0 && block != blocks.end(); ++block) {
      const uint64_t n = std::min(count, block->first + block->count - first);
      f(*block, first, n);
      block->unsettled -= n;
      first += n;
      count -= n;
    }
    while (!blocks.empty() && blocks.front().unsettled == 0) blocks.pop_front();
  }

 private:
  static std::deque<Block>::iterator holding(std::deque<Block>& blocks, uint64_t sequence);
  std::vector<std::deque<Block>> blocks_;
};

}  // namespace weir::load
