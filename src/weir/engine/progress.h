// What people and programs see of a running query: a line from time to time, and JSON per batch.
#pragma once
#include <cstdint>
#include <string>

#include "weir/base/types.h"
#include "weir/engine/engine.h"

namespace weir::engine {

// One JSON object in the shape of Spark's StreamingQueryProgress as far as it maps: durations in
// ms, latestOffset = planned to started, walCommit = offsets/N, addBatch = started to acknowledged,
// commitOffsets = commits/N. `run_id` is new per process.
std::string progress_json(const BatchReport& report, const std::string& topic,
                          const std::string& output_topic, const std::string& run_id,
                          Nanos previous_start);

// Sums batches up into one line per interval.
class ProgressLine {
 public:
  explicit ProgressLine(Nanos interval) : interval_(interval) {}
  // The line when `interval` has passed since the last one, else empty.
  std::string add(const BatchReport& report);

 private:
  Nanos interval_, since_;
  int64_t events_ = 0, batches_ = 0;
};

}  // namespace weir::engine
