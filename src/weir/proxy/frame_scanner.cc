#include "weir/proxy/frame_scanner.h"

namespace weir::proxy {
namespace {

// Kafka's own limit of a request is 100 MiB; an answer may be a little larger.
constexpr int32_t kFrameMax = 1 << 30;

int32_t number_at(const char* bytes, int count) {
  uint32_t value = 0;
  for (int i = 0; i < count; ++i) value = (value << 8) | uint8_t(bytes[i]);
  return int32_t(value);
}

}  // namespace

std::optional<FrameHead> FrameScanner::read_head(size_t begun) {
  const int32_t size = number_at(head_.data(), 4);
  if (size < int32_t(head_bytes_ - 4) || size > kFrameMax) {
    lost_ = true;
    return std::nullopt;
  }
  left_ = size_t(size) + 4 - head_bytes_;
  if (head_bytes_ == 8) return FrameHead{begun, 0, number_at(head_.data() + 4, 4)};
  return FrameHead{begun, int16_t(number_at(head_.data() + 4, 2)), number_at(head_.data() + 8, 4)};
}

}  // namespace weir::proxy
