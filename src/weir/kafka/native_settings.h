// What the native back end takes of librdkafka's settings, under the same names.
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "weir/base/result.h"
#include "weir/kafka/client.h"
#include "weir/kafka/consumer.h"
#include "weir/kafka/producer.h"
#include "weir/record/batch_view.h"

namespace weir::kafka {

enum class BackEnd { kNative, kRdKafka };

// weir.client=native|librdkafka when given; else native, unless a property needs librdkafka
// (security and anything else that native does not know). kUsage when weir.client is neither, or is
// native beside such a property.
Result<BackEnd> choose_back_end(const ClientConfig& client);

struct ProducerSettings {
  int acks = -1;
  bool idempotent = true;
  int linger_ms = 5;
  int64_t batch_bytes = 1'000'000;  // batch.size; Kafka's default message.max.bytes is 1048588
  int64_t records_max = 0, bytes_max = 0;
  int64_t delivery_timeout_ms = 300'000;
  int request_timeout_ms = 30'000;
  record::Codec codec = record::Codec::kNone;
};
Result<ProducerSettings> producer_settings(const ClientConfig& client,
                                           const ProducerOptions& options);

struct ConsumerSettings {
  int fetch_wait_ms = 100;
  int64_t prefetch_bytes = 0;
  int32_t partition_bytes = 1 << 20;  // of one partition in one answer
  bool check_crcs = false;
};
Result<ConsumerSettings> consumer_settings(const ClientConfig& client,
                                           const ConsumerOptions& options);

// acks=all means -1, "true" means true and so on: shared by both back ends.
bool acks_all(const ClientConfig& client, const ProducerOptions& options);
int64_t number_or(const ClientConfig& client, const char* key, int64_t otherwise);

}  // namespace weir::kafka
