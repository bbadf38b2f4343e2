// The processes of a Spark standalone cluster on this machine, by what /proc says of them.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "weir/sys/process.h"

namespace weir::lab {

struct SparkExecutor {
  ProcessId process, worker;        // the worker is its parent
  std::string application, number;  // --app-id app-20260102030405-0000, --executor-id 0
};

// The arguments of an executor's JVM; empty when the command line is not one.
std::optional<SparkExecutor> executor_of(const std::vector<std::string>& arguments,
                                         int* driver_port);

// Executors on this machine whose --driver-url names a port on which a process of the group of
// `driver` listens, by their numbers. Reads all of /proc: some milliseconds.
std::vector<SparkExecutor> executors_of(const ProcessId& driver);

}  // namespace weir::lab
