// The flags by which a command reaches a Kafka: -b, --command-config and -X.
#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/kafka/client.h"

namespace weir::cli {

struct ClientFlags {
  std::string brokers;  // empty: bootstrap.servers of the file, else localhost:9092
  std::string command_config;
  std::vector<std::string> properties;
};

// Adds -b, or only the two others.
void add_client_flags(CLI::App& app, ClientFlags& flags);
void add_property_flags(CLI::App& app, ClientFlags& flags);

// Settings by rising precedence: the file, WEIR_CLIENT_PROPERTIES, -X. Notes of what is left out of
// the file go to stderr. Not beside other threads.
Result<kafka::ClientConfig> client_of(const ClientFlags& flags);

}  // namespace weir::cli
