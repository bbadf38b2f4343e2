#include "weir/engine/connections.h"

namespace weir::engine {
namespace {
constexpr int64_t kPrefetchBytesMax = 64 << 20;  // per worker: about 0.3 s at full speed
constexpr int64_t kQueueRecordsMax = 200'000;
constexpr int64_t kQueueBytesMax = 128 << 20;
}  // namespace

Connections connect_to(const kafka::ClientConfig& client) {
  kafka::ClientConfig writer = client;
  writer.properties.emplace("message.timeout.ms", "2147483647");  // 24 days, the most there is
  return {
      [client] { return kafka::Admin::open(client); },
      [writer](const std::string& topic) {
        kafka::ProducerOptions options;
        options.queue_records_max = kQueueRecordsMax;
        options.queue_bytes_max = kQueueBytesMax;
        options.linger_ms = 1;
        return kafka::Producer::open(writer, topic, options);
      },
      [client](const std::string& topic) {
        kafka::ConsumerOptions options;
        options.prefetch_bytes_max = kPrefetchBytesMax;
        return kafka::Consumer::open(client, topic, options);
      },
  };
}

}  // namespace weir::engine
