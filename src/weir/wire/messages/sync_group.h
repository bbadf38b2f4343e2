// SyncGroup: the leader hands out the assignment, each member gets its own.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct SyncGroupRequest {
  static constexpr auto kApi = ApiKey::kSyncGroup;
  static constexpr auto kName = "SyncGroupRequest";

  struct Assignment {
    std::string member_id;
    Bytes assignment;
    static void fields(auto& w, auto& m) {
      w({"MemberId"}, m.member_id);
      w({"Assignment"}, m.assignment);
    }
    bool operator==(const Assignment&) const = default;
  };

  std::string group_id;
  int32_t generation_id = 0;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  std::vector<Assignment> assignments;
  static void fields(auto& w, auto& m) {
    w({"GroupId"}, m.group_id);
    w({"GenerationId"}, m.generation_id);
    w({"MemberId"}, m.member_id);
    w({"GroupInstanceId", since(3), since(3)}, m.group_instance_id);
    w({"ProtocolType", since(5), since(5)}, m.protocol_type);
    w({"ProtocolName", since(5), since(5)}, m.protocol_name);
    w({"Assignments"}, m.assignments);
  }
  bool operator==(const SyncGroupRequest&) const = default;
};

struct SyncGroupResponse {
  static constexpr auto kApi = ApiKey::kSyncGroup;
  static constexpr auto kName = "SyncGroupResponse";

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> protocol_type;
  std::optional<std::string> protocol_name;
  Bytes assignment;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs", since(1)}, m.throttle_time_ms);
    w({"ErrorCode"}, m.error);
    w({"ProtocolType", since(5), since(5)}, m.protocol_type);
    w({"ProtocolName", since(5), since(5)}, m.protocol_name);
    w({"Assignment"}, m.assignment);
  }
  bool operator==(const SyncGroupResponse&) const = default;
};

}  // namespace weir::wire
