#include "weir/broker/inbox.h"

#include <algorithm>
#include <cstring>

#include "weir/base/bytes.h"
#include "weir/base/check.h"

namespace weir::broker {
namespace {
constexpr size_t kReadBytes = 64 << 10;    // room when nothing is known of what comes
constexpr size_t kReadBeyond = 4 << 10;    // past a known frame's end: what may need moving
constexpr size_t kKeptBytesMax = 4 << 20;  // a larger buffer is given back once it is empty
}  // namespace

void Inbox::make_room(size_t wanted) {
  const size_t held = end_ - begin_;
  if (capacity_ - end_ >= wanted) return;
  if (capacity_ - held >= wanted) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, held);
  } else {
    const size_t capacity = std::max(held + wanted, std::min(capacity_ * 2, size_t(8) << 20));
    auto larger = std::make_unique_for_overwrite<char[]>(capacity);
    if (held) std::memcpy(larger.get(), buffer_.get() + begin_, held);
    buffer_ = std::move(larger);
    capacity_ = capacity;
  }
  begin_ = 0;
  end_ = held;
}

std::span<char> Inbox::room() {
  const size_t held = end_ - begin_;
  if (held == 0) {
    begin_ = end_ = 0;
    if (capacity_ > kKeptBytesMax) {
      buffer_.reset();
      capacity_ = 0;
    }
  }
  size_t wanted = kReadBytes;
  if (held >= 4) {
    // The rest of the frame and little more, so that hardly anything behind it has to be moved;
    // but at most as much again as has arrived, for a length alone proves nothing.
    const size_t frame = 4 + size_t(load_be<uint32_t>(buffer_.get() + begin_));
    const size_t rest = frame > held ? frame - held : 0;
    wanted = std::min(rest + kReadBeyond, std::max(kReadBytes, held));
  }
  make_room(wanted);
  return {buffer_.get() + end_, std::min(capacity_ - end_, wanted)};
}

void Inbox::received(size_t n) {
  WEIR_CHECK_LE(n, capacity_ - end_);
  end_ += n;
}

Inbox::Next Inbox::next(std::span<char>& frame) {
  const size_t held = end_ - begin_;
  if (held < 4) return Next::kNeedMore;
  const uint32_t length = load_be<uint32_t>(buffer_.get() + begin_);
  if (length == 0 || length > frame_bytes_max_) return Next::kBadLength;
  if (held - 4 < length) return Next::kNeedMore;
  frame = {buffer_.get() + begin_ + 4, length};
  begin_ += 4 + size_t(length);
  return Next::kFrame;
}

}  // namespace weir::broker
