// One small Kafka request (ApiVersions, version 0) over a connection of its own, to see whether and
// how fast a link answers. Never waits: poll() is called often, and tells the answer when it sees
// it. Home thread: one.
#pragma once
#include <optional>
#include <string>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/sys/net.h"

namespace weir::proxy {

class LinkProbe {
 public:
  struct Answer {
    bool answered = false;
    Nanos took;           // from sending the request, or from connecting where it failed before
    std::string trouble;  // of the connection, when there was no answer
  };

  // Begins to connect to a numeric address.
  static Result<LinkProbe> start(const Address& to, Nanos now);
  // Empty while neither an answer nor an end has come.
  std::optional<Answer> poll(Nanos now);
  Nanos begun() const { return begun_; }

 private:
  LinkProbe(Fd socket, Nanos now) : socket_(std::move(socket)), begun_(now) {}
  Answer broken(Nanos now, int reason) const;

  Fd socket_;
  Nanos begun_;  // of connecting, then of asking
  bool asked_ = false;
};

}  // namespace weir::proxy
