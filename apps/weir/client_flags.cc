#include "apps/weir/client_flags.h"

#include <cstdio>

#include "weir/kafka/client_properties.h"
#include "weir/kafka/environment.h"
#include "weir/sys/disk.h"

namespace weir::cli {

void add_client_flags(CLI::App& app, ClientFlags& flags) {
  app.add_option("-b,--bootstrap-server,--brokers,--broker", flags.brokers,
                 "the cluster, host:port[,host:port]")
      ->default_str("localhost:9092")
      ->envname("WEIR_BOOTSTRAP_SERVER");
  add_property_flags(app, flags);
}

void add_property_flags(CLI::App& app, ClientFlags& flags) {
  app.add_option("--command-config", flags.command_config,
                 "properties file of a Kafka client: TLS, SASL and the like")
      ->envname(kafka::kFileVariable);
  app.add_option("-X", flags.properties,
                 "key=value for the Kafka client, in librdkafka's names (repeatable)")
      ->allow_extra_args(false);
}

Result<kafka::ClientConfig> client_of(const ClientFlags& flags) {
  kafka::ClientConfig client;
  if (!flags.command_config.empty()) {
    const auto disk = real_disk();
    auto file = WEIR_TRY(kafka::read_client_properties(flags.command_config, *disk));
    for (const auto& note : file.notes) std::fprintf(stderr, "note: %s\n", note.c_str());
    client.brokers = file.brokers;
    client.properties = std::move(file.properties);
  }
  for (const auto& [key, value] : WEIR_TRY(kafka::take_environment()))
    client.properties[key] = value;
  for (const auto& property : flags.properties)
    WEIR_TRY(kafka::take_assignment("-X", property, client.properties));
  if (!flags.brokers.empty()) client.brokers = flags.brokers;
  if (client.brokers.empty()) client.brokers = "localhost:9092";
  return client;
}

}  // namespace weir::cli
