// CreatePartitions: raise a topic's partition count.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct CreatePartitionsRequest {
  static constexpr auto kApi = ApiKey::kCreatePartitions;
  static constexpr auto kName = "CreatePartitionsRequest";

  struct Topic {
    struct Assignment {
      std::vector<int32_t> broker_ids;
      static void fields(auto& w, auto& m) { w({"BrokerIds"}, m.broker_ids); }
      bool operator==(const Assignment&) const = default;
    };

    std::string name;
    int32_t count = 0;  // the new total
    std::optional<std::vector<Assignment>> assignments;
    static void fields(auto& w, auto& m) {
      w({"Name"}, m.name);
      w({"Count"}, m.count);
      w({"Assignments", kAlways, kAlways}, m.assignments);
    }
    bool operator==(const Topic&) const = default;
  };

  std::vector<Topic> topics;
  int32_t timeout_ms = 0;
  bool validate_only = false;
  static void fields(auto& w, auto& m) {
    w({"Topics"}, m.topics);
    w({"TimeoutMs"}, m.timeout_ms);
    w({"ValidateOnly"}, m.validate_only);
  }
  bool operator==(const CreatePartitionsRequest&) const = default;
};

struct CreatePartitionsResponse {
  static constexpr auto kApi = ApiKey::kCreatePartitions;
  static constexpr auto kName = "CreatePartitionsResponse";

  struct Topic {
    std::string name;
    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> error_message;
    static void fields(auto& w, auto& m) {
      w({"Name"}, m.name);
      w({"ErrorCode"}, m.error);
      w({"ErrorMessage", kAlways, kAlways}, m.error_message);
    }
    bool operator==(const Topic&) const = default;
  };

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  std::vector<Topic> topics;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs"}, m.throttle_time_ms);
    w({"Results"}, m.topics);
  }
  bool operator==(const CreatePartitionsResponse&) const = default;
};

}  // namespace weir::wire
