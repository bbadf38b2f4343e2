// From the properties of Kafka's Java clients to those of librdkafka, which weir's clients take.
//
// Names that both know pass unchanged; names that differ are translated; names that only Java knows
// are left out with a note; a name that looks like a misspelt one is refused. Sources of the names:
// Kafka 3.9's AdminClientConfig, ProducerConfig, ConsumerConfig, SslConfigs and SaslConfigs, and
// librdkafka's CONFIGURATION.md.
#pragma once
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/kafka/client.h"
#include "weir/kafka/java_properties.h"
#include "weir/sys/disk.h"

namespace weir::kafka {

struct ClientProperties {
  std::string brokers;             // bootstrap.servers; empty when it was not there
  Properties properties;           // under librdkafka's names
  std::vector<std::string> notes;  // what was left out and why, one sentence each
};

// Translates. `source` names the origin in messages ("client.properties"). Looks at the stores that
// are named, for librdkafka reads PEM and PKCS#12 only: kUsage with the command that converts.
Result<ClientProperties> translate_properties(const Properties& java, const std::string& source,
                                              Disk& disk);

// Reads a file as --command-config takes it and translates it. kNotFound, kUsage.
Result<ClientProperties> read_client_properties(const std::string& path, Disk& disk);

// One "key=value" of -X; kUsage when it is not that.
Status take_assignment(const std::string& flag, const std::string& text, Properties& into);

}  // namespace weir::kafka
