#include "weir/load/outstanding.h"

#include <algorithm>

#include "weir/base/check.h"

namespace weir::load {

void Outstanding::add(PartitionId partition, uint64_t first, uint64_t count, Nanos first_due,
                      Nanos last_due) {
  blocks_[size_t(partition.value)].push_back({first, count, count, first_due, last_due});
}

std::deque<Outstanding::Block>::iterator Outstanding::holding(std::deque<Block>& blocks,
                                                              uint64_t sequence) {
  auto behind = std::upper_bound(blocks.begin(), blocks.end(), sequence,
                                 [](uint64_t s, const Block& block) { return s < block.first; });
  WEIR_CHECK(behind != blocks.begin());
  return --behind;
}

}  // namespace weir::load
