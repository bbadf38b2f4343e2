// A port for a program that cannot be told to choose one itself.
#pragma once
#include <cstdint>

#include "weir/base/result.h"

namespace weir {

// A port of the loopback interface that nobody uses now; somebody may take it before its user does.
Result<uint16_t> free_port();

}  // namespace weir
