// The Java that Apache Kafka and Apache Spark run on.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "weir/base/result.h"
#include "weir/setup/places.h"

namespace weir::setup {

constexpr int kJavaOfKafka = 11, kJavaOfSpark = 8;  // the oldest that they run on

struct Java {
  std::string path;  // of the program `java`
  std::string home;  // JAVA_HOME for scripts that want one
  int version = 0;   // 8, 11, 17, ...
};

// $JAVA_HOME/bin/java when JAVA_HOME is set, else the first `java` of PATH. kFailed, with how to
// get one, when there is none, it does not run, or it is older than `minimum`.
Result<Java> find_java(int minimum, const Places& places = Places::of_environment());

// The version in what `java -version` prints: 8 for "1.8.0_392", 17 for "17.0.15".
std::optional<int> parse_java_version(std::string_view text);

}  // namespace weir::setup
