#include "weir/lab/guard.h"

#include "apps/weir/cli.h"

namespace weir::cli {
int guard_command(Arguments) { return lab::run_guard(0); }
}  // namespace weir::cli
