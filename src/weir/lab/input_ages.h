// When the events of an input topic were due, kept until somebody has passed their offsets; and the
// lines of batches.csv made from that. Pure bookkeeping, no clock. Not thread safe.
#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/stats/histogram.h"

namespace weir::lab {

class InputAges {
 public:
  // Offsets of a partition ascend. Neighbours due within one millisecond are kept together.
  void add(int32_t partition, int64_t offset, Nanos due);
  // The offset behind the last one added; 0 when there is none.
  int64_t read_up_to(int32_t partition) const;
  // Drops what lies below `next` and calls f(due, count) for it. An offset is passed once.
  void pass(int32_t partition, int64_t next, const std::function<void(Nanos, int64_t)>& f);

 private:
  struct Run {
    int64_t first, count;
    Nanos due;  // of the first
  };
  struct Lane {
    std::deque<Run> waiting;
    int64_t read = 0;
  };
  std::map<int32_t, Lane> lanes_;
};

// What was seen of one batch.
struct SeenBatch {
  int64_t batch = -1;
  Nanos planned, committed;
  Histogram latency;  // committed - due, us
};

// batches.csv (docs/formats/batches.md) with the columns that are known from outside. `origin_csv`:
// the folder of the origin's own files, or empty.
std::string batches_csv(const std::vector<SeenBatch>& batches, Nanos trigger,
                        const std::string& origin_csv);

}  // namespace weir::lab
