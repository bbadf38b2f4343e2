// One client: its socket, the requests that came and the answers that are due.
//
// Home thread: its reactor's. Requests are handed on as they arrive, also while earlier ones await
// their answers; answers leave in request order. When a client has too much unanswered or does not
// read its answers, nothing more is read from it until that has changed.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>

#include "weir/broker/inbox.h"
#include "weir/broker/outbox.h"
#include "weir/sys/net.h"
#include "weir/sys/poller.h"

namespace weir::broker {

struct ConnectionLimits {
  uint32_t frame_bytes_max = 100 << 20;  // as Kafka's socket.request.max.bytes
  size_t pending_requests_max = 1024;
  uint64_t held_bytes_max = 32 << 20;  // of unanswered requests and of answers in memory
};

class Connection {
 public:
  // What to do with a request; it must open a slot for it by open_slot(). False: the bytes make no
  // sense, close.
  using OnRequest = std::function<bool(Connection&, std::span<char> frame)>;
  enum class Fate { kOpen, kClosed };

  Connection(uint64_t id, Fd socket, const ConnectionLimits& limits);

  uint64_t id() const { return id_; }
  const Fd& socket() const { return socket_; }
  const Address& peer() const { return peer_; }
  const Address& local() const { return local_; }  // the address that the client reached us by
  std::string software;                            // what the client calls itself [KIP-511]

  // Reads what is there and hands on what is complete. kClosed: the peer is gone or sends nonsense;
  // for a length that cannot be, `why_closed` then says so.
  Fate read(const OnRequest& on_request);
  // Sends what is due, then hands on requests that were held back.
  Fate flush(const OnRequest& on_request);

  uint64_t open_slot(size_t request_bytes) { return outbox_.open_slot(request_bytes); }
  void answer(uint64_t slot, Reply reply) { outbox_.answer(slot, std::move(reply)); }

  // What to wait for now, and what the poller was last told.
  Interest wanted() const { return {.readable = may_take_more(), .writable = blocked_}; }
  Interest watched;
  std::string why_closed;

 private:
  bool may_take_more() const {
    return outbox_.pending() < limits_.pending_requests_max &&
           outbox_.bytes_held() < limits_.held_bytes_max;
  }
  Fate hand_on(const OnRequest& on_request);

  const uint64_t id_;
  Fd socket_;
  const ConnectionLimits limits_;
  Address peer_, local_;
  Inbox inbox_;
  Outbox outbox_;
  bool blocked_ = false;    // the socket takes no more for now
  bool held_back_ = false;  // whole frames may wait in the inbox
};

}  // namespace weir::broker
