#include "weir/broker/dispatch.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::broker {
namespace {
// What a client calls itself goes to somebody's terminal: at most 100 harmless letters of it.
std::string printable(std::string text) {
  text.resize(std::min<size_t>(text.size(), 100));
  for (char& c : text)
    if (c < ' ' || c > '~') c = '?';
  return text;
}
}  // namespace

// Says in one line why a client is sent away; its next attempt would fail alike.
void Dispatch::refuse(const Connection& connection, const std::string& why) {
  note_(fmt::format("closed the connection of {}{}: {}", connection.peer().text(),
                    connection.software.empty() ? "" : " (" + connection.software + ")", why));
}

void Dispatch::on_closed(const Connection& connection) {
  fetches_.drop(connection.id());
  if (!connection.why_closed.empty()) refuse(connection, connection.why_closed);
}

bool Dispatch::on_request(Connection& connection, std::span<char> frame) {
  std::string_view body(frame.data(), frame.size());
  const auto header = wire::take_request_header(body);
  if (!header) return refuse(connection, to_text(header.error())), false;
  const uint64_t slot = connection.open_slot(frame.size());
  fetches_.release(connection.id());
  const wire::Api* api = wire::find_api(header->api_key);
  if (api && api->key == wire::ApiKey::kApiVersions && !api->serves(header->api_version)) {
    std::string refusal;
    wire::append_api_versions_refusal(refusal, header->correlation_id);
    reactor_.answer(connection.id(), slot, Reply::bytes(std::move(refusal)));
    return true;
  }
  if (!api || !api->serves(header->api_version))
    return refuse(connection, fmt::format("it asks for API {} version {}, which is not served",
                                          header->api_key, header->api_version)),
           false;
  Context context{services_,
                  {header->client_id.value_or(""), connection.peer().host, connection.local()},
                  {&reactor_, connection.id(), slot, header->api_version, header->correlation_id}};
  return route(connection, *api, std::move(context), body);
}

template <class Request>
bool Dispatch::serve(Connection& connection, Context context, std::string_view body) {
  auto request = wire::decode<Request>(body, context.responder.version);
  if (!request) return refuse(connection, to_text(request.error())), false;
  if constexpr (std::is_same_v<Request, wire::ApiVersionsRequest>)
    connection.software =
        printable(request->client_software_name + " " + request->client_software_version);
  if constexpr (std::is_same_v<Request, wire::FetchRequest>)
    fetches_.start(std::move(*request), context.responder, services_.clock.now());
  else
    handle(std::move(context), std::move(*request));
  return true;
}

bool Dispatch::route(Connection& connection, const wire::Api& api, Context context,
                     std::string_view body) {
  using wire::ApiKey;
  switch (api.key) {
#define WEIR_ROUTE(name) \
  case ApiKey::k##name:  \
    return serve<wire::name##Request>(connection, std::move(context), body);
    WEIR_ROUTE(Produce)
    WEIR_ROUTE(Fetch)
    WEIR_ROUTE(ListOffsets)
    WEIR_ROUTE(Metadata)
    WEIR_ROUTE(OffsetCommit)
    WEIR_ROUTE(OffsetFetch)
    WEIR_ROUTE(FindCoordinator)
    WEIR_ROUTE(JoinGroup)
    WEIR_ROUTE(Heartbeat)
    WEIR_ROUTE(LeaveGroup)
    WEIR_ROUTE(SyncGroup)
    WEIR_ROUTE(DescribeGroups)
    WEIR_ROUTE(ListGroups)
    WEIR_ROUTE(ApiVersions)
    WEIR_ROUTE(CreateTopics)
    WEIR_ROUTE(DeleteTopics)
    WEIR_ROUTE(DeleteRecords)
    WEIR_ROUTE(InitProducerId)
    WEIR_ROUTE(OffsetForLeaderEpoch)
    WEIR_ROUTE(DescribeConfigs)
    WEIR_ROUTE(AlterConfigs)
    WEIR_ROUTE(CreatePartitions)
    WEIR_ROUTE(DeleteGroups)
    WEIR_ROUTE(IncrementalAlterConfigs)
    WEIR_ROUTE(DescribeCluster)
#undef WEIR_ROUTE
  }
  return refuse(connection, fmt::format("API {} is not served", api.name)), false;
}

}  // namespace weir::broker
