// Fetch: answered at once, or parked until there is enough to send, its time is up, or its
// connection has another request.
//
// Home thread: its reactor's. The last rule is ours: clients that look up offsets on the connection
// on which they also long-poll would otherwise wait out the poll each time.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "weir/broker/catalog.h"
#include "weir/broker/fetch_frame.h"
#include "weir/broker/responder.h"
#include "weir/wire/messages/fetch.h"

namespace weir::broker {

class Reactor;

class Fetches {
 public:
  Fetches(const Catalog& catalog, Reactor& reactor) : catalog_(catalog), reactor_(reactor) {}

  void start(wire::FetchRequest request, const Responder& responder, Nanos now);
  // Answers what is parked for this connection with what there is.
  void release(uint64_t connection);
  // Forgets it: the connection is gone.
  void drop(uint64_t connection);
  // The visible end of this log moved, or the log is gone.
  void advanced(const log::PartitionLog* log);
  // Answers those whose time is up. When the next one's is; empty: none is parked.
  std::optional<Nanos> on_turn(Nanos now);

 private:
  struct Parked {
    wire::FetchRequest request;
    std::vector<TopicRef> topics;  // of request.topics, in order
    Responder responder;
    Nanos ends;
  };
  struct Collected {
    std::vector<FetchedTopic> topics;
    uint64_t bytes = 0;
    bool failed = false;  // of some partition
  };
  Collected collect(const wire::FetchRequest& request, const std::vector<TopicRef>& topics) const;
  static void answer(const Responder& responder, Collected collected);
  // Whether a read could give something now, or fail: cheap, and sure when it says no.
  static bool may_have_something(const Parked& fetch);
  void park(Parked fetch);
  Parked unpark(uint64_t connection);
  bool is_due(const Collected& collected, const wire::FetchRequest& request) const {
    return collected.failed || int64_t(collected.bytes) >= request.min_bytes;
  }

  const Catalog& catalog_;
  Reactor& reactor_;
  std::unordered_map<uint64_t, Parked> parked_;     // by connection: it has at most one
  std::set<std::pair<Nanos, uint64_t>> deadlines_;  // with the connection
  std::unordered_multimap<const log::PartitionLog*, uint64_t> waiting_for_;
};

}  // namespace weir::broker
