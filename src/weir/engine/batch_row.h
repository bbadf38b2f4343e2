// One batch as a line of batches.csv. docs/formats/batches.md names every column.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/base/types.h"
#include "weir/stats/histogram.h"

namespace weir::engine {

struct BatchRow {
  // A mean and three percentiles, ms.
  struct Latency {
    double mean = 0, p50 = 0, p95 = 0, p99 = 0;
  };

  int64_t batch = 0;
  int64_t events = 0;  // records read, malformed ones included
  Latency latency;     // acknowledged - due
  Latency seed;        // by the origin's formula: batch start in whole seconds - due
  int64_t attempt = 0;
  int64_t trigger_ms = 0;
  Nanos planned;    // the trigger fired
  Nanos started;    // the ends were known and reading began
  Nanos read_done;  // the last event was read and parsed
  Nanos acked;      // the last output record was acknowledged
  Nanos committed;  // commits/N was there; 0: not yet
  int64_t malformed = 0, foreign = 0;
  int64_t backlog_after = -1;  // end of the topic - committed, just after the commit; -1: not asked
  Nanos offsets_cost, output_cost, record_cost, commit_cost;  // spent on each of them
  std::string query;                                          // the checkpoint's id

  static const char* header();  // without newline
  std::string text() const;     // without newline
  static std::optional<BatchRow> parse(std::string_view line);
};

// The row's latencies from the ages that count from `reference`, for events that all became visible
// at `row.acked`; `visible` holds latencies of results that were visible before. Percentiles of the
// origin's formula are within 1 ms of it, because ages count in us from the due time.
void fill_latencies(BatchRow& row, const Histogram& ages, Nanos reference,
                    const Histogram& visible);

}  // namespace weir::engine
