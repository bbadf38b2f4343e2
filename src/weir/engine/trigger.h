// When micro-batches begin: Spark's processing-time trigger.
#pragma once
#include "weir/base/types.h"

namespace weir::engine {

// When nothing new is there and the trigger is 0.
constexpr Nanos kIdleWait = nanos_from_millis(10);

// The trigger after one that fired at `fired`: floor(fired / T) * T + T on the epoch's millisecond
// clock; with T = 0 `fired` itself. A batch still running then is followed at once by the next,
// whose successor is on the grid again; slots missed are not made up (Spark's
// ProcessingTimeExecutor).
Nanos next_trigger(Nanos fired, Nanos interval);

}  // namespace weir::engine
