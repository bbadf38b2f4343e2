// Running the programs that setup relies on: mvn, pip, tar, java.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/setup/places.h"

namespace weir::setup {

// The first executable file `name` in the folders of places.path.
std::optional<std::string> find_program(const std::string& name, const Places& places);

// True once the person asked to stop.
using Cancelled = std::function<bool()>;

struct Outcome {
  int status = 0;
  std::string text;  // what it printed, stdout and stderr together
};

// Runs a program to its end with places.path as its PATH. kFailed when it cannot be started,
// kInterrupted (and the program killed) once cancelled() is true.
Result<Outcome> run_tool(const std::vector<std::string>& arguments,
                         const std::map<std::string, std::string>& environment,
                         const Places& places, const Cancelled& cancelled);

}  // namespace weir::setup
