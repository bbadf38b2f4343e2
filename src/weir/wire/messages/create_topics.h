// CreateTopics.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct CreateTopicsRequest {
  static constexpr auto kApi = ApiKey::kCreateTopics;
  static constexpr auto kName = "CreateTopicsRequest";

  struct Topic {
    struct Assignment {
      int32_t partition = 0;
      std::vector<int32_t> broker_ids;
      static void fields(auto& w, auto& m) {
        w({"PartitionIndex"}, m.partition);
        w({"BrokerIds"}, m.broker_ids);
      }
      bool operator==(const Assignment&) const = default;
    };

    struct Config {
      std::string name;
      std::optional<std::string> value;
      static void fields(auto& w, auto& m) {
        w({"Name"}, m.name);
        w({"Value", kAlways, kAlways}, m.value);
      }
      bool operator==(const Config&) const = default;
    };

    std::string name;
    int32_t num_partitions = 0;      // -1: the broker's default, or as assigned
    int16_t replication_factor = 0;  // -1: the broker's default, or as assigned
    std::vector<Assignment> assignments;
    std::vector<Config> configs;
    static void fields(auto& w, auto& m) {
      w({"Name"}, m.name);
      w({"NumPartitions"}, m.num_partitions);
      w({"ReplicationFactor"}, m.replication_factor);
      w({"Assignments"}, m.assignments);
      w({"Configs"}, m.configs);
    }
    bool operator==(const Topic&) const = default;
  };

  std::vector<Topic> topics;
  int32_t timeout_ms = 60000;
  bool validate_only = false;
  static void fields(auto& w, auto& m) {
    w({"Topics"}, m.topics);
    w({"timeoutMs"}, m.timeout_ms);
    w({"validateOnly", since(1)}, m.validate_only);
  }
  bool operator==(const CreateTopicsRequest&) const = default;
};

struct CreateTopicsResponse {
  static constexpr auto kApi = ApiKey::kCreateTopics;
  static constexpr auto kName = "CreateTopicsResponse";

  struct Topic {
    struct Config {
      std::string name;
      std::optional<std::string> value;
      bool read_only = false;
      int8_t config_source = -1;  // 1 topic, 4 static broker, 5 default
      bool is_sensitive = false;
      static void fields(auto& w, auto& m) {
        w({"Name", since(5)}, m.name);
        w({"Value", since(5), since(5)}, m.value);
        w({"ReadOnly", since(5)}, m.read_only);
        w({"ConfigSource", since(5)}, m.config_source);
        w({"IsSensitive", since(5)}, m.is_sensitive);
      }
      bool operator==(const Config&) const = default;
    };

    std::string name;
    Uuid topic_id;
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    ErrorCode config_error = ErrorCode::kNone;
    int32_t num_partitions = -1;
    int16_t replication_factor = -1;
    std::optional<std::vector<Config>> configs;
    static void fields(auto& w, auto& m) {
      w({"Name"}, m.name);
      w({"TopicId", since(7)}, m.topic_id);
      w({"ErrorCode"}, m.error);
      w({"ErrorMessage", since(1), kAlways}, m.error_message);
      w({"TopicConfigErrorCode", since(5), kNever, 0}, m.config_error);
      w({"NumPartitions", since(5)}, m.num_partitions);
      w({"ReplicationFactor", since(5)}, m.replication_factor);
      w({"Configs", since(5), since(5)}, m.configs);
    }
    bool operator==(const Topic&) const = default;
  };

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  std::vector<Topic> topics;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs", since(2)}, m.throttle_time_ms);
    w({"Topics"}, m.topics);
  }
  bool operator==(const CreateTopicsResponse&) const = default;
};

}  // namespace weir::wire
