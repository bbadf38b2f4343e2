#include "weir/spark/batch_files.h"

#include <fmt/format.h>

#include <algorithm>

#include "weir/spark/stream_plan.h"

namespace weir::spark {
namespace {

int64_t total(const Positions& positions) {
  int64_t sum = 0;
  for (const auto& [partition, offset] : positions) sum += offset;
  return sum;
}

// Mean and percentiles of age + shift_ms.
std::string latencies(const ObservedBatch& batch, const std::vector<int64_t>& bounds,
                      int64_t shift_ms) {
  std::string text = fmt::format("{:.3f}", batch.age_mean_ms + double(shift_ms));
  for (const double quantile : {0.5, 0.95, 0.99})
    text +=
        batch.ages.empty()
            ? ","
            : fmt::format(",{:.3f}", double(age_quantile(batch.ages, bounds, quantile) + shift_ms));
  return text;
}

}  // namespace

int64_t age_quantile(const std::vector<int64_t>& counts, const std::vector<int64_t>& bounds,
                     double quantile) {
  int64_t all = 0, below = 0;
  for (const int64_t count : counts) all += count;
  for (size_t i = 0; all > 0 && i < counts.size() && i + 1 < bounds.size(); ++i) {
    below += counts[i];
    if (double(below) >= quantile * double(all)) return bounds[i + 1];
  }
  return all > 0 ? bounds.back() : 0;
}

const char* batch_header() {
  return "batch_id,epoch_sec,batch_events,mean_latency_ms,p50_latency_ms,p95_latency_ms,"
         "p99_latency_ms,seed_mean_latency_ms,seed_p50_latency_ms,seed_p95_latency_ms,"
         "seed_p99_latency_ms,attempt,trigger_ms,planned_us,started_us,read_done_us,acked_us,"
         "committed_us,duration_ms,malformed,foreign,backlog_after,plan_us,offsets_us,output_us,"
         "record_us,commit_us,query";
}

std::string batch_row(const Progress& progress, int64_t attempt, Nanos trigger, Nanos shift) {
  const auto& took = progress.took_ms;
  const auto us = [&](int64_t spark_ms) { return (nanos_from_millis(spark_ms) + shift).micros(); };
  const ObservedBatch observed = progress.observed.value_or(ObservedBatch{});
  const auto bounds = age_bounds(trigger);
  const int64_t reference =
      observed.reference_ms > 0 ? observed.reference_ms : progress.timestamp_ms;
  const int64_t second = progress.timestamp_ms / 1000;
  const int64_t read_done = progress.done_ms();
  const std::string backlog =
      progress.latest.empty()
          ? ""
          : std::to_string(std::max<int64_t>(total(progress.latest) - total(progress.end), 0));
  return fmt::format(
      "{},{},{},{},{},{},{},{},{},{},{},{},{}.000,{},0,{},{},{},0,0,{},{}", progress.batch, second,
      progress.rows, latencies(observed, bounds, read_done - reference),
      latencies(observed, bounds, second * 1000 - reference), attempt, trigger.millis(),
      us(progress.timestamp_ms), us(progress.timestamp_ms + took.latest_offset), us(read_done),
      us(read_done), us(progress.committed_ms()), took.trigger_execution, observed.malformed,
      backlog, took.latest_offset * 1000, took.wal_commit * 1000, took.commit_offsets * 1000,
      progress.query);
}

Result<BatchFiles> BatchFiles::create(Disk& disk, const std::string& outdir, Nanos trigger) {
  BatchFiles files;
  files.trigger_ = trigger;
  files.rows_ = WEIR_TRY(disk.open(outdir + "/batches.csv"));
  files.records_ = WEIR_TRY(disk.open(outdir + "/spark-progress.jsonl"));
  WEIR_TRY(files.rows_->append(std::string(batch_header()) + "\n"));
  return files;
}

void BatchFiles::add(const std::string& json, const Progress& progress, Nanos at, int64_t attempt,
                     Nanos shift) {
  const auto append = [&](File& file, const std::string& line) {
    if (auto status = file.append(line); !status && error_.empty())
      error_ = to_text(status.error());
  };
  if (!error_.empty()) return;
  std::string record = json;
  std::replace(record.begin(), record.end(), '\n', ' ');  // the classic form is printed over lines
  append(*records_, fmt::format("{{\"time_ns\":{},\"attempt\":{},\"record\":{}}}\n", at.value,
                                attempt, record));
  if (!progress.executed || progress.batch <= newest_) return;
  newest_ = progress.batch;
  append(*rows_, batch_row(progress, attempt, trigger_, shift) + "\n");
}

}  // namespace weir::spark
