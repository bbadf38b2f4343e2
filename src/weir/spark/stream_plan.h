// A streaming query as weir sends it to Spark: plain data, and the two queries that weir measures.
//
//   read kafka -> parsed (one projection) -> [columns] -> [observed] -> [kept] -> [written] -> sink
//
// Every column, condition and metric is SQL text that Spark's own expression parser reads. There is
// one projection per level, because Spark analyses again what lies below each. docs/spark.md shows
// both queries in full.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "weir/base/types.h"

namespace weir::spark {

using Options = std::map<std::string, std::string>;

struct StreamPlan {
  Options source;                    // of format kafka
  std::vector<std::string> parsed;   // columns made of the record
  std::vector<std::string> columns;  // columns made of those
  std::vector<std::string> metrics;  // aggregates reported with each batch's progress
  std::string kept;                  // condition of the rows that go on; empty: all
  std::vector<std::string> written;  // columns for the sink; empty: as they are
  std::string format;                // noop or kafka
  Options sink;                      // checkpointLocation included
  Nanos trigger;                     // 0: one batch after the other
  std::string name;                  // unique within the session
};

// The name under which metrics appear in a progress record.
inline constexpr const char* kMetricsName = "weir";

// Ages in ms that separate the buckets of a batch's latency histogram: 60 buckets, even ones up to
// one and a half triggers, then each wider than the one before by the same factor, up to 24 h. The
// first also takes what lies below it (negative ages), the last what lies above it.
std::vector<int64_t> age_bounds(Nanos trigger);

// How many groups of partitions have checksums of their own.
int32_t checksum_lanes(int32_t partitions);

struct QueryOptions {
  Options kafka;  // bootstrap.servers and the like, without the prefix "kafka."
  std::string topic, output_topic;
  std::string checkpoint;  // a path or URI that the driver understands
  std::string query_id;    // forward: the text of weir-query
  std::string name;
  int64_t attempt = 1;     // forward: the text of weir-attempt
  int32_t partitions = 1;  // metrics: of the topic
  Nanos trigger;
};

// Observes each batch and writes nothing: rows, malformed rows, mean age and its histogram, and per
// lane the count, the sum and the exclusive or of xxhash64(event_id).
StreamPlan metrics_plan(const QueryOptions& options);

// Parses, projects and writes one record per event to the partition with the input's number.
StreamPlan forward_plan(const QueryOptions& options);

}  // namespace weir::spark
