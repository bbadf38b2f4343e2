// Spans of time as people write them.
#pragma once
#include <string>
#include <string_view>

#include "weir/base/result.h"
#include "weir/base/types.h"

namespace weir {
// "5 seconds", "200 ms", "1s", "25m", "1.5 h", "0": a number and a unit (ms, s, m, h or their
// English names, singular or plural); a bare number is seconds. kUsage when it is not that or
// negative.
Result<Nanos> parse_duration(std::string_view text);
// The shortest exact form of that kind: "200ms", "5s", "25m".
std::string duration_text(Nanos span);
}  // namespace weir
