// The answers of one connection, sent strictly in the order of its requests.
//
// Home thread: its connection's. Each request opens a slot; slots are answered in any order and
// leave in the order they were opened.
#pragma once
#include <cstdint>
#include <deque>

#include "weir/base/result.h"
#include "weir/broker/reply.h"

struct iovec;

namespace weir::broker {

// Where answers go: a socket, or a test.
class Sink {
 public:
  virtual ~Sink() = default;
  // Each takes what it can, now, and returns how much; 0: no more for the moment. `more`: other
  // bytes follow at once.
  virtual Result<size_t> send(const iovec* pieces, size_t count, bool more) = 0;
  virtual Result<size_t> send_file(const FileRange& range) = 0;
};

class Outbox {
 public:
  enum class Sent { kAll, kBlocked, kClose };

  // A place for the answer to the request that just came, which holds `bytes` until then.
  uint64_t open_slot(uint64_t bytes);
  void answer(uint64_t slot, Reply reply);

  // Sends what is answered and due. kBlocked: the sink is full, try again when it is writable.
  // kClose: an answer said that the connection ends here.
  Result<Sent> flush(Sink& sink);

  // Requests without an answer, or with one not yet wholly sent.
  size_t pending() const { return slots_.size(); }
  // Bytes that requests without an answer hold, and of answers kept in memory.
  uint64_t bytes_held() const { return request_bytes_ + reply_bytes_; }

 private:
  struct Slot {
    uint64_t request_bytes = 0, reply_bytes = 0;
    bool answered = false;
    Reply reply;
    size_t part = 0;         // the first part not wholly sent
    uint64_t part_sent = 0;  // of it
  };
  // Sends the memory parts that are next in line, or the file part; 0 when the sink is full.
  Result<size_t> send_some(Sink& sink);
  void advance(size_t sent);
  void drop_finished();

  std::deque<Slot> slots_;
  uint64_t first_slot_ = 0;  // the number of slots_.front()
  uint64_t request_bytes_ = 0, reply_bytes_ = 0;
  bool closing_ = false;
};

}  // namespace weir::broker
