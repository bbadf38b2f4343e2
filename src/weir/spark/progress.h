// Progress records of a streaming query: what Spark says after each trigger, in both of its shapes.
//
// Over Connect, offsets are texts holding JSON and metrics stand as {"values": [...], "schema":
// ...}; in the classic form (listeners, event logs, the driver's log) both are plain objects.
// docs/formats/spark-progress.md draws them. No clock, no network; values from outside are checked.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "weir/base/result.h"
#include "weir/checkpoint/format.h"

namespace weir::spark {

using Positions = checkpoint::Positions;

// The aggregates that weir's queries observe (stream_plan.h).
struct ObservedBatch {
  struct Lane {
    int64_t count = 0, sum = 0, exclusive_or = 0;
    bool operator==(const Lane&) const = default;
  };
  int64_t rows = 0, malformed = 0;
  int64_t reference_ms = 0;   // the instant that ages count from, on Spark's clock
  double age_mean_ms = 0;     // reference - created_ts
  std::vector<int64_t> ages;  // counts between age_bounds(); empty with forward
  std::vector<Lane> lanes;    // by partition % lanes; empty with forward
};

struct Progress {
  std::string query, run;  // id and runId
  int64_t batch = -1;
  int64_t timestamp_ms = 0;  // the trigger's start, on Spark's clock
  // False for a trigger that found nothing to do: then batch is the next one's number.
  bool executed = false;
  // Spent on each part, ms; triggerExecution is the whole.
  struct Durations {
    int64_t trigger_execution = 0, latest_offset = 0, wal_commit = 0, get_batch = 0,
            query_planning = 0, add_batch = 0, commit_offsets = 0;
  } took_ms;
  int64_t rows = 0;
  Positions start, end, latest;  // of the first source; start is empty in a query's first batch
  std::optional<ObservedBatch> observed;

  // When the batch's output was complete, and when its commit was written.
  int64_t done_ms() const {
    return timestamp_ms + took_ms.trigger_execution - took_ms.commit_offsets;
  }
  int64_t committed_ms() const { return timestamp_ms + took_ms.trigger_execution; }
};

// kCorrupt when the text is no progress record.
Result<Progress> parse_progress(std::string_view json);

// Milliseconds since the epoch of "2026-11-22T19:04:21.824Z"; empty when it is no such text.
std::optional<int64_t> parse_timestamp(std::string_view text);

// Spark gives the same records again with each answer.
class ProgressFilter {
 public:
  // True when this record was not seen before.
  bool is_new(const Progress& progress) {
    return seen_.emplace(progress.run, progress.batch, progress.timestamp_ms).second;
  }

 private:
  std::set<std::tuple<std::string, int64_t, int64_t>> seen_;
};

}  // namespace weir::spark
