#include <librdkafka/rdkafka.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "weir/kafka/rdkafka_client.h"
#include "weir/kafka/rdkafka_handle.h"

namespace weir::kafka {
namespace {

using std::chrono::steady_clock;

// The messages of one queue that the latest poll() handed out; they own what its records point to.
struct Held {
  std::vector<rd_kafka_message_t*> messages;
  void release() {
    for (rd_kafka_message_t* message : messages) rd_kafka_message_destroy(message);
    messages.clear();
  }
};

// One assigned partition with a queue of its own, so that others stay queued while it is read.
struct Source {
  rd_kafka_queue_t* queue = nullptr;
  int64_t position = 0;  // as Consumer::position()
  Held held;
};

class RdConsumer final : public Consumer {
 public:
  RdConsumer(std::unique_ptr<RdHandle> handle, rd_kafka_topic_t* topic, std::string name)
      : handle_(std::move(handle)),
        topic_(topic),
        name_(std::move(name)),
        wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

  ~RdConsumer() override {
    for (auto& [partition, source] : sources_) stop(partition, source);
    rd_kafka_topic_destroy(topic_);
    close(wake_);
  }

  Status assign(PartitionId partition, Offset from) override {
    auto& source = sources_[partition.value];
    if (source.queue) stop(partition.value, source);
    source.queue = rd_kafka_queue_new(handle_->get());
    source.position = from.value;
    static constexpr uint64_t kOne = 1;
    rd_kafka_queue_io_event_enable(source.queue, wake_, &kOne, sizeof kOne);
    if (rd_kafka_consume_start_queue(topic_, partition.value, from.value, source.queue) == 0)
      return {};
    const auto code = rd_kafka_last_error();
    rd_kafka_queue_destroy(source.queue);
    sources_.erase(partition.value);
    return tl::unexpected(handle_->error(code, "reading " + where(partition.value)));
  }

  Result<std::vector<FetchedRun>> poll(Nanos limit, size_t records_max) override {
    return wait_for(limit, [&] { return take_all(records_max); });
  }

  Result<std::vector<FetchedRun>> poll(PartitionId partition, Nanos limit,
                                       size_t records_max) override {
    return wait_for(limit, [&]() -> Result<std::vector<FetchedRun>> {
      std::vector<FetchedRun> runs;
      const auto found = sources_.find(partition.value);
      if (found == sources_.end())
        return fail(Code::kNotFound, where(partition.value) + " is not assigned");
      WEIR_TRY(take(found->first, found->second, records_max, runs));
      return runs;
    });
  }

  Offset position(PartitionId partition) const override {
    const auto found = sources_.find(partition.value);
    return Offset(found == sources_.end() ? 0 : found->second.position);
  }

  std::vector<std::pair<std::string_view, std::string_view>> headers(const FetchedRun& run,
                                                                     size_t index) const override {
    std::vector<std::pair<std::string_view, std::string_view>> all;
    const auto source = sources_.find(run.partition.value);
    if (source == sources_.end() || index >= source->second.held.messages.size()) return all;
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(source->second.held.messages[index], &headers) !=
        RD_KAFKA_RESP_ERR_NO_ERROR)
      return all;
    const char* key = nullptr;
    const void* value = nullptr;
    size_t size = 0;
    for (size_t i = 0; rd_kafka_header_get_all(headers, i, &key, &value, &size) == 0; ++i)
      all.emplace_back(key, std::string_view(static_cast<const char*>(value), size));
    return all;
  }

  bool connected() const override { return handle_->journal().any_connected(); }

 private:
  std::string where(int32_t partition) const {
    return "partition " + std::to_string(partition) + " of topic " + name_;
  }

  void stop(int32_t partition, Source& source) {
    source.held.release();
    rd_kafka_consume_stop(topic_, partition);
    rd_kafka_queue_destroy(source.queue);
    source.queue = nullptr;
  }

  // Tries `take` until it gives records or an error, or `limit` is over.
  template <class Take>
  Result<std::vector<FetchedRun>> wait_for(Nanos limit, Take take) {
    for (auto& [partition, source] : sources_) source.held.release();
    const auto end = steady_clock::now() + std::chrono::nanoseconds(limit.value);
    while (true) {
      rd_kafka_poll(handle_->get(), 0);
      auto runs = take();
      if (!runs || !runs->empty()) return runs;
      const auto left = end - steady_clock::now();
      if (left.count() <= 0) return runs;
      const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(left).count();
      const timespec wait{time_t(ns / 1'000'000'000), long(ns % 1'000'000'000)};
      pollfd ready{wake_, POLLIN, 0};
      if (ppoll(&ready, 1, &wait, nullptr) > 0) {
        uint64_t drained;
        if (read(wake_, &drained, sizeof drained) < 0) continue;  // another wait took it
      }
    }
  }

