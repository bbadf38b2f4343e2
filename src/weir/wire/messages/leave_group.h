// LeaveGroup: members go at once instead of by timeout; a list from version 3.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct LeaveGroupRequest {
  static constexpr auto kApi = ApiKey::kLeaveGroup;
  static constexpr auto kName = "LeaveGroupRequest";

  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    std::optional<std::string> reason;
    static void fields(auto& w, auto& m) {
      w({"MemberId", since(3)}, m.member_id);
      w({"GroupInstanceId", since(3), since(3)}, m.group_instance_id);
      w({"Reason", since(5), since(5)}, m.reason);
    }
    bool operator==(const Member&) const = default;
  };

  std::string group_id;
  std::string member_id;
  std::vector<Member> members;
  static void fields(auto& w, auto& m) {
    w({"GroupId"}, m.group_id);
    w({"MemberId", only(0, 2)}, m.member_id);
    w({"Members", since(3)}, m.members);
  }
  bool operator==(const LeaveGroupRequest&) const = default;
};

struct LeaveGroupResponse {
  static constexpr auto kApi = ApiKey::kLeaveGroup;
  static constexpr auto kName = "LeaveGroupResponse";

  struct Member {
    std::string member_id;
    std::optional<std::string> group_instance_id;
    ErrorCode error = ErrorCode::kNone;
    static void fields(auto& w, auto& m) {
      w({"MemberId", since(3)}, m.member_id);
      w({"GroupInstanceId", since(3), since(3)}, m.group_instance_id);
      w({"ErrorCode", since(3)}, m.error);
    }
    bool operator==(const Member&) const = default;
  };

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  ErrorCode error = ErrorCode::kNone;
  std::vector<Member> members;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs", since(1)}, m.throttle_time_ms);
    w({"ErrorCode"}, m.error);
    w({"Members", since(3)}, m.members);
  }
  bool operator==(const LeaveGroupResponse&) const = default;
};

}  // namespace weir::wire
