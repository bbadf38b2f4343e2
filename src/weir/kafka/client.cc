// Which back end serves a client.
#include "weir/kafka/client.h"

#include "weir/kafka/native_admin.h"
#include "weir/kafka/native_consumer.h"
#include "weir/kafka/native_producer.h"
#include "weir/kafka/native_settings.h"
#include "weir/kafka/rdkafka_client.h"

namespace weir::kafka {

Result<std::unique_ptr<Producer>> Producer::open(const ClientConfig& client,
                                                 const std::string& topic,
                                                 const ProducerOptions& options) {
  if (WEIR_TRY(choose_back_end(client)) == BackEnd::kNative)
    return NativeProducer::open(client, topic, options);
  return open_rdkafka_producer(client, topic, options);
}

Result<std::unique_ptr<Consumer>> Consumer::open(const ClientConfig& client,
                                                 const std::string& topic,
                                                 const ConsumerOptions& options) {
  if (WEIR_TRY(choose_back_end(client)) == BackEnd::kNative)
    return NativeConsumer::open(client, topic, options);
  return open_rdkafka_consumer(client, topic, options);
}

Result<std::unique_ptr<Admin>> Admin::open(const ClientConfig& client) {
  if (WEIR_TRY(choose_back_end(client)) == BackEnd::kNative) return NativeAdmin::open(client);
  return open_rdkafka_admin(client);
}

}  // namespace weir::kafka
