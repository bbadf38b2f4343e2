// AlterConfigs: replaces the whole set of a resource's settings.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct AlterConfigsRequest {
  static constexpr auto kApi = ApiKey::kAlterConfigs;
  static constexpr auto kName = "AlterConfigsRequest";

  struct Resource {
    struct Config {
      std::string name;
      std::optional<std::string> value;
      static void fields(auto& w, auto& m) {
        w({"Name"}, m.name);
        w({"Value", kAlways, kAlways}, m.value);
      }
      bool operator==(const Config&) const = default;
    };

    int8_t resource_type = 0;  // 2 topic, 4 broker
    std::string resource_name;
    std::vector<Config> configs;
    static void fields(auto& w, auto& m) {
      w({"ResourceType"}, m.resource_type);
      w({"ResourceName"}, m.resource_name);
      w({"Configs"}, m.configs);
    }
    bool operator==(const Resource&) const = default;
  };

  std::vector<Resource> resources;
  bool validate_only = false;
  static void fields(auto& w, auto& m) {
    w({"Resources"}, m.resources);
    w({"ValidateOnly"}, m.validate_only);
  }
  bool operator==(const AlterConfigsRequest&) const = default;
};

struct AlterConfigsResponse {
  static constexpr auto kApi = ApiKey::kAlterConfigs;
  static constexpr auto kName = "AlterConfigsResponse";

  struct Resource {
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    int8_t resource_type = 0;  // 2 topic, 4 broker
    std::string resource_name;
    static void fields(auto& w, auto& m) {
      w({"ErrorCode"}, m.error);
      w({"ErrorMessage", kAlways, kAlways}, m.error_message);
      w({"ResourceType"}, m.resource_type);
      w({"ResourceName"}, m.resource_name);
    }
    bool operator==(const Resource&) const = default;
  };

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  std::vector<Resource> resources;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs"}, m.throttle_time_ms);
    w({"Responses"}, m.resources);
  }
  bool operator==(const AlterConfigsResponse&) const = default;
};

}  // namespace weir::wire
