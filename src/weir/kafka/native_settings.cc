#include "weir/kafka/native_settings.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "weir/base/parse_number.h"

namespace weir::kafka {
namespace {

constexpr const char* kKnown[] = {"weir.client",
                                  "acks",
                                  "request.required.acks",
                                  "enable.idempotence",
                                  "linger.ms",
                                  "queue.buffering.max.ms",
                                  "batch.size",
                                  "queue.buffering.max.messages",
                                  "queue.buffering.max.kbytes",
                                  "message.timeout.ms",
                                  "delivery.timeout.ms",
                                  "request.timeout.ms",
                                  "compression.codec",
                                  "compression.type",
                                  "fetch.wait.max.ms",
                                  "fetch.message.max.bytes",
                                  "max.partition.fetch.bytes",
                                  "check.crcs"};

std::optional<std::string> setting(const ClientConfig& client,
                                   std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (const auto found = client.properties.find(key); found != client.properties.end())
      return found->second;
  return std::nullopt;
}

Result<int64_t> number(const ClientConfig& client, std::initializer_list<const char*> keys,
                       int64_t otherwise, int64_t least, int64_t most) {
  const auto text = setting(client, keys);
  if (!text) return otherwise;
  const auto value = parse_number<int64_t>(*text);
  if (value && *value >= least && *value <= most) return *value;
  return fail(
      Code::kUsage, std::string("-X ") + *keys.begin() + "=" + *text + " cannot be used",
      "it must be a whole number from " + std::to_string(least) + " to " + std::to_string(most),
      "choose another value");
}

Result<bool> truth(const ClientConfig& client, const char* key, bool otherwise) {
  const auto text = setting(client, {key});
  if (!text) return otherwise;
  if (*text == "true" || *text == "1") return true;
  if (*text == "false" || *text == "0") return false;
  return fail(Code::kUsage, std::string("-X ") + key + "=" + *text + " cannot be used",
              "it must be true or false", "choose one of them");
}

Result<record::Codec> codec(const ClientConfig& client) {
  const std::string text =
      setting(client, {"compression.codec", "compression.type"}).value_or("none");
  for (const auto codec : {record::Codec::kNone, record::Codec::kGzip, record::Codec::kSnappy,
                           record::Codec::kLz4, record::Codec::kZstd})
    if (text == record::to_text(codec)) return codec;
  return fail(Code::kUsage, "-X compression.codec=" + text + " cannot be used",
              "the codecs are none, gzip, snappy, lz4 and zstd", "choose one of them");
}

bool is_plaintext(const std::string& protocol) {
  return protocol == "PLAINTEXT" || protocol == "plaintext";
}

}  // namespace

Result<BackEnd> choose_back_end(const ClientConfig& client) {
  std::string foreign;
  for (const auto& [key, value] : client.properties)
    if (std::find(std::begin(kKnown), std::end(kKnown), key) == std::end(kKnown) &&
        !(key == "security.protocol" && is_plaintext(value)))
      foreign = key;
  const std::string asked = setting(client, {"weir.client"}).value_or("");
  if (asked == "librdkafka") return BackEnd::kRdKafka;
  if (asked.empty()) return foreign.empty() ? BackEnd::kNative : BackEnd::kRdKafka;
  if (asked != "native")
    return fail(Code::kUsage, "-X weir.client=" + asked + " cannot be used",
                "the clients are native and librdkafka", "choose one of them, or leave it out");
  if (foreign.empty()) return BackEnd::kNative;
  return fail(Code::kUsage, "-X " + foreign + " is unknown to the native client",
              "it only speaks plaintext and takes few settings",
              "leave out -X weir.client=native, so that librdkafka is used");
}

bool acks_all(const ClientConfig& client, const ProducerOptions& options) {
  const auto text = setting(client, {"acks", "request.required.acks"});
  return text ? *text == "all" || *text == "-1" : options.acks == -1;
}

int64_t number_or(const ClientConfig& client, const char* key, int64_t otherwise) {
  return number(client, {key}, otherwise, 0, INT64_MAX).value_or(otherwise);
}

Result<ProducerSettings> producer_settings(const ClientConfig& client,
                                           const ProducerOptions& options) {
  ProducerSettings s;
  const bool all = acks_all(client, options);
  s.acks =
      all ? -1
          : int(WEIR_TRY(number(client, {"acks", "request.required.acks"}, options.acks, 0, 1)));
  s.idempotent = WEIR_TRY(truth(client, "enable.idempotence", all));
  if (s.idempotent && !all)
    return fail(Code::kUsage, "enable.idempotence=true needs acks=all",
                "a repeat is only recognised by the replicas that stored the first",
                "use --acks all, or -X enable.idempotence=false");
  s.linger_ms = int(WEIR_TRY(
      number(client, {"linger.ms", "queue.buffering.max.ms"}, options.linger_ms, 0, 900'000)));
  s.batch_bytes = WEIR_TRY(number(client, {"batch.size"}, s.batch_bytes, 1, 100'000'000));
  s.records_max = WEIR_TRY(
      number(client, {"queue.buffering.max.messages"}, options.queue_records_max, 1, INT64_MAX));
  s.bytes_max = options.queue_bytes_max;
  constexpr int64_t kKilobyte = 1024;
  if (setting(client, {"queue.buffering.max.kbytes"}))
    s.bytes_max =
        WEIR_TRY(number(client, {"queue.buffering.max.kbytes"}, 0, 1, INT32_MAX)) * kKilobyte;
  s.delivery_timeout_ms = WEIR_TRY(number(client, {"message.timeout.ms", "delivery.timeout.ms"},
                                          s.delivery_timeout_ms, 1, INT32_MAX));
  s.request_timeout_ms =
      int(WEIR_TRY(number(client, {"request.timeout.ms"}, s.request_timeout_ms, 1, 900'000)));
  s.codec = WEIR_TRY(codec(client));
  return s;
}

Result<ConsumerSettings> consumer_settings(const ClientConfig& client,
                                           const ConsumerOptions& options) {
  ConsumerSettings s;
  s.fetch_wait_ms =
      int(WEIR_TRY(number(client, {"fetch.wait.max.ms"}, options.fetch_wait_ms, 0, 30'000)));
  s.prefetch_bytes = options.prefetch_bytes_max;
  s.partition_bytes =
      int32_t(WEIR_TRY(number(client, {"fetch.message.max.bytes", "max.partition.fetch.bytes"},
                              s.partition_bytes, 1, 50'000'000)));
  s.check_crcs = WEIR_TRY(truth(client, "check.crcs", s.check_crcs));
  return s;
}

}  // namespace weir::kafka
