// What can become of a batch handed to a partition's log.
#pragma once
#include <functional>

#include "weir/base/types.h"

namespace weir::log {

// Each outcome names the Kafka error code a Produce answer carries for it.
enum class AppendOutcome {
  kPending,               // accepted; the completion follows once it is flushed
  kDurable,               // NONE(0): on disk and visible
  kCorrupt,               // CORRUPT_MESSAGE(2): wrong CRC or lengths that contradict each other
  kTooLarge,              // MESSAGE_TOO_LARGE(10)
  kInvalidRecord,         // INVALID_RECORD(87): not exactly one plain v2 batch
  kOutOfOrderSequence,    // OUT_OF_ORDER_SEQUENCE_NUMBER(45)
  kInvalidProducerEpoch,  // INVALID_PRODUCER_EPOCH(47)
  kStorageError,          // KAFKA_STORAGE_ERROR(56): the log is closed to writes
  kGone,                  // UNKNOWN_TOPIC_OR_PARTITION(3): the topic was deleted
};

struct AppendResult {
  AppendOutcome outcome = AppendOutcome::kPending;
  // Of this batch; for a repeated batch of an idempotent producer the original's. Only with
  // kPending and kDurable.
  Offset base_offset{-1};
};

// Called with kDurable, kStorageError or kGone.
using AppendDone = std::function<void(AppendOutcome)>;

}  // namespace weir::log
