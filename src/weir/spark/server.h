// The Spark Connect server that weir starts: how it is started, and what its log says when it
// fails. Pure functions; the process belongs to whoever starts it.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/result.h"

namespace weir::spark {

struct ServerOptions {
  std::string home;       // SPARK_HOME
  std::string java_home;  // empty: as the environment has it
  std::string master;     // local[2], spark://host:7077, yarn, k8s://...
  std::string driver_memory = "1g";
  std::map<std::string, std::string> conf;  // of the user; wins over weir's own
  uint16_t port = 0;
  std::string folder;  // for what Spark keeps on disk while it runs
};

struct ServerCommand {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment;
};

inline constexpr const char* kPortConf = "spark.connect.grpc.binding.port";

// spark-submit replaces itself by the JVM, so the started process is the driver.
ServerCommand server_command(const ServerOptions& options);

// Why a server ended or never answered, from its log: `what` with the known cause and its remedy,
// or with the last lines. kUsage where the user's installation or settings are at fault.
Error server_error(const std::string& what, std::string_view log);

// True when the log says that the port was taken.
bool is_port_taken(std::string_view log);

}  // namespace weir::spark
