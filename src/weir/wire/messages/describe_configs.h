// DescribeConfigs: settings of topics and brokers.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct DescribeConfigsRequest {
  static constexpr auto kApi = ApiKey::kDescribeConfigs;
  static constexpr auto kName = "DescribeConfigsRequest";

  struct Resource {
    int8_t resource_type = 0;  // 2 topic, 4 broker
    std::string resource_name;
    std::optional<std::vector<std::string>> configuration_keys;
    static void fields(auto& w, auto& m) {
      w({"ResourceType"}, m.resource_type);
      w({"ResourceName"}, m.resource_name);
      w({"ConfigurationKeys", kAlways, kAlways}, m.configuration_keys);
    }
    bool operator==(const Resource&) const = default;
  };

  std::vector<Resource> resources;
  bool include_synonyms = false;
  bool include_documentation = false;
  static void fields(auto& w, auto& m) {
    w({"Resources"}, m.resources);
    w({"IncludeSynonyms", since(1)}, m.include_synonyms);
    w({"IncludeDocumentation", since(3)}, m.include_documentation);
  }
  bool operator==(const DescribeConfigsRequest&) const = default;
};

struct DescribeConfigsResponse {
  static constexpr auto kApi = ApiKey::kDescribeConfigs;
  static constexpr auto kName = "DescribeConfigsResponse";

  struct Resource {
    struct Config {
      struct Synonym {
        std::string name;
        std::optional<std::string> value;
        int8_t source = 0;  // 1 topic, 4 static broker, 5 default
        static void fields(auto& w, auto& m) {
          w({"Name", since(1)}, m.name);
          w({"Value", since(1), kAlways}, m.value);
          w({"Source", since(1)}, m.source);
        }
        bool operator==(const Synonym&) const = default;
      };

      std::string name;
      std::optional<std::string> value;
      bool read_only = false;
      bool is_default = false;
      int8_t config_source = -1;  // 1 topic, 4 static broker, 5 default
      bool is_sensitive = false;
      std::vector<Synonym> synonyms;
      int8_t config_type = 0;  // 1 bool, 2 string, 3 int, 4 short, 5 long, 6 double, 7 list
      std::optional<std::string> documentation;
      static void fields(auto& w, auto& m) {
        w({"Name"}, m.name);
        w({"Value", kAlways, kAlways}, m.value);
        w({"ReadOnly"}, m.read_only);
        w({"IsDefault", only(0, 0)}, m.is_default);
        w({"ConfigSource", since(1)}, m.config_source);
        w({"IsSensitive"}, m.is_sensitive);
        w({"Synonyms", since(1)}, m.synonyms);
        w({"ConfigType", since(3)}, m.config_type);
        w({"Documentation", since(3), kAlways}, m.documentation);
      }
      bool operator==(const Config&) const = default;
    };

    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    int8_t resource_type = 0;  // 2 topic, 4 broker
    std::string resource_name;
    std::vector<Config> configs;
    static void fields(auto& w, auto& m) {
      w({"ErrorCode"}, m.error);
      w({"ErrorMessage", kAlways, kAlways}, m.error_message);
      w({"ResourceType"}, m.resource_type);
      w({"ResourceName"}, m.resource_name);
      w({"Configs"}, m.configs);
    }
    bool operator==(const Resource&) const = default;
  };

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  std::vector<Resource> resources;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs"}, m.throttle_time_ms);
    w({"Results"}, m.resources);
  }
  bool operator==(const DescribeConfigsResponse&) const = default;
};

}  // namespace weir::wire
