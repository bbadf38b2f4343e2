// Which back end serves a client.
#include "weir/kafka/client.h"

#include "weir/kafka/rdkafka_client.h"

namespace weir::kafka {

Result<std::unique_ptr<Producer>> Producer::open(const ClientConfig& client,
                                                 const std::string& topic,
                                                 const ProducerOptions& options) {
  return open_rdkafka_producer(client, topic, options);
}

Result<std::unique_ptr<Consumer>> Consumer::open(const ClientConfig& client,
                                                 const std::string& topic,
                                                 const ConsumerOptions& options) {
  return open_rdkafka_consumer(client, topic, options);
}

}  // namespace weir::kafka
