#include "weir/spark/stream_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace weir::spark {
namespace {

constexpr int kBuckets = 60, kEvenBuckets = 45;
constexpr int64_t kDayMs = 24LL * 3600 * 1000;
constexpr int32_t kChecksumLanesMax = 16;

// The record's value as the field r of an object that weir closes itself: if something follows the
// event, or it ends too early, weir_end is not there. Spark alone would ignore what follows.
constexpr const char* kParsed =
    "from_json(concat('{\"r\":', CAST(value AS STRING), ',\"weir_end\":1}'), "
    "'r STRUCT<event_id: STRING, created_ts: BIGINT, user_id: INT, event_type: STRING, "
    "value: DOUBLE>, weir_end INT') AS e";

// Spark takes numbers and objects as the text of event_id, an event needs a string. What looks like
// a UUID is one; only other texts are worth searching for the quote behind the name.
constexpr const char* kIsEvent =
    "(e.weir_end = 1 AND e.r.event_id IS NOT NULL AND "
    "(e.r.event_id LIKE '________-____-____-____-____________' OR "
    "coalesce(v RLIKE '\"event_id\"[ \\\\t\\\\r\\\\n]*:[ \\\\t\\\\r\\\\n]*\"', false)))";

Options with_prefix(const Options& kafka) {
  Options options;
  for (const auto& [key, value] : kafka) options["kafka." + key] = value;
  return options;
}

StreamPlan common_plan(const QueryOptions& options) {
  StreamPlan plan;
  plan.source = with_prefix(options.kafka);
  plan.source["subscribe"] = options.topic;
  plan.source["startingOffsets"] = "earliest";
  plan.parsed = {kParsed, "CAST(value AS STRING) AS v", "partition"};
  plan.trigger = options.trigger;
  plan.name = options.name;
  plan.sink["checkpointLocation"] = options.checkpoint;
  return plan;
}

}  // namespace

std::vector<int64_t> age_bounds(Nanos trigger) {
  const double step = std::max(double(trigger.millis()), 200.0) * 1.5 / kEvenBuckets;
  std::vector<int64_t> bounds;
  for (int i = 0; i <= kEvenBuckets; ++i) bounds.push_back(std::llround(step * i));
  const double factor =
      std::pow(double(kDayMs) / double(bounds.back()), 1.0 / (kBuckets - kEvenBuckets));
  for (double bound = double(bounds.back()); bounds.size() <= kBuckets;)
    bounds.push_back(std::max<int64_t>(std::llround(bound *= factor), bounds.back() + 1));
  return bounds;
}

int32_t checksum_lanes(int32_t partitions) { return std::clamp(partitions, 1, kChecksumLanesMax); }

StreamPlan metrics_plan(const QueryOptions& options) {
  StreamPlan plan = common_plan(options);
  plan.columns = {fmt::format("{} AS ok", kIsEvent),
                  fmt::format("partition % {} AS lane", checksum_lanes(options.partitions)),
                  "xxhash64(e.r.event_id) AS h", "unix_millis(current_timestamp()) AS reference",
                  "unix_millis(current_timestamp()) - coalesce(e.r.created_ts, 0L) AS age"};
  plan.metrics = {"count(1) AS rows", "count_if(NOT coalesce(ok, false)) AS malformed",
                  "max(reference) AS reference_ms", "avg(if(ok, age, null)) AS age_mean"};
  const auto bounds = age_bounds(options.trigger);
  for (size_t i = 0; i + 1 < bounds.size(); ++i) {
    std::string condition = "ok";
    if (i > 0) condition += fmt::format(" AND age >= {}L", bounds[i]);
    if (i + 2 < bounds.size()) condition += fmt::format(" AND age < {}L", bounds[i + 1]);
    plan.metrics.push_back(fmt::format("count_if({}) AS b{}", condition, i));
  }
  for (int32_t lane = 0; lane < checksum_lanes(options.partitions); ++lane) {
    const std::string here = fmt::format("ok AND lane = {}", lane);
    plan.metrics.push_back(fmt::format("count_if({}) AS n{}", here, lane));
    plan.metrics.push_back(fmt::format("sum(if({}, h & 4294967295L, 0L)) AS s{}", here, lane));
    plan.metrics.push_back(fmt::format("bit_xor(if({}, h, 0L)) AS x{}", here, lane));
  }
  plan.format = "noop";
  return plan;
}

StreamPlan forward_plan(const QueryOptions& options) {
  StreamPlan plan = common_plan(options);
  plan.columns = {"e.r AS r", fmt::format("coalesce({}, false) AS ok", kIsEvent),
                  "unix_millis(current_timestamp()) AS reference", "partition"};
  plan.metrics = {"count(1) AS rows", "count_if(NOT ok) AS malformed",
                  "max(reference) AS reference_ms",
                  "avg(if(ok, reference - r.created_ts, null)) AS age_mean"};
  plan.kept = "ok";
  const auto header = [](const char* key, const std::string& text) {
    return fmt::format("struct('{}' AS key, CAST({} AS BINARY) AS value)", key, text);
  };
  plan.written = {
      "r.event_id AS key",
      "to_json(struct(r.event_id, r.created_ts, r.user_id, r.event_type, r.value)) AS value",
      "partition",
      fmt::format("array({}, {}, {}, {}) AS headers", header("weir-kind", "'event'"),
                  header("weir-query", fmt::format("'{}'", options.query_id)),
                  header("weir-batch", "CAST(reference AS STRING)"),
                  header("weir-attempt", fmt::format("'{}'", options.attempt)))};
  plan.format = "kafka";
  plan.sink.merge(with_prefix(options.kafka));
  plan.sink["topic"] = options.output_topic;
  return plan;
}

}  // namespace weir::spark
