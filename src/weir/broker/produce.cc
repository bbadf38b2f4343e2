// Produce and InitProducerId.
//
// A produce request is appended partition by partition where it is decoded, and answered by the
// last of its flushes, on whichever flush thread that ends.
#include <atomic>

#include "weir/broker/handlers.h"

namespace weir::broker {
namespace {

using PartitionAnswer = wire::ProduceResponse::Topic::Partition;

struct Pending {
  wire::ProduceResponse response;
  Responder responder;
  bool silent = false;              // acks 0: no answer, but the slot is held until the flush
  std::atomic<int32_t> waiting{1};  // flushes, and the call that starts them

  void done_one() {
    if (waiting.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
    bool failed = false;
    for (auto& topic : response.topics) {
      for (auto& partition : topic.partitions) {
        if (partition.error == ErrorCode::kNone) continue;
        failed = true;
        partition.base_offset = -1;
      }
    }
    if (!silent) return responder.send(response);
    // Closing is the one way to tell a producer that does not listen.
    responder.send(failed ? Reply::close() : Reply::none());
  }
};

void append(const std::shared_ptr<Pending>& pending, log::PartitionLog& log, std::string_view batch,
            PartitionAnswer& answer) {
  pending->waiting.fetch_add(1, std::memory_order_relaxed);
  const auto result = log.append(batch, [pending, &answer](log::AppendOutcome outcome) {
    answer.error = error_code(outcome);
    pending->done_one();
  });
  if (result.outcome == log::AppendOutcome::kPending ||
      result.outcome == log::AppendOutcome::kDurable)
    answer.base_offset = result.base_offset.value;
  if (result.outcome == log::AppendOutcome::kPending) return;
  answer.error = error_code(result.outcome);
  pending->waiting.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace

ErrorCode error_code(log::AppendOutcome outcome) {
  switch (outcome) {
    case log::AppendOutcome::kPending:
    case log::AppendOutcome::kDurable:
      return ErrorCode::kNone;
    case log::AppendOutcome::kCorrupt:
      return ErrorCode::kCorruptMessage;
    case log::AppendOutcome::kTooLarge:
      return ErrorCode::kMessageTooLarge;
    case log::AppendOutcome::kInvalidRecord:
      return ErrorCode::kInvalidRecord;
    case log::AppendOutcome::kOutOfOrderSequence:
      return ErrorCode::kOutOfOrderSequenceNumber;
    case log::AppendOutcome::kInvalidProducerEpoch:
      return ErrorCode::kInvalidProducerEpoch;
    case log::AppendOutcome::kStorageError:
      return ErrorCode::kKafkaStorageError;
    case log::AppendOutcome::kGone:
      return ErrorCode::kUnknownTopicOrPartition;
  }
  return ErrorCode::kUnknownServerError;
}

void handle(Context context, wire::ProduceRequest request) {
  auto pending = std::make_shared<Pending>();
  pending->responder = context.responder;
  pending->silent = request.acks == 0;
  // Everything in its place first: completions keep references into the response.
  for (const auto& topic : request.topics) {
    auto& answers = pending->response.topics.emplace_back();
    answers.name = topic.name;
    for (const auto& partition : topic.partitions) {
      auto& answer = answers.partitions.emplace_back();
      answer.partition = partition.partition;
      answer.base_offset = -1;
    }
  }
  const bool refused = request.acks < -1 || request.acks > 1;
  for (size_t t = 0; t < request.topics.size(); ++t) {
    const TopicRef topic = context.services.catalog.find(request.topics[t].name);
    for (size_t p = 0; p < request.topics[t].partitions.size(); ++p) {
      const auto& partition = request.topics[t].partitions[p];
      PartitionAnswer& answer = pending->response.topics[t].partitions[p];
      const auto* log = topic ? topic->partition(partition.partition) : nullptr;
      if (refused) {
        answer.error = ErrorCode::kInvalidRequiredAcks;
      } else if (request.transactional_id) {
        answer.error = ErrorCode::kInvalidTxnState;  // this broker begins no transactions
      } else if (!log) {
        answer.error = ErrorCode::kUnknownTopicOrPartition;
      } else if (context.services.discard) {
        answer.base_offset = 0;
      } else {
        answer.log_start_offset = (*log)->log_start().value;
        append(pending, **log, partition.records.value_or(wire::Records()), answer);
      }
    }
  }
  pending->done_one();
}

void handle(Context context, const wire::InitProducerIdRequest& request) {
  if (request.transactional_id) {
    wire::InitProducerIdResponse response;
    response.error = ErrorCode::kUnsupportedVersion;  // this broker has no transactions
    return context.responder.send(response);
  }
  context.services.control.post([context] {
    wire::InitProducerIdResponse response;
    const auto id = context.services.catalog.new_producer_id();
    if (id)
      response.producer_id = *id;
    else
      response.error = ErrorCode::kKafkaStorageError;
    context.responder.send(response);
  });
}

}  // namespace weir::broker
