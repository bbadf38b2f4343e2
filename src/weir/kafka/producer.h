// Writes runs of records to partitions and reports what became of each, a batch at a time.
//
// Home thread: one. send() never waits: what the queue has no room for is refused. Outcomes arrive
// only from poll(), in order per partition as far as the broker's acks are; every accepted record
// gets exactly one outcome. Idempotent with acks=all unless told otherwise.
// A back end may do all its sending inside poll(), too: whoever has records under way calls it
// often.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/kafka/client.h"

namespace weir::kafka {

enum class Delivery { kAcked, kFailed, kUnknown };  // unknown: sent, and no answer said which

struct Record {
  std::string_view key;    // data() == nullptr: null key
  std::string_view value;  // data() == nullptr: null value
  std::span<const Header> headers;
  int64_t timestamp_ms = -1;  // -1: now
};

struct ProducerOptions {
  int acks = -1;                          // -1 all, 0, 1
  int64_t queue_records_max = 2'000'000;  // what may be in flight or queued
  int64_t queue_bytes_max = 1LL << 30;
  int linger_ms = 5;
};

// Records tag_first..tag_first+count-1 of one partition met the same fate.
struct DeliveryReport {
  PartitionId partition;
  uint64_t tag_first = 0, count = 0;
  Delivery delivery = Delivery::kAcked;
  int64_t offset_first = -1;  // where the first was stored; -1 when unknown
  std::string error;          // for kFailed and kUnknown
};

class Producer {
 public:
  virtual ~Producer() = default;
  // One producer writes to one topic. kUnreachable when no broker answers within 5 s, kNotFound
  // when the topic does not exist.
  static Result<std::unique_ptr<Producer>> open(const ClientConfig& client,
                                                const std::string& topic,
                                                const ProducerOptions& options);
  virtual int32_t partitions() const = 0;
  // Hands over records in order, tagged tag_first, tag_first+1, ...; returns how many were accepted
  // (a prefix). The rest found no room.
  virtual size_t send(PartitionId partition, std::span<const Record> records,
                      uint64_t tag_first) = 0;
  // Waits up to `limit` for outcomes and calls f for each run of them. Returns how many records
  // were settled.
  virtual uint64_t poll(Nanos limit, const std::function<void(const DeliveryReport&)>& f) = 0;
  virtual uint64_t in_flight() const = 0;  // accepted and not settled
  // Settings in force that shape the result (for printing).
  virtual std::map<std::string, std::string> settings() const = 0;
};

}  // namespace weir::kafka