  // From each partition in turn, starting behind the one served first last time.
  Result<std::vector<FetchedRun>> take_all(size_t records_max) {
    std::vector<FetchedRun> runs;
    if (sources_.empty()) return runs;
    auto at = sources_.upper_bound(served_first_);
    for (size_t n = 0; n < sources_.size() && records_max > 0; ++n, ++at) {
      if (at == sources_.end()) at = sources_.begin();
      const size_t before = runs.size();
      WEIR_TRY(take(at->first, at->second, records_max, runs));
      if (runs.size() > before) records_max -= runs.back().records.size();
      if (before == 0 && runs.size() == 1) served_first_ = at->first;
    }
    return runs;
  }

  Status take(int32_t partition, Source& source, size_t records_max,
              std::vector<FetchedRun>& runs) {
    auto& messages = source.held.messages;
    messages.resize(records_max);
    const ssize_t n = rd_kafka_consume_batch_queue(source.queue, 0, messages.data(), records_max);
    messages.resize(n > 0 ? size_t(n) : 0);
    if (messages.empty()) return {};
    Status status;
    const auto is_error = [&](rd_kafka_message_t* message) {
      if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return false;
      // The end of what can be read: its offset lies behind markers that are no messages.
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
        source.position = std::max(source.position, message->offset);
      if (status) status = judge(*message);
      rd_kafka_message_destroy(message);
      return true;
    };
    messages.erase(std::remove_if(messages.begin(), messages.end(), is_error), messages.end());
    if (!status || messages.empty()) return status;
    source.position = std::max(source.position, messages.back()->offset + 1);
    FetchedRun run{PartitionId(partition), {}};
    run.records.reserve(messages.size());
    for (const rd_kafka_message_t* message : messages) {
      FetchedRecord& record = run.records.emplace_back();
      record.offset = Offset(message->offset);
      record.timestamp_ms = rd_kafka_message_timestamp(message, nullptr);
      record.key = {static_cast<const char*>(message->key), message->key_len};
      record.value = {static_cast<const char*>(message->payload), message->len};
    }
    runs.push_back(std::move(run));
    return {};
  }

  // What an error in place of a record means: retried by librdkafka, or the caller's to know.
  Status judge(const rd_kafka_message_t& message) const {
    switch (message.err) {
      case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
        return fail(Code::kFailed, "offset out of range in " + where(message.partition),
                    rd_kafka_message_errstr(&message),
                    "the records were removed by retention, or the topic was made anew: start from "
                    "the earliest offset, with a new checkpoint");
      case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
      case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        return tl::unexpected(handle_->error(message.err, "reading " + where(message.partition)));
      default:
        return {};
    }
  }

  std::unique_ptr<RdHandle> handle_;
  rd_kafka_topic_t* topic_;
  std::string name_;
  int wake_;
  std::map<int32_t, Source> sources_;
  int32_t served_first_ = -1;
};

}  // namespace

Result<std::unique_ptr<Consumer>> open_rdkafka_consumer(const ClientConfig& client,
                                                        const std::string& topic,
                                                        const ConsumerOptions& options) {
  Settings settings = {
      {"isolation.level", "read_committed"},
      {"enable.auto.commit", "false"},
      {"auto.offset.reset", "error"},
      {"enable.partition.eof", "true"},
      {"fetch.wait.max.ms", std::to_string(options.fetch_wait_ms)},
      {"fetch.message.max.bytes", "4194304"},
      {"fetch.error.backoff.ms", "20"},
      {"queued.min.messages", "10000000"},
  };
  // librdkafka's limit holds for each partition's queue, so the topic is asked for its count first.
  int32_t partitions = 1;
  {
    auto probe = WEIR_TRY(RdHandle::create(RD_KAFKA_CONSUMER, client, settings));
    partitions = WEIR_TRY(probe->topic(topic)).partitions;
  }
  const int64_t kilobytes = options.prefetch_bytes_max / 1024 / partitions;
  settings["queued.max.messages.kbytes"] =
      std::to_string(std::clamp<int64_t>(kilobytes, 1024, 2'097'151));
  auto handle = WEIR_TRY(RdHandle::create(RD_KAFKA_CONSUMER, client, settings));
  WEIR_TRY(handle->topic(topic));
  rd_kafka_topic_t* from = rd_kafka_topic_new(handle->get(), topic.c_str(), nullptr);
  if (!from) return tl::unexpected(handle->error(rd_kafka_last_error(), "opening topic " + topic));
  return std::make_unique<RdConsumer>(std::move(handle), from, topic);
}

}  // namespace weir::kafka
