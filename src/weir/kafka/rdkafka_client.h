// The back end over librdkafka: any broker, any security setting. Opened through Producer::open,
// Consumer::open and Admin::open.
#pragma once
#include "weir/kafka/admin.h"
#include "weir/kafka/consumer.h"
#include "weir/kafka/groups.h"
#include "weir/kafka/producer.h"

namespace weir::kafka {

Result<std::unique_ptr<Producer>> open_rdkafka_producer(const ClientConfig& client,
                                                        const std::string& topic,
                                                        const ProducerOptions& options);
Result<std::unique_ptr<Consumer>> open_rdkafka_consumer(const ClientConfig& client,
                                                        const std::string& topic,
                                                        const ConsumerOptions& options);

Result<std::unique_ptr<Admin>> open_rdkafka_admin(const ClientConfig& client);
Result<std::unique_ptr<Groups>> open_rdkafka_groups(const ClientConfig& client);

}  // namespace weir::kafka
