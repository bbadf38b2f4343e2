// How weir is configured to reach a Kafka cluster.
#pragma once
#include <map>
#include <string>
#include <string_view>

#include "weir/base/types.h"

namespace weir::kafka {

// `properties` are librdkafka's (-X key=value) and override what weir sets.
struct ClientConfig {
  std::string brokers;  // host:port[,host:port]
  std::map<std::string, std::string> properties;
  std::string client_id = "weir";
};

// A record to write: views hold until send() returns.
struct Header {
  std::string_view key, value;
};

}  // namespace weir::kafka
