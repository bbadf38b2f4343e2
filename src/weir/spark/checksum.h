// The checksums that Spark computes over the ids of a batch, computed again by weir.
#pragma once
#include <cstdint>
#include <string_view>

#include "weir/spark/progress.h"

namespace weir::spark {

// Spark SQL's xxhash64() of one string: XXH64 with seed 42
// (https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md).
int64_t xxhash64(std::string_view text, uint64_t seed = 42);

// One more id in a lane, as the query of stream_plan.h counts it.
void add_id(ObservedBatch::Lane& lane, std::string_view event_id);

}  // namespace weir::spark
