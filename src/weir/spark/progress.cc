#include "weir/spark/progress.h"

#include <charconv>
#include <chrono>
#include <nlohmann/json.hpp>

#include "weir/base/parse_number.h"
#include "weir/spark/stream_plan.h"

namespace weir::spark {
namespace {

using Json = nlohmann::json;

constexpr size_t kBucketsMax = 1'000, kMetricLanesMax = 1'000;

const Json* find(const Json& object, const std::string& key) {
  if (!object.is_object()) return nullptr;
  const auto at = object.find(key);
  return at == object.end() || at->is_null() ? nullptr : &*at;
}

int64_t integer(const Json& object, const std::string& key) {
  const Json* value = find(object, key);
  return value && value->is_number_integer() ? value->get<int64_t>() : 0;
}

std::string text(const Json& object, const std::string& key) {
  const Json* value = find(object, key);
  return value && value->is_string() ? value->get<std::string>() : std::string();
}

// {"topic": {"0": 12}}, or that as text.
Positions positions(const Json& source, const std::string& key) {
  const Json* value = find(source, key);
  if (!value) return {};
  Json parsed;
  if (value->is_string()) {
    parsed = Json::parse(value->get_ref<const std::string&>(), nullptr, false);
    value = &parsed;
  }
  Positions found;
  if (!value->is_object() || value->size() != 1) return found;
  const Json& partitions = *value->begin();
  if (!partitions.is_object()) return found;
  for (const auto& [name, offset] : partitions.items()) {
    const auto partition = parse_number<int32_t>(name);
    if (partition && offset.is_number_integer()) found[*partition] = offset.get<int64_t>();
  }
  return found;
}

// The metrics by their names, from either shape.
Json named_metrics(const Json& observed) {
  const Json* values = find(observed, "values");
  const Json* schema = find(observed, "schema");
  if (!values || !schema || !values->is_array()) return observed;
  const Json* fields = find(*schema, "fields");
  Json named = Json::object();
  if (!fields || !fields->is_array()) return named;
  for (size_t i = 0; i < fields->size() && i < values->size(); ++i)
    named[text((*fields)[i], "name")] = (*values)[i];
  return named;
}

ObservedBatch observed_batch(const Json& metrics) {
  ObservedBatch batch;
  batch.rows = integer(metrics, "rows");
  batch.malformed = integer(metrics, "malformed");
  batch.reference_ms = integer(metrics, "reference_ms");
  if (const Json* mean = find(metrics, "age_mean"); mean && mean->is_number())
    batch.age_mean_ms = mean->get<double>();
  const auto has = [&](char kind, size_t i) {
    return metrics.is_object() && metrics.contains(kind + std::to_string(i));
  };
  for (size_t i = 0; i < kBucketsMax && has('b', i); ++i)
    batch.ages.push_back(integer(metrics, 'b' + std::to_string(i)));
  for (size_t i = 0; i < kMetricLanesMax && has('n', i); ++i) {
    const std::string lane = std::to_string(i);
    batch.lanes.push_back(
        {integer(metrics, 'n' + lane), integer(metrics, 's' + lane), integer(metrics, 'x' + lane)});
  }
  return batch;
}

}  // namespace

std::optional<int64_t> parse_timestamp(std::string_view text) {
  // 2026-11-22T19:04:21.824Z
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000Z";
  if (text.size() != kForm.size()) return std::nullopt;
  for (size_t i = 0; i < text.size(); ++i)
    if (kForm[i] == '0' ? uint8_t(text[i] - '0') > 9 : text[i] != kForm[i]) return std::nullopt;
  const auto number = [&](size_t from, size_t size) {
    int value = 0;
    std::from_chars(text.data() + from, text.data() + from + size, value);
    return value;
  };
  using namespace std::chrono;
  const year_month_day date{year(number(0, 4)), month(unsigned(number(5, 2))),
                            day(unsigned(number(8, 2)))};
  if (!date.ok()) return std::nullopt;
  const auto instant = sys_days(date) + hours(number(11, 2)) + minutes(number(14, 2)) +
                       seconds(number(17, 2)) + milliseconds(number(20, 3));
  return duration_cast<milliseconds>(instant.time_since_epoch()).count();
}

Result<Progress> parse_progress(std::string_view json) {
  const Json record = Json::parse(json, nullptr, false);
  const auto wrong = [](const char* why) {
    return fail(Code::kCorrupt, "cannot read a progress record of Spark", why);
  };
  if (!record.is_object()) return wrong("it is no JSON object");
  Progress progress;
  progress.query = text(record, "id");
  progress.run = text(record, "runId");
  const auto timestamp = parse_timestamp(text(record, "timestamp"));
  const Json* batch = find(record, "batchId");
  const Json* durations = find(record, "durationMs");
  if (progress.run.empty() || !timestamp || !batch || !batch->is_number_integer() || !durations)
    return wrong("runId, timestamp, batchId or durationMs is missing");
  progress.timestamp_ms = *timestamp;
  progress.batch = batch->get<int64_t>();
  progress.executed = find(*durations, "addBatch") != nullptr;
  auto& took = progress.took_ms;
  for (auto [key, into] : {std::pair{"triggerExecution", &took.trigger_execution},
                           {"latestOffset", &took.latest_offset},
                           {"walCommit", &took.wal_commit},
                           {"getBatch", &took.get_batch},
                           {"queryPlanning", &took.query_planning},
                           {"addBatch", &took.add_batch},
                           {"commitOffsets", &took.commit_offsets}})
    *into = integer(*durations, key);
  if (const Json* sources = find(record, "sources"); sources && sources->is_array()) {
    for (const Json& source : *sources) progress.rows += integer(source, "numInputRows");
    if (!sources->empty()) {
      progress.start = positions(sources->front(), "startOffset");
      progress.end = positions(sources->front(), "endOffset");
      progress.latest = positions(sources->front(), "latestOffset");
    }
  }
  if (const Json* observed = find(record, "observedMetrics"))
    if (const Json* ours = find(*observed, kMetricsName))
      progress.observed = observed_batch(named_metrics(*ours));
  return progress;
}

}  // namespace weir::spark
