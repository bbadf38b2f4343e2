// FindCoordinator: which broker looks after a group or a transactional id.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct FindCoordinatorRequest {
  static constexpr auto kApi = ApiKey::kFindCoordinator;
  static constexpr auto kName = "FindCoordinatorRequest";

  std::string key;
  int8_t key_type = 0;  // 0 group, 1 transactional id
  std::vector<std::string> coordinator_keys;
  static void fields(auto& w, auto& m) {
    w({"Key", only(0, 3)}, m.key);
    w({"KeyType", since(1)}, m.key_type);
    w({"CoordinatorKeys", since(4)}, m.coordinator_keys);
  }
  bool operator==(const FindCoordinatorRequest&) const = default;
};

struct FindCoordinatorResponse {
  static constexpr auto kApi = ApiKey::kFindCoordinator;
  static constexpr auto kName = "FindCoordinatorResponse";

  struct Coordinator {
    std::string key;
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    static void fields(auto& w, auto& m) {
      w({"Key", since(4)}, m.key);
      w({"NodeId", since(4)}, m.node_id);
      w({"Host", since(4)}, m.host);
      w({"Port", since(4)}, m.port);
      w({"ErrorCode", since(4)}, m.error);
      w({"ErrorMessage", since(4), since(4)}, m.error_message);
    }
    bool operator==(const Coordinator&) const = default;
  };

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> error_message;
  int32_t node_id = 0;
  std::string host;
  int32_t port = 0;
  std::vector<Coordinator> coordinators;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs", since(1)}, m.throttle_time_ms);
    w({"ErrorCode", only(0, 3)}, m.error);
    w({"ErrorMessage", only(1, 3), only(1, 3)}, m.error_message);
    w({"NodeId", only(0, 3)}, m.node_id);
    w({"Host", only(0, 3)}, m.host);
    w({"Port", only(0, 3)}, m.port);
    w({"Coordinators", since(4)}, m.coordinators);
  }
  bool operator==(const FindCoordinatorResponse&) const = default;
};

}  // namespace weir::wire
