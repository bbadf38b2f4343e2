// One direction of a proxied connection: bytes that wait until they may be handed on, in order.
// Home thread: the proxy's.
#pragma once
#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "weir/base/types.h"
#include "weir/sys/net.h"

namespace weir::proxy {

class Pipe {
 public:
  // What waits for the other side is bounded: whoever sends more waits too, as for a full window.
  static constexpr size_t kHeldMax = 16 << 20;

  // May leave at `release`, yet never before what came earlier.
  void add(std::string_view bytes, Nanos release);
  // Writes what may leave by `now`, at most `most` bytes; how many they were. Empty: the
  // connection is broken.
  std::optional<size_t> send_to(const Fd& socket, Nanos now, size_t most);

  bool is_empty() const { return chunks_.empty(); }
  bool is_full() const { return held_ >= kHeldMax; }
  // The socket had no room at the latest attempt.
  bool is_blocked() const { return blocked_; }
  size_t held() const { return held_; }
  // When the first waiting byte may leave; empty when none waits.
  std::optional<Nanos> next() const;

 private:
  struct Chunk {
    Nanos release;
    std::string bytes;
  };
  std::deque<Chunk> chunks_;
  size_t sent_ = 0;  // of the first chunk
  size_t held_ = 0;
  bool blocked_ = false;
};

}  // namespace weir::proxy
