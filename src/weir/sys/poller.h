// Waits for many sockets at once (epoll, level-triggered) and can be woken from any thread.
//
// One thread owns a Poller; only wake() may be called by others. A tag is an opaque value that
// comes back with the events of its descriptor; an event already collected may still carry the tag
// of a descriptor forgotten in the same turn, so tags are looked up, not dereferenced.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/sys/net.h"

namespace weir {

struct Interest {
  bool readable = true, writable = false;
  bool operator==(const Interest&) const = default;
};

class Poller {
 public:
  struct Event {
    uint64_t tag;
    bool readable, writable;
    bool broken;  // the peer hung up or the socket failed; then also readable and writable
  };

  static Result<Poller> open();
  Poller(Poller&&) = default;
  Poller& operator=(Poller&&) = default;

  Status add(const Fd& fd, Interest interest, uint64_t tag);
  Status change(const Fd& fd, Interest interest, uint64_t tag);
  void forget(const Fd& fd);

  // Waits until something is ready, wake() was called, or `limit` has passed (negative: for ever;
  // rounded up to whole milliseconds). The events are valid until the next call.
  std::span<const Event> wait(Nanos limit);

  // Makes the current or the next wait() return. Any thread.
  void wake() const;

 private:
  Poller() = default;
  Status control(int operation, const Fd& fd, Interest interest, uint64_t tag);

  Fd epoll_, wake_;
  std::vector<Event> events_;
};

}  // namespace weir
