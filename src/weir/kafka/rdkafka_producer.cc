#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <deque>

#include "weir/base/check.h"
#include "weir/kafka/native_settings.h"
#include "weir/kafka/rdkafka_client.h"
#include "weir/kafka/rdkafka_handle.h"

namespace weir::kafka {
namespace {

// Outcomes of one poll() are bounded, so that a pacer's turn stays short after an outage.
constexpr uint64_t kSettledPerPoll = 50'000;

class RdProducer final : public Producer {
 public:
  RdProducer(std::unique_ptr<RdHandle> handle, rd_kafka_topic_t* topic, int32_t partitions,
             int64_t records_max, int64_t bytes_max)
      : handle_(std::move(handle)),
        topic_(topic),
        partitions_(partitions),
        records_max_(records_max),
        bytes_max_(bytes_max) {}

  ~RdProducer() override {
    rd_kafka_purge(handle_->get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
    rd_kafka_topic_destroy(topic_);
  }

  int32_t partitions() const override { return partitions_; }
  uint64_t in_flight() const override { return in_flight_; }

  size_t send(PartitionId partition, std::span<const Record> records, uint64_t tag_first) override {
    WEIR_CHECK_LT(partition.value, partitions_);
    const size_t fit = fitting(records);
    const auto accepted = records.first(fit);
    const bool plain = std::all_of(accepted.begin(), accepted.end(), [](const Record& r) {
      return r.headers.empty() && r.timestamp_ms < 0;
    });
    if (plain)
      send_plain(partition, accepted, tag_first);
    else
      for (size_t i = 0; i < fit; ++i) send_rich(partition, accepted[i], tag_first + i);
    return fit;
  }

  uint64_t poll(Nanos limit, const std::function<void(const DeliveryReport&)>& f) override {
    uint64_t settled = 0;
    for (const auto& report : refused_) {
      settled += report.count;
      f(report);
    }
    refused_.clear();
    int wait_ms = settled > 0 ? 0 : int(std::max<int64_t>(0, (limit.value + 999'999) / 1'000'000));
    while (settled < kSettledPerPoll) {
      rd_kafka_event_t* event = rd_kafka_queue_poll(handle_->main_queue(), wait_ms);
      if (!event) break;
      if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR) settled += settle(event, f);
      rd_kafka_event_destroy(event);
      wait_ms = 0;
    }
    WEIR_CHECK_LE(settled, in_flight_);
    in_flight_ -= settled;
    return settled;
  }

  Settings settings() const override {
    Settings all = handle_->in_force(
        {"acks", "enable.idempotence", "linger.ms", "batch.size", "batch.num.messages",
         "compression.codec", "message.timeout.ms", "reconnect.backoff.ms",
         "reconnect.backoff.max.ms", "max.in.flight.requests.per.connection"});
    all["weir.client"] = std::string("librdkafka ") + rd_kafka_version_str();
    all["queue.buffering.max.messages"] = std::to_string(records_max_);
    all["queue.buffering.max.kbytes"] = std::to_string(bytes_max_ / 1024);
    return all;
  }

 private:
  static int64_t size_of(const Record& record) {
    return int64_t(record.key.size() + record.value.size());
  }

  // How many of `records` the queue has room for; counts them in.
  size_t fitting(std::span<const Record> records) {
    size_t n = 0;
    while (n < records.size() && in_flight_ < uint64_t(records_max_)) {
      const int64_t size = size_of(records[n]);
      if (queued_bytes_ > 0 && queued_bytes_ + size > bytes_max_) break;
      queued_bytes_ += size;
      ++in_flight_;
      ++n;
    }
    return n;
  }

  void send_plain(PartitionId partition, std::span<const Record> records, uint64_t tag_first) {
    messages_.resize(records.size());
    for (size_t i = 0; i < records.size(); ++i) {
      auto& message = messages_[i];
      message = {};
      message.payload = const_cast<char*>(records[i].value.data());
      message.len = records[i].value.size();
      message.key = const_cast<char*>(records[i].key.data());
      message.key_len = records[i].key.size();
      message._private = reinterpret_cast<void*>(tag_first + i);
    }
    const int taken = rd_kafka_produce_batch(topic_, partition.value, RD_KAFKA_MSG_F_COPY,
                                             messages_.data(), int(messages_.size()));
    if (size_t(taken) == messages_.size()) return;
    for (size_t i = 0; i < messages_.size(); ++i)
      if (messages_[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
        refuse(partition, records[i], tag_first + i, rd_kafka_err2str(messages_[i].err));
  }

  void send_rich(PartitionId partition, const Record& record, uint64_t tag) {
    parts_.clear();
    names_.clear();
    names_.reserve(record.headers.size());
    const auto part = [this](rd_kafka_vtype_t type) -> auto& {
      parts_.emplace_back().vtype = type;
      return parts_.back().u;
    };
    part(RD_KAFKA_VTYPE_RKT).rkt = topic_;
    part(RD_KAFKA_VTYPE_PARTITION).i32 = partition.value;
    part(RD_KAFKA_VTYPE_MSGFLAGS).i = RD_KAFKA_MSG_F_COPY;
    part(RD_KAFKA_VTYPE_VALUE).mem = {const_cast<char*>(record.value.data()), record.value.size()};
    part(RD_KAFKA_VTYPE_KEY).mem = {const_cast<char*>(record.key.data()), record.key.size()};
    part(RD_KAFKA_VTYPE_OPAQUE).ptr = reinterpret_cast<void*>(tag);
    if (record.timestamp_ms >= 0) part(RD_KAFKA_VTYPE_TIMESTAMP).i64 = record.timestamp_ms;
    for (const Header& header : record.headers) {
      names_.emplace_back(header.key);
      part(RD_KAFKA_VTYPE_HEADER).header = {names_.back().c_str(), header.value.data(),
                                            ssize_t(header.value.size())};
    }
    rd_kafka_error_t* error = rd_kafka_produceva(handle_->get(), parts_.data(), parts_.size());
    if (!error) return;
    refuse(partition, record, tag, rd_kafka_error_string(error));
    rd_kafka_error_destroy(error);
  }

  // A record that librdkafka did not take (too large, fatal state) is settled as failed by poll().
  void refuse(PartitionId partition, const Record& record, uint64_t tag, const char* why) {
    queued_bytes_ -= size_of(record);
    if (!refused_.empty()) {
      auto& last = refused_.back();
      if (last.partition == partition && last.tag_first + last.count == tag && last.error == why) {
        ++last.count;
        return;
      }
    }
    refused_.push_back({partition, tag, 1, Delivery::kFailed, -1, why});
  }

  static Delivery delivery_of(const rd_kafka_message_t* message) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return Delivery::kAcked;
    return rd_kafka_message_status(message) == RD_KAFKA_MSG_STATUS_NOT_PERSISTED
               ? Delivery::kFailed
               : Delivery::kUnknown;
  }

  uint64_t settle(rd_kafka_event_t* event, const std::function<void(const DeliveryReport&)>& f) {
    uint64_t settled = 0;
    DeliveryReport run;
    rd_kafka_resp_err_t run_error = RD_KAFKA_RESP_ERR_NO_ERROR;
    while (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
      ++settled;
      queued_bytes_ -= int64_t(message->len + message->key_len);
      const auto tag = reinterpret_cast<uint64_t>(message->_private);
      const Delivery delivery = delivery_of(message);
      if (run.count > 0 && run.partition.value == message->partition &&
          tag == run.tag_first + run.count && delivery == run.delivery &&
          message->err == run_error) {
        ++run.count;
        continue;
      }
      if (run.count > 0) f(run);
      run_error = message->err;
      run = {PartitionId(message->partition),
             tag,
             1,
             delivery,
             delivery == Delivery::kAcked ? message->offset : -1,
             {}};
      if (delivery != Delivery::kAcked) run.error = rd_kafka_err2str(message->err);
    }
    if (run.count > 0) f(run);
    return settled;
  }

  std::unique_ptr<RdHandle> handle_;
  rd_kafka_topic_t* topic_;
  int32_t partitions_;
  int64_t records_max_, bytes_max_;
  uint64_t in_flight_ = 0;
  int64_t queued_bytes_ = 0;
  std::vector<rd_kafka_message_t> messages_;  // these three are reused by each send()
  std::vector<rd_kafka_vu_t> parts_;
  std::vector<std::string> names_;  // librdkafka wants terminated header names
  std::deque<DeliveryReport> refused_;
};

}  // namespace

Result<std::unique_ptr<Producer>> open_rdkafka_producer(const ClientConfig& client,
                                                        const std::string& topic,
                                                        const ProducerOptions& options) {
  // The queue's limits are kept here, where a refusal leaves a clean prefix; librdkafka's own stay
  // out of the way. -X with its names for them sets ours.
  const int64_t records_max =
      number_or(client, "queue.buffering.max.messages", options.queue_records_max);
  const int64_t bytes_max =
      number_or(client, "queue.buffering.max.kbytes", options.queue_bytes_max / 1024) * 1024;
  Settings settings = {
      {"acks", std::to_string(options.acks)},
      {"enable.idempotence", acks_all(client, options) ? "true" : "false"},
      {"linger.ms", std::to_string(options.linger_ms)},
      {"batch.size", "1000000"},
      {"batch.num.messages", "100000"},
      {"message.timeout.ms", "300000"},
      {"compression.codec", "none"},
  };
  ClientConfig rest = client;
  rest.properties["queue.buffering.max.messages"] = "10000000";
  rest.properties["queue.buffering.max.kbytes"] = "2097151";
  auto handle = WEIR_TRY(RdHandle::create(RD_KAFKA_PRODUCER, rest, settings));
  const TopicInfo info = WEIR_TRY(handle->topic(topic));
  rd_kafka_topic_t* to = rd_kafka_topic_new(handle->get(), topic.c_str(), nullptr);
  if (!to) return tl::unexpected(handle->error(rd_kafka_last_error(), "opening topic " + topic));
  return std::make_unique<RdProducer>(std::move(handle), to, info.partitions, records_max,
                                      bytes_max);
}

}  // namespace weir::kafka
