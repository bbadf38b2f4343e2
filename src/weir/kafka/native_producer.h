// The producer on weir's own wire codec: record batches built once, sent as they are, kept until
// they are acked.
//
// Single-threaded: send() only copies records into batches; sockets are read and written inside
// poll(). So nothing reaches the broker between send() and the next poll(). At most five requests
// per broker are unanswered, each with at most one batch per partition; a lost connection or a
// retriable refusal sends the same batches again with the same sequences, in order.
#pragma once
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "weir/kafka/cluster.h"
#include "weir/kafka/native_settings.h"
#include "weir/kafka/producer.h"
#include "weir/record/batch_builder.h"
#include "weir/wire/messages/produce.h"

namespace weir::kafka {

class NativeProducer final : public Producer {
 public:
  static Result<std::unique_ptr<Producer>> open(const ClientConfig& client,
                                                const std::string& topic,
                                                const ProducerOptions& options);

  int32_t partitions() const override { return int32_t(lanes_.size()); }
  size_t send(PartitionId partition, std::span<const Record> records, uint64_t tag_first) override;
  uint64_t poll(Nanos limit, const std::function<void(const DeliveryReport&)>& f) override;
  uint64_t in_flight() const override { return in_flight_; }
  std::map<std::string, std::string> settings() const override;

 private:
  // Records of one partition that travel and are settled together.
  struct Batch {
    explicit Batch(record::Codec codec) : builder(codec) {}
    record::BatchBuilder builder;
    struct Tags {
      uint64_t first, count;
    };
    std::vector<Tags> tags;
    TimePoint born;
    int64_t payload = 0;         // bytes of keys and values, for the queue's limit
    int32_t base_sequence = -1;  // -1: not stamped yet
    bool closed = false;         // takes no more records
    bool sent = false;           // awaits its answer
    bool maybe_stored = false;   // was sent once and the answer never came
  };
  // The batches of one partition, oldest first; those sent come before those that are not, except
  // while refused ones wait for the answers to their successors.
  struct Lane {
    std::deque<std::unique_ptr<Batch>> batches;
    int32_t next_sequence = 0;
    TimePoint pause_until{};  // after a refusal
  };
  struct Request {
    const Connection* connection;
    int32_t correlation;
    std::vector<std::pair<size_t, Batch*>> parts;  // lane, batch
  };
  using Report = std::function<void(const DeliveryReport&)>;

  NativeProducer(std::unique_ptr<Cluster> cluster, std::string topic,
                 const ProducerSettings& settings);

  Batch& open_batch(Lane& lane, size_t bytes);
  void pump(TimePoint now);
  Batch* sendable(Lane& lane, TimePoint now, bool hurry);
  void send_to(Connection& connection, TimePoint now);
  void stamp(Lane& lane, Batch& batch);
  Nanos next_deadline(TimePoint now, Nanos limit) const;
  void on_response(Connection& connection, const Response& response);
  void on_lost(Connection& connection);
  void judge(size_t lane, Batch& batch, wire::ErrorCode error, int64_t base_offset,
             const std::string& said);
  void settle(size_t lane, Batch& batch, Delivery delivery, int64_t offset, const std::string& why);
  void give_back(Batch& batch, bool maybe_stored);
  void expire(TimePoint now);
  // Takes a new producer id once no request is on its way; what may be stored under the old one
  // becomes unknown, since only the old sequences would have told a repeat.
  void renew_identity();

  std::unique_ptr<Cluster> cluster_;
  const std::string topic_;
  const ProducerSettings settings_;
  std::vector<Lane> lanes_;
  std::vector<Request> requests_;
  std::vector<std::unique_ptr<Batch>> spare_;
  std::vector<record::Header> headers_;
  uint64_t in_flight_ = 0;
  int64_t queued_bytes_ = 0;
  int64_t producer_id_ = record::kNoProducerId;
  int16_t producer_epoch_ = -1;
  bool identity_lost_ = false;
  int32_t identity_correlation_ = 0;
  TimePoint expire_next_{};
  std::vector<DeliveryReport> reports_;
};

}  // namespace weir::kafka
