// JoinGroup: enter a group, and wait until it has formed.
//
// The leader alone is told the members. From version 4 a first join without a member id is
// answered with kMemberIdRequired and an id to join with.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct JoinGroupRequest {
  static constexpr auto kApi = ApiKey::kJoinGroup;
  static constexpr auto kName = "JoinGroupRequest";

  struct Protocol {
    std::string name;
    Bytes metadata;
    static void fields(auto& w, auto& m) {
      w({"Name"}, m.name);
      w({"Metadata"}, m.metadata);
    }
    bool operator==(const Protocol&) const = default;
  };

  std::string group_id;
  int32_t session_timeout_ms = 0;
  int32_t rebalance_timeout_ms = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::string protocol_type;
  std::vector<Protocol> protocols;
  std::optional<std::string> reason;
  static void fields(auto& w, auto& m) {
    w({"GroupId"}, m.group_id);
    w({"SessionTimeoutMs"}, m.session_timeout_ms);
    w({"RebalanceTimeoutMs", since(1)}, m.rebalance_timeout_ms);
    w({"MemberId"}, m.member_id);
    w({"GroupInstanceId", since(5), since(5)}, m.group_instance_id);
    w({"ProtocolType"}, m.protocol_type);
    w({"Protocols"}, m.protocols);
    w({"Reason", since(8), since(8)}, m.reason);
  }
  bool operator==(const JoinGroupRequest&) const = default;
};

struct JoinGroupResponse {
  static constexpr auto kApi = ApiKey::kJoinGroup;
  static constexpr auto kName = "JoinGroupResponse";

  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    Bytes metadata;
    static void fields(auto& w, auto& m) {
      w({"MemberId"}, m.member_id);
      w({"GroupInstanceId", since(5), since(5)}, m.group_instance_id);
      w({"Metadata"}, m.metadata);
    }
    bool operator==(const Member&) const = default;
  };

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  ErrorCode error = ErrorCode::kNone;
  int32_t generation_id = -1;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  std::string leader;
  bool skip_assignment = false;
  std::string member_id;
  std::vector<Member> members;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs", since(2)}, m.throttle_time_ms);
    w({"ErrorCode"}, m.error);
    w({"GenerationId"}, m.generation_id);
    w({"ProtocolType", since(7), since(7)}, m.protocol_type);
    w({"ProtocolName", kAlways, since(7)}, m.protocol_name);
    w({"Leader"}, m.leader);
    w({"SkipAssignment", since(9)}, m.skip_assignment);
    w({"MemberId"}, m.member_id);
    w({"Members"}, m.members);
  }
  bool operator==(const JoinGroupResponse&) const = default;
};

}  // namespace weir::wire
