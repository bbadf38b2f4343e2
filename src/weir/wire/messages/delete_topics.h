// DeleteTopics: by name, from version 6 also by id.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct DeleteTopicsRequest {
  static constexpr auto kApi = ApiKey::kDeleteTopics;
  static constexpr auto kName = "DeleteTopicsRequest";

  struct Topic {
    std::optional<std::string> name;
    Uuid topic_id;
    static void fields(auto& w, auto& m) {
      w({"Name", since(6), since(6)}, m.name);
      w({"TopicId", since(6)}, m.topic_id);
    }
    bool operator==(const Topic&) const = default;
  };

  std::vector<Topic> topics;
  std::vector<std::string> topic_names;
  int32_t timeout_ms = 0;
  static void fields(auto& w, auto& m) {
    w({"Topics", since(6)}, m.topics);
    w({"TopicNames", only(0, 5)}, m.topic_names);
    w({"TimeoutMs"}, m.timeout_ms);
  }
  bool operator==(const DeleteTopicsRequest&) const = default;
};

struct DeleteTopicsResponse {
  static constexpr auto kApi = ApiKey::kDeleteTopics;
  static constexpr auto kName = "DeleteTopicsResponse";

  struct Topic {
    std::optional<std::string> name;
    Uuid topic_id;
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    static void fields(auto& w, auto& m) {
      w({"Name", kAlways, since(6)}, m.name);
      w({"TopicId", since(6)}, m.topic_id);
      w({"ErrorCode"}, m.error);
      w({"ErrorMessage", since(5), since(5)}, m.error_message);
    }
    bool operator==(const Topic&) const = default;
  };

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  std::vector<Topic> topics;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs", since(1)}, m.throttle_time_ms);
    w({"Responses"}, m.topics);
  }
  bool operator==(const DeleteTopicsResponse&) const = default;
};

}  // namespace weir::wire
