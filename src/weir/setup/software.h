// The pinned software that weir can run as peers: where it is once prepared.
//
// Apache Kafka and Apache Spark are fetched by `weir setup` (install.h) into a cache, each into one
// folder that appears there whole or not at all. Functions here only look; they download nothing.
#pragma once
#include <string>

#include "weir/base/result.h"
#include "weir/setup/places.h"

namespace weir::setup {

struct Kafka {
  std::string version;    // "3.9.1"
  std::string home;       // folder that holds libs/
  std::string classpath;  // for java -cp: broker and command line tools
};

// kNotFound, telling to run `weir setup kafka`, when it is not prepared or files are missing.
Result<Kafka> kafka_home(const Places& places = Places::of_environment());

struct Spark {
  std::string version;  // "3.5.7"
  std::string home;     // SPARK_HOME: bin/spark-submit, jars/, python/lib/
  bool own = true;      // prepared by weir; false when the environment's SPARK_HOME names it
};

// $SPARK_HOME when that is set, else the prepared one. kNotFound when there is none. A SPARK_HOME
// must be 3.5 or later and hold in jars/ the Connect server and the Kafka source of its own
// version; kUsage, naming the jar, when it does not.
Result<Spark> spark_home(const Places& places = Places::of_environment());

}  // namespace weir::setup
