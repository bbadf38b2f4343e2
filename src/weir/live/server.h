// Serves the live page of one run over HTTP/1.1, from a thread of its own at low priority.
//
// The run never waits for it: it only tells the Board. Clients can be slow or hostile: a request's
// head, the number of connections and of streams, and every wait are bounded; a stream that does
// not take its events is dropped. Nothing is written to any log. start(), finish() and the
// destructor belong to one thread.
#pragma once
#include <memory>
#include <string>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/live/board.h"
#include "weir/sys/net.h"

namespace weir::live {

struct Limits {
  size_t head_bytes_max = 8192;          // request line and headers
  size_t connections_max = 64;           // one more is closed at once
  size_t streams_max = 16;               // one more is answered with 503
  Nanos idle = nanos_from_seconds(10);   // for a whole request, and between two on a connection
  Nanos write = nanos_from_seconds(10);  // for one answer or event to be taken
  Nanos update = nanos_from_seconds(1);  // between two events of a stream
};

struct ServerOptions {
  Address address{"127.0.0.1", 0};
  std::string token;
  Limits limits;
};

class Server {
 public:
  // `board` outlives it. kUsage when the address is taken or not ours.
  static Result<std::unique_ptr<Server>> start(const ServerOptions& options, const Board& board);
  ~Server();  // closes everything at once

  // "http://127.0.0.1:40123/?t=k3..."; the loopback address when it listens on all.
  const std::string& link() const { return link_; }
  // After Board::end(): returns as soon as no stream is open (a page closes its own once it has the
  // end and the report), at the latest after `limit`.
  void finish(Nanos limit);

 private:
  class Thread;
  explicit Server(std::unique_ptr<Thread> thread, std::string link);
  std::unique_ptr<Thread> thread_;
  std::string link_;
};

// 80 random bits as lower-case letters and digits.
std::string new_token();

}  // namespace weir::live
