// IncrementalAlterConfigs: set, delete, append to or subtract from single settings.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct IncrementalAlterConfigsRequest {
  static constexpr auto kApi = ApiKey::kIncrementalAlterConfigs;
  static constexpr auto kName = "IncrementalAlterConfigsRequest";

  struct Resource {
    struct Config {
      std::string name;
      int8_t config_operation = 0;  // 0 set, 1 delete, 2 append, 3 subtract
      std::optional<std::string> value;
      static void fields(auto& w, auto& m) {
        w({"Name"}, m.name);
        w({"ConfigOperation"}, m.config_operation);
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
  bool operator==(const IncrementalAlterConfigsRequest&) const = default;
};

struct IncrementalAlterConfigsResponse {
  static constexpr auto kApi = ApiKey::kIncrementalAlterConfigs;
  static constexpr auto kName = "IncrementalAlterConfigsResponse";

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
  bool operator==(const IncrementalAlterConfigsResponse&) const = default;
};

}  // namespace weir::wire
