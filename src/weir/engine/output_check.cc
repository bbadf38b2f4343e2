#include "weir/engine/output_check.h"

#include <algorithm>

#include "weir/engine/connections.h"
#include "weir/event/event.h"

namespace weir::engine {
namespace {
constexpr Nanos kPoll = nanos_from_millis(50);

class OutputReader {
 public:
  OutputReader(const OutputQuestion& question, kafka::Consumer& consumer)
      : question_(question), consumer_(consumer) {}

  // Reads one partition up to the fence there; false when it is not reached yet.
  Result<bool> read_some(int32_t partition, int64_t fence) {
    const auto runs = WEIR_TRY(consumer_.poll(PartitionId(partition), kPoll, kRecordsPerPoll));
    for (const auto& run : runs) {
      for (size_t i = 0; i < run.records.size(); ++i) {
        if (run.records[i].offset.value >= fence) return true;
        WEIR_TRY(take(run, i));
      }
    }
    return false;
  }

  // Seeds the readers' rule with the fence that lies before `from`.
  void start(int32_t partition) {
    filter_.accept(PartitionId(partition),
                   {OutputKind::kFence, question_.query, -1, question_.from_attempt});
  }
  OutputAnswer take_answer() { return std::move(answer_); }

 private:
  Status take(const kafka::FetchedRun& run, size_t index) {
    const auto headers = from_headers(consumer_.headers(run, index));
    if (!headers || headers->query != question_.query) return {};
    const bool accepted = filter_.accept(run.partition, *headers);
    if (headers->kind == OutputKind::kFence && headers->attempt >= question_.attempt)
      answer_.rival = std::max(answer_.rival, headers->attempt);
    if (!accepted || headers->batch != question_.batch) return {};
    const auto& record = run.records[index];
    if (headers->kind == OutputKind::kReceipt) {
      answer_.receipt =
          WEIR_TRY_IN("the receipt of an earlier attempt", receipt_from_json(record.value));
      answer_.receipt_ms = record.timestamp_ms;
      return {};
    }
    ++answer_.results[run.partition.value];
    ++answer_.result_count;
    answer_.latest_ms = std::max(answer_.latest_ms, record.timestamp_ms);
    const auto id = EventId::parse(record.key);
    if (!id || !id->is_ours()) {
      ++answer_.foreign;
      return {};
    }
    answer_.latency.record((nanos_from_millis(record.timestamp_ms) - id->due()).micros());
    answer_.ages.record((question_.reference - id->due()).micros());
    return {};
  }

  const OutputQuestion& question_;
  kafka::Consumer& consumer_;
  FenceFilter filter_;
  OutputAnswer answer_;
};
}  // namespace

Result<OutputAnswer> look_for(const Connections& connections, const OutputQuestion& question,
                              const std::function<bool()>& stop) {
  Positions from;
  for (const auto& [partition, fence] : question.fences) {
    const auto found = question.from.find(partition);
    const int64_t start = found == question.from.end() ? 0 : found->second;
    if (start < fence) from[partition] = start;
  }
  if (from.empty()) return OutputAnswer{};
  auto consumer = WEIR_TRY(connections.consumer(question.topic));
  OutputReader reader(question, *consumer);
  for (const auto& [partition, offset] : from)
    WEIR_TRY(consumer->assign(PartitionId(partition), Offset(offset)));
  for (const auto& [partition, offset] : from) {
    reader.start(partition);
    while (!WEIR_TRY(reader.read_some(partition, question.fences.at(partition))))
      if (stop()) return fail(Code::kInterrupted, "stopped while the output was being read");
  }
  return reader.take_answer();
}

}  // namespace weir::engine
