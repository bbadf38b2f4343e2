// DescribeGroups: state and members of groups.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct DescribeGroupsRequest {
  static constexpr auto kApi = ApiKey::kDescribeGroups;
  static constexpr auto kName = "DescribeGroupsRequest";

  std::vector<std::string> group_ids;
  bool include_authorized_operations = false;
  static void fields(auto& w, auto& m) {
    w({"Groups"}, m.group_ids);
    w({"IncludeAuthorizedOperations", since(3)}, m.include_authorized_operations);
  }
  bool operator==(const DescribeGroupsRequest&) const = default;
};

struct DescribeGroupsResponse {
  static constexpr auto kApi = ApiKey::kDescribeGroups;
  static constexpr auto kName = "DescribeGroupsResponse";

  struct Group {
    struct Member {
      std::string member_id;
      std::optional<std::string> group_instance_id;
      std::string client_id;
      std::string client_host;
      Bytes member_metadata;
      Bytes member_assignment;
      static void fields(auto& w, auto& m) {
        w({"MemberId"}, m.member_id);
        w({"GroupInstanceId", since(4), since(4)}, m.group_instance_id);
        w({"ClientId"}, m.client_id);
        w({"ClientHost"}, m.client_host);
        w({"MemberMetadata"}, m.member_metadata);
        w({"MemberAssignment"}, m.member_assignment);
      }
      bool operator==(const Member&) const = default;
    };

    ErrorCode error = ErrorCode::kNone;
    std::string group_id;
    std::string group_state;
    std::string protocol_type;
    std::string protocol_data;
    std::vector<Member> members;
    int32_t authorized_operations = INT32_MIN;  // INT32_MIN: not asked
    static void fields(auto& w, auto& m) {
      w({"ErrorCode"}, m.error);
      w({"GroupId"}, m.group_id);
      w({"GroupState"}, m.group_state);
      w({"ProtocolType"}, m.protocol_type);
      w({"ProtocolData"}, m.protocol_data);
      w({"Members"}, m.members);
      w({"AuthorizedOperations", since(3)}, m.authorized_operations);
    }
    bool operator==(const Group&) const = default;
  };

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  std::vector<Group> groups;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs", since(1)}, m.throttle_time_ms);
    w({"Groups"}, m.groups);
  }
  bool operator==(const DescribeGroupsResponse&) const = default;
};

}  // namespace weir::wire
