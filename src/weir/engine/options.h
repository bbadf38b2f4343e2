// What a query is: its topics, its workload, its cadence.
#pragma once
#include <functional>
#include <string>

#include "weir/base/result.h"
#include "weir/base/types.h"

namespace weir::engine {

enum class Workload {
  kMetrics,  // one receipt per batch
  kForward,  // one result per event
};
enum class OnBadEvent { kSkip, kFail };
enum class StartingOffsets { kEarliest, kLatest };

struct EngineOptions {
  std::string topic, output_topic, checkpoint;
  std::string outdir;                     // batches.csv goes there; empty: it is not written
  Nanos trigger = nanos_from_seconds(5);  // 0: back to back
  int parallelism = 2;
  double cpu_us = 0, wait_us = 0;  // added to each event: CPU used, and time waited
  Workload workload = Workload::kMetrics;
  OnBadEvent on_bad_event = OnBadEvent::kSkip;
  StartingOffsets starting_offsets = StartingOffsets::kLatest;
};

inline const char* name_of(Workload workload) {
  return workload == Workload::kMetrics ? "metrics" : "forward";
}

// The moments at which a test may end the process; `batch` is the batch under way.
enum class Point {
  kBeforeOffsets,
  kAfterOffsets,  // offsets/N
  kBeforeSent,
  kDuringSent,
  kAfterSent,
  kBeforeAcked,
  kAfterAcked,
  kBeforeOutput,
  kAfterOutput,  // weir/output/N
  kBeforeCommits,
  kAfterCommits,  // commits/N
};
// A failure it returns ends the engine there. Never called when empty.
using Hook = std::function<Status(Point point, int64_t batch)>;

// "after:sent:3" or, for any batch, "after:sent": a hook that ends the process with SIGKILL at that
// point. Names: before, during, after; offsets, sent, acked, output, commits. kUsage when it is
// none.
Result<Hook> parse_crash_hook(const std::string& text);

}  // namespace weir::engine
