// DeleteGroups: forget empty groups and their offsets.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct DeleteGroupsRequest {
  static constexpr auto kApi = ApiKey::kDeleteGroups;
  static constexpr auto kName = "DeleteGroupsRequest";

  std::vector<std::string> group_ids;
  static void fields(auto& w, auto& m) { w({"GroupsNames"}, m.group_ids); }
  bool operator==(const DeleteGroupsRequest&) const = default;
};

struct DeleteGroupsResponse {
  static constexpr auto kApi = ApiKey::kDeleteGroups;
  static constexpr auto kName = "DeleteGroupsResponse";

  struct Group {
    std::string group_id;
    ErrorCode error = ErrorCode::kNone;
    static void fields(auto& w, auto& m) {
      w({"GroupId"}, m.group_id);
      w({"ErrorCode"}, m.error);
    }
    bool operator==(const Group&) const = default;
  };

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  std::vector<Group> groups;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs"}, m.throttle_time_ms);
    w({"Results"}, m.groups);
  }
  bool operator==(const DeleteGroupsResponse&) const = default;
};

}  // namespace weir::wire
