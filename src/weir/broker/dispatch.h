// Reads a request's header and hands its body to the handler of its API and version.
//
// Home thread: its reactor's. One per reactor, with the fetches parked there.
#pragma once
#include <functional>
#include <string>

#include "weir/broker/fetches.h"
#include "weir/broker/handlers.h"
#include "weir/broker/reactor.h"

namespace weir::broker {

class Dispatch final : public Session {
 public:
  using Note = std::function<void(const std::string&)>;  // a line for the person who runs this

  Dispatch(Services& services, Reactor& reactor, Note note)
      : services_(services),
        reactor_(reactor),
        fetches_(services.catalog, reactor),
        note_(std::move(note)) {}

  bool on_request(Connection& connection, std::span<char> frame) override;
  void on_closed(const Connection& connection) override;
  void on_advanced(const log::PartitionLog* log) override { fetches_.advanced(log); }
  std::optional<Nanos> on_turn(Nanos now) override { return fetches_.on_turn(now); }

 private:
  bool route(Connection& connection, const wire::Api& api, Context context, std::string_view body);
  template <class Request>
  bool serve(Connection& connection, Context context, std::string_view body);
  void refuse(const Connection& connection, const std::string& why);

  Services& services_;
  Reactor& reactor_;
  Fetches fetches_;
  const Note note_;
};

}  // namespace weir::broker
