// Heartbeat: this member is alive.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct HeartbeatRequest {
  static constexpr auto kApi = ApiKey::kHeartbeat;
  static constexpr auto kName = "HeartbeatRequest";

  std::string group_id;
  int32_t generation_id = 0;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  static void fields(auto& w, auto& m) {
    w({"GroupId"}, m.group_id);
    w({"GenerationId"}, m.generation_id);
    w({"MemberId"}, m.member_id);
    w({"GroupInstanceId", since(3), since(3)}, m.group_instance_id);
  }
  bool operator==(const HeartbeatRequest&) const = default;
};

struct HeartbeatResponse {
  static constexpr auto kApi = ApiKey::kHeartbeat;
  static constexpr auto kName = "HeartbeatResponse";

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  ErrorCode error = ErrorCode::kNone;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs", since(1)}, m.throttle_time_ms);
    w({"ErrorCode"}, m.error);
  }
  bool operator==(const HeartbeatResponse&) const = default;
};

}  // namespace weir::wire
