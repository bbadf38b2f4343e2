#include "weir/engine/trigger.h"

namespace weir::engine {

Nanos next_trigger(Nanos fired, Nanos interval) {
  if (interval.millis() <= 0) return fired;
  const int64_t step = interval.millis();
  return nanos_from_millis(fired.millis() / step * step + step);
}

}  // namespace weir::engine
