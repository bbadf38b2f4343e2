#include "weir/engine/progress.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace weir::engine {
namespace {
// UTC with milliseconds, as Spark prints it.
std::string utc(Nanos instant) {
  const time_t seconds = time_t(instant.second());
  tm parts{};
  gmtime_r(&seconds, &parts);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", parts, instant.millis() % 1000);
}

double per_second(int64_t events, Nanos span) {
  return span.value > 0 ? double(events) / span.seconds() : 0;
}

// Separates thousands.
std::string grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (int at = int(digits.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3)
    digits.insert(size_t(at), ",");
  return digits;
}
}  // namespace

std::string progress_json(const BatchReport& report, const std::string& topic,
                          const std::string& output_topic, const std::string& run_id,
                          Nanos previous_start) {
  const BatchRow& row = report.row;
  const double input =
      previous_start.value > 0 ? per_second(row.events, row.planned - previous_start) : 0;
  const double processed = per_second(row.events, row.committed - row.planned);
  const auto offsets = [&](const Positions& p) {
    return p.empty() ? std::string("null") : checkpoint::positions_json(topic, p);
  };
  const std::string rates = fmt::format(
      "\"numInputRows\":{},\"inputRowsPerSecond\":{:.3f},\"processedRowsPerSecond\":{:.3f}",
      row.events, input, processed);
  return fmt::format(
      "{{\"id\":\"{}\",\"runId\":\"{}\",\"name\":null,\"timestamp\":\"{}\",\"batchId\":{},{},"
      "\"durationMs\":{{\"addBatch\":{},\"commitOffsets\":{},\"getBatch\":0,\"latestOffset\":{},"
      "\"queryPlanning\":0,\"triggerExecution\":{},\"walCommit\":{}}},\"stateOperators\":[],"
      "\"sources\":[{{\"description\":\"KafkaV2[Subscribe[{}]]\",\"startOffset\":{},\"endOffset\":{"
      "},"
      "\"latestOffset\":{},{}}}],\"sink\":{{\"description\":\"weir[{}]\",\"numOutputRows\":-1}}}}",
      row.query, run_id, utc(row.planned), row.batch, rates, (row.acked - row.started).millis(),
      row.commit_cost.millis(), (row.started - row.planned).millis(),
      (row.committed - row.planned).millis(), row.offsets_cost.millis(), topic,
      offsets(report.starts), offsets(report.ends), offsets(report.latest), rates, output_topic);
}

std::string ProgressLine::add(const BatchReport& report) {
  const BatchRow& row = report.row;
  if (since_.value == 0) since_ = row.planned;
  events_ += row.events;
  ++batches_;
  const Nanos span = row.committed - since_;
  if (span < interval_) return {};
  const std::string line =
      fmt::format("batch {}: {} events/s in {} batches, latest p99 {:.0f} ms, backlog {}",
                  row.batch, grouped(int64_t(per_second(events_, span))), batches_, row.latency.p99,
                  row.backlog_after < 0 ? "unknown" : grouped(row.backlog_after));
  since_ = row.committed;
  events_ = batches_ = 0;
  return line;
}

}  // namespace weir::engine
