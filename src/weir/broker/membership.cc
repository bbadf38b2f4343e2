// JoinGroup, SyncGroup, Heartbeat, LeaveGroup: between the wire and the group state machine.
#include "weir/broker/handlers.h"

namespace weir::broker {
namespace {

// Names that one client sends in a long form may have to be told to another in a form that holds
// less; nobody needs more than this.
constexpr size_t kNameBytesMax = 1024;
constexpr int32_t kSessionMsMax = 1'800'000;  // Kafka's group.max.session.timeout.ms

bool is_name(const std::string& text) { return text.size() <= kNameBytesMax; }
bool is_name(const std::optional<std::string>& text) { return !text || is_name(*text); }

ErrorCode check(const wire::JoinGroupRequest& request) {
  if (request.group_id.empty() || !is_name(request.group_id)) return ErrorCode::kInvalidGroupId;
  if (request.session_timeout_ms < 1 || request.session_timeout_ms > kSessionMsMax)
    return ErrorCode::kInvalidSessionTimeout;
  if (!is_name(request.group_instance_id)) return ErrorCode::kInvalidRequest;
  if (!is_name(request.member_id)) return ErrorCode::kUnknownMemberId;
  bool names = is_name(request.protocol_type);
  for (const auto& protocol : request.protocols) names = names && is_name(protocol.name);
  return names ? ErrorCode::kNone : ErrorCode::kInconsistentGroupProtocol;
}

JoinRequest join_request(const Context& context, wire::JoinGroupRequest request) {
  JoinRequest join;
  join.member_id = std::move(request.member_id);
  join.instance_id = std::move(request.group_instance_id);
  join.client_id = context.caller.client_id;
  join.client_host = context.caller.host;
  join.session_timeout = nanos_from_millis(request.session_timeout_ms);
  // Version 0 has one time for both.
  join.rebalance_timeout = request.rebalance_timeout_ms < 0
                               ? join.session_timeout
                               : nanos_from_millis(request.rebalance_timeout_ms);
  join.protocol_type = std::move(request.protocol_type);
  for (auto& protocol : request.protocols)
    join.protocols.push_back({std::move(protocol.name), std::move(protocol.metadata.data)});
  join.id_required = context.responder.version >= 4;
  return join;
}

wire::JoinGroupResponse join_response(JoinAnswer answer) {
  wire::JoinGroupResponse response;
  response.error = answer.error;
  response.generation_id = answer.generation;
  if (!answer.protocol_type.empty()) response.protocol_type = std::move(answer.protocol_type);
  if (answer.error == ErrorCode::kNone) response.protocol_name = std::move(answer.protocol);
  response.leader = std::move(answer.leader);
  response.member_id = std::move(answer.member_id);
  for (auto& member : answer.members)
    response.members.push_back(
        {std::move(member.id), std::move(member.instance_id), {std::move(member.metadata)}});
  return response;
}

wire::SyncGroupResponse sync_response(SyncAnswer answer) {
  wire::SyncGroupResponse response;
  response.error = answer.error;
  if (answer.error == ErrorCode::kNone) {
    response.protocol_type = std::move(answer.protocol_type);
    response.protocol_name = std::move(answer.protocol);
  }
  response.assignment.data = std::move(answer.assignment);
  return response;
}

}  // namespace

void handle(Context context, wire::JoinGroupRequest request) {
  if (const auto error = check(request); error != ErrorCode::kNone) {
    wire::JoinGroupResponse response;
    response.error = error;
    response.member_id = request.member_id;
    return context.responder.send(response);
  }
  context.services.control.post([context, request = std::move(request)]() mutable {
    Coordinator& coordinator = context.services.coordinator;
    const std::string group_id = request.group_id;
    JoinRequest join = join_request(context, std::move(request));
    const auto reply = [context](JoinAnswer answer) {
      context.responder.send(join_response(std::move(answer)));
    };
    if (!join.member_id.empty() && !coordinator.find(group_id)) {
      JoinAnswer unknown;
      unknown.error = ErrorCode::kUnknownMemberId;
      unknown.member_id = join.member_id;
      return reply(std::move(unknown));
    }
    coordinator.get(group_id).join(std::move(join), context.services.clock.now(), reply);
  });
}

void handle(Context context, wire::SyncGroupRequest request) {
  context.services.control.post([context, request = std::move(request)]() mutable {
    const auto reply = [context](SyncAnswer answer) {
      context.responder.send(sync_response(std::move(answer)));
    };
    Group* group = context.services.coordinator.find(request.group_id);
    if (!group) return reply({ErrorCode::kUnknownMemberId, {}, {}, {}});
    SyncRequest sync;
    sync.member_id = std::move(request.member_id);
    sync.instance_id = std::move(request.group_instance_id);
    sync.generation = request.generation_id;
    sync.protocol_type = std::move(request.protocol_type);
    sync.protocol = std::move(request.protocol_name);
    for (auto& each : request.assignments)
      sync.assignments[std::move(each.member_id)] = std::move(each.assignment.data);
    group->sync(std::move(sync), context.services.clock.now(), reply);
  });
}

void handle(Context context, wire::HeartbeatRequest request) {
  context.services.control.post([context, request = std::move(request)] {
    wire::HeartbeatResponse response;
    Group* group = context.services.coordinator.find(request.group_id);
    response.error = group ? group->heartbeat({request.member_id, request.group_instance_id,
                                               request.generation_id},
                                              context.services.clock.now())
                           : ErrorCode::kUnknownMemberId;
    context.responder.send(response);
  });
}

void handle(Context context, wire::LeaveGroupRequest request) {
  context.services.control.post([context, request = std::move(request)] {
    Group* group = context.services.coordinator.find(request.group_id);
    const Nanos now = context.services.clock.now();
    const auto leave = [&](const std::string& member, const std::optional<std::string>& instance) {
      return group ? group->leave({member, instance, -1}, now) : ErrorCode::kUnknownMemberId;
    };
    wire::LeaveGroupResponse response;
    if (context.responder.version < 3) {
      response.error = leave(request.member_id, std::nullopt);
    } else {
      for (const auto& member : request.members)
        response.members.push_back({member.member_id, member.group_instance_id,
                                    leave(member.member_id, member.group_instance_id)});
    }
    context.responder.send(response);
  });
}

}  // namespace weir::broker
