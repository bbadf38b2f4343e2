// What of a batch stands in the output already, as readers see it.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/checkpoint/format.h"
#include "weir/engine/connections.h"
#include "weir/event/result.h"
#include "weir/stats/histogram.h"

namespace weir::engine {

using checkpoint::Positions;

struct OutputQuestion {
  std::string topic, query;
  int64_t batch = 0;
  Positions from;            // where the output before the batch ended, per output partition
  int64_t from_attempt = 0;  // whose fences lie before `from`
  Positions fences;          // partition -> offset of the asker's own fence: reading ends there
  int64_t attempt = 0;       // the asker's
  Nanos reference;           // what OutputAnswer::ages count from
};

struct OutputAnswer {
  std::optional<Receipt> receipt;      // metrics
  int64_t receipt_ms = 0;              // its record's timestamp
  std::map<int32_t, int64_t> results;  // forward: output partition -> results there
  int64_t result_count = 0, foreign = 0;
  int64_t latest_ms = 0;    // the latest result's timestamp
  Histogram latency, ages;  // of results: record timestamp and reference - due, us
  // The highest attempt of this query that fenced a partition before the asker, without being older
  // than it: two engines raised the number at the same moment.
  int64_t rival = 0;
};

// Reads the output between `from` and the fences by the readers' rule. Waits for a lost broker
// until `stop` says so (kInterrupted).
Result<OutputAnswer> look_for(const Connections& connections, const OutputQuestion& question,
                              const std::function<bool()>& stop);

}  // namespace weir::engine
