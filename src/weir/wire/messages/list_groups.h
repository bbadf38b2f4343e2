// ListGroups: the groups of this broker.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct ListGroupsRequest {
  static constexpr auto kApi = ApiKey::kListGroups;
  static constexpr auto kName = "ListGroupsRequest";

  std::vector<std::string> states_filter;
  static void fields(auto& w, auto& m) { w({"StatesFilter", since(4)}, m.states_filter); }
  bool operator==(const ListGroupsRequest&) const = default;
};

struct ListGroupsResponse {
  static constexpr auto kApi = ApiKey::kListGroups;
  static constexpr auto kName = "ListGroupsResponse";

  struct Group {
    std::string group_id;
    std::string protocol_type;
    std::string group_state;
    static void fields(auto& w, auto& m) {
      w({"GroupId"}, m.group_id);
      w({"ProtocolType"}, m.protocol_type);
      w({"GroupState", since(4)}, m.group_state);
    }
    bool operator==(const Group&) const = default;
  };

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  ErrorCode error = ErrorCode::kNone;
  std::vector<Group> groups;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs", since(1)}, m.throttle_time_ms);
    w({"ErrorCode"}, m.error);
    w({"Groups"}, m.groups);
  }
  bool operator==(const ListGroupsResponse&) const = default;
};

}  // namespace weir::wire
