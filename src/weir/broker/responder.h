// The way back to one request: where its answer goes, and in what version it is written.
//
// Copyable and usable from any thread, once: exactly one answer per request. The reactor outlives
// every thread that may hold one.
#pragma once
#include <cstdint>
#include <string>

#include "weir/broker/reply.h"
#include "weir/wire/frame.h"

namespace weir::broker {

// Takes an answer to its connection, from any thread. A connection that is gone swallows it.
class AnswerPort {
 public:
  virtual ~AnswerPort() = default;
  virtual void answer(uint64_t connection, uint64_t slot, Reply reply) = 0;
};

struct Responder {
  AnswerPort* port = nullptr;
  uint64_t connection = 0, slot = 0;
  int16_t version = 0;
  int32_t correlation_id = 0;

  template <class Response>
  void send(const Response& response) const {
    std::string frame;
    wire::append_response(frame, version, correlation_id, response);
    send(Reply::bytes(std::move(frame)));
  }
  void send(Reply reply) const { port->answer(connection, slot, std::move(reply)); }
};

}  // namespace weir::broker
