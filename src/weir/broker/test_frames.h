// Frames as they come from a client, for tests.
#pragma once
#include <string>

#include "weir/base/bytes.h"

namespace weir::broker {

inline std::string frame_of(const std::string& body) {
  std::string bytes;
  append_be(bytes, int32_t(body.size()));
  return bytes + body;
}

}  // namespace weir::broker
