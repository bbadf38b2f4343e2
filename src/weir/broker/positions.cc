// ListOffsets, OffsetForLeaderEpoch, DeleteRecords: offsets of a log.
#include "weir/broker/handlers.h"

namespace weir::broker {
namespace {

constexpr int64_t kLatest = -1, kEarliest = -2, kMaxTimestamp = -3;

// A client may know the leader epoch; ours is 0 for ever.
ErrorCode check_epoch(int32_t current) {
  return current > 0 ? ErrorCode::kUnknownLeaderEpoch : ErrorCode::kNone;
}

template <class Found>
void look_up(log::PartitionLog& log, int64_t timestamp, int16_t version, Found& answer) {
  if (timestamp == kLatest) {
    answer.offset = log.high_watermark().value;
  } else if (timestamp == kEarliest) {
    answer.offset = log.log_start().value;
  } else if (timestamp >= 0 || (timestamp == kMaxTimestamp && version >= 7)) {
    const auto found = timestamp >= 0 ? log.find_timestamp(timestamp) : log.max_timestamp();
    if (!found) {
      answer.error = ErrorCode::kKafkaStorageError;
      return;
    }
    answer.offset = found->offset.value;
    answer.timestamp = found->timestamp_ms;
    if (found->offset.value < 0) return;
  } else {
    answer.error = ErrorCode::kUnsupportedVersion;
    return;
  }
  answer.leader_epoch = 0;
}

// Looking a time up reads the log; the ends are known.
bool reads_log(const wire::ListOffsetsRequest& request) {
  for (const auto& topic : request.topics)
    for (const auto& partition : topic.partitions)
      if (partition.timestamp >= 0 || partition.timestamp == kMaxTimestamp) return true;
  return false;
}

// Answers every partition asked about, in its order: `found` for those that are here.
template <class Response, class Request, class Found>
Response answer_each(const Context& context, const Request& request, Found&& found) {
  Response response;
  for (const auto& asked : request.topics) {
    auto& topic_answer = response.topics.emplace_back();
    topic_answer.name = asked.name;
    const TopicRef topic = context.services.catalog.find(asked.name);
    for (const auto& partition : asked.partitions) {
      auto& answer = topic_answer.partitions.emplace_back();
      answer.partition = partition.partition;
      if (const auto* log = topic ? topic->partition(partition.partition) : nullptr)
        found(**log, partition, answer);
      else
        answer.error = ErrorCode::kUnknownTopicOrPartition;
    }
  }
  return response;
}

void list_offsets(Context& context, const wire::ListOffsetsRequest& request) {
  context.responder.send(answer_each<wire::ListOffsetsResponse>(
      context, request, [&](log::PartitionLog& log, const auto& asked, auto& answer) {
        answer.error = check_epoch(asked.current_leader_epoch);
        if (answer.error == ErrorCode::kNone)
          look_up(log, asked.timestamp, context.responder.version, answer);
      }));
}

}  // namespace

void handle(Context context, wire::ListOffsetsRequest request) {
  if (!reads_log(request)) return list_offsets(context, request);
  context.services.control.post(
      [context, request = std::move(request)]() mutable { list_offsets(context, request); });
}

void handle(Context context, const wire::OffsetForLeaderEpochRequest& request) {
  context.responder.send(answer_each<wire::OffsetForLeaderEpochResponse>(
      context, request, [](log::PartitionLog& log, const auto& asked, auto& answer) {
        answer.error = check_epoch(asked.current_leader_epoch);
        if (answer.error != ErrorCode::kNone || asked.leader_epoch != 0) return;
        answer.leader_epoch = 0;
        answer.end_offset = log.high_watermark().value;
      }));
}

void handle(Context context, wire::DeleteRecordsRequest request) {
  context.services.control.post([context, request = std::move(request)] {
    context.responder.send(answer_each<wire::DeleteRecordsResponse>(
        context, request, [](log::PartitionLog& log, const auto& asked, auto& answer) {
          const auto start = log.delete_records(Offset(asked.offset));
          answer.low_watermark = start ? start->value : -1;
          if (!start)
            answer.error = start.error().code == Code::kUsage ? ErrorCode::kOffsetOutOfRange
                                                              : ErrorCode::kKafkaStorageError;
        }));
  });
}

}  // namespace weir::broker
