#include "weir/spark/server.h"

#include <algorithm>

#include "weir/sys/log_tail.h"

namespace weir::spark {
namespace {

constexpr size_t kTailLines = 8, kLineMax = 400;

// A cause that people meet, by words of the log.
struct Known {
  const char* sign;
  const char* why;
  const char* remedy;
};
constexpr Known kKnown[] = {
    {"UnsupportedClassVersionError", "this Java is too old for this Spark",
     "set JAVA_HOME to Java 17, or Java 8 to 17 with Spark 3.5"},
    {"JAVA_HOME is not set", "there is no Java",
     "install a Java 11 or 17 runtime, or set JAVA_HOME"},
    {"java: not found", "there is no Java", "install a Java 11 or 17 runtime, or set JAVA_HOME"},
    {"bin/java: No such file", "JAVA_HOME has no bin/java", "set JAVA_HOME to a Java 11 or 17"},
    {"getSubject is supported only if a security manager is allowed",
     "this Java is too new for this Spark", "set JAVA_HOME to Java 17"},
    {"Failed to load class org.apache.spark.sql.connect", "this Spark has no Connect server",
     "put spark-connect of exactly its version into its jars, or unset SPARK_HOME and run weir "
     "setup spark"},
    {"Could not parse Master URL", "Spark does not know this master",
     "write local[N], spark://host:port, yarn or k8s://host:port"},
    {"Master must either be yarn or start with", "Spark does not know this master",
     "write local[N], spark://host:port, yarn or k8s://host:port"},
    {"All masters are unresponsive", "no Spark master answers at the address of --master",
     "check that the cluster runs and accepts applications from here"},
    {"OutOfMemoryError", "the server ran out of memory", "give it more: [engine] driver_memory"},
    {"Could not reserve enough space", "the machine has not that much memory",
     "give the server less: [engine] driver_memory"},
    {"Invalid maximum heap size", "its memory setting cannot be understood",
     "write [engine] driver_memory as 1g or 1536m"},
};
constexpr const char* kPairSigns[] = {"NoSuchMethodError", "NoClassDefFoundError",
                                      "AbstractMethodError", "IncompatibleClassChangeError",
                                      "NoSuchFieldError"};

std::string_view line_with(std::string_view log, std::string_view sign) {
  const size_t at = log.find(sign);
  if (at == std::string_view::npos) return {};
  const size_t begin = log.rfind('\n', at) + 1;
  return log.substr(begin, std::min(log.find('\n', at), log.size()) - begin).substr(0, kLineMax);
}

}  // namespace

ServerCommand server_command(const ServerOptions& options) {
  std::map<std::string, std::string> conf = {
      {"spark.ui.enabled", "false"},
      // At INFO every batch writes its generated code and plans, hundreds of kilobytes.
      {"spark.log.level", "WARN"},
      {"spark.local.dir", options.folder},
      {"spark.sql.warehouse.dir", options.folder + "/warehouse"},
      {kPortConf, std::to_string(options.port)},
  };
  for (const auto& [key, value] : options.conf) conf[key] = value;
  ServerCommand command;
  command.arguments = {options.home + "/bin/spark-submit",
                       "--master",
                       options.master,
                       "--driver-memory",
                       options.driver_memory,
                       "--name",
                       "weir"};
  for (const auto& [key, value] : conf) {
    command.arguments.push_back("--conf");
    command.arguments.push_back(key + "=" + value);
  }
  command.arguments.insert(
      command.arguments.end(),
      {"--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"});
  command.environment["SPARK_HOME"] = options.home;
  if (!options.java_home.empty()) command.environment["JAVA_HOME"] = options.java_home;
  // Executors of a cluster must reach the driver; those of local[N] are in it.
  if (options.master.starts_with("local")) command.environment["SPARK_LOCAL_IP"] = "127.0.0.1";
  return command;
}

bool is_port_taken(std::string_view log) {
  return log.find("Address already in use") != std::string_view::npos ||
         log.find("BindException") != std::string_view::npos;
}

Error server_error(const std::string& what, std::string_view log) {
  if (is_port_taken(log))
    return {Code::kUsage, what,
            "its port is taken: " + std::string(line_with(log, "BindException")),
            std::string("give another one with -c ") + kPortConf +
                "=PORT, or leave that out and weir finds one"};
  for (const Known& known : kKnown)
    if (const auto line = line_with(log, known.sign); !line.empty())
      return {Code::kUsage, what, std::string(known.why) + ": " + std::string(line), known.remedy};
  for (const char* sign : kPairSigns)
    if (const auto line = line_with(log, sign); !line.empty())
      return {Code::kUsage, what,
              std::string("jars that do not fit together: ") + std::string(line),
              "spark-connect must have exactly the version of the Spark it runs in; weir setup "
              "spark prepares a pair that fits"};
  const std::string last = last_lines(log, kTailLines);
  return {Code::kFailed, what,
          last.empty() ? "it wrote nothing to its log" : "its log ends with:\n" + last,
          "read its whole log"};
}

}  // namespace weir::spark
