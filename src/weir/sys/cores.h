// Which cores of this machine a process may run on.
#pragma once
#include <string>
#include <vector>

#include "weir/base/result.h"

namespace weir {

// Numbers as the kernel counts them; ascending, each once.
using Cores = std::vector<int>;

// "0,2-5" as taskset -c takes it; `what` names it in messages. kUsage when it is none.
Result<Cores> parse_cores(const std::string& text, const std::string& what);
std::string to_text(const Cores& cores);

// Those that this thread may run on.
Cores usable_cores();
// From now on this thread, and what it starts, runs on these alone. Fails where none can be had.
Status run_on(const Cores& cores);

}  // namespace weir
