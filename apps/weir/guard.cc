#include "weir/lab/guard.h"

#include <unistd.h>

#include "apps/weir/cli.h"
#include "weir/kafka/environment.h"

namespace weir::cli {
// Started by weir run alone, so it takes what that gives: [--journal PATH].
int guard_command(Arguments arguments) {
  kafka::hide_environment();
  const std::string journal = arguments.size() == 2 ? arguments[1] : "";
  return lab::run_guard(STDIN_FILENO, STDOUT_FILENO, journal);
}
}  // namespace weir::cli
