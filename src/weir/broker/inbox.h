// Cuts what a connection receives into frames (docs/formats/wire.md: int32 length, then the body).
//
// Home thread: its connection's. Memory grows with what has really arrived, never with what a
// length announces; a frame is whole and contiguous, and is left where read() put it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace weir::broker {

class Inbox {
 public:
  enum class Next { kFrame, kNeedMore, kBadLength };

  explicit Inbox(uint32_t frame_bytes_max) : frame_bytes_max_(frame_bytes_max) {}

  // Where to put the next bytes; at least one. Ends the validity of every frame given out.
  std::span<char> room();
  // `n` bytes were put into the last room().
  void received(size_t n);
  // kFrame: `frame` holds the next body, writable, until room() is called. kBadLength: the length
  // is negative, zero or above the bound; nothing sensible can follow.
  Next next(std::span<char>& frame);

 private:
  void make_room(size_t wanted);

  const uint32_t frame_bytes_max_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0, begin_ = 0, end_ = 0;
};

}  // namespace weir::broker
