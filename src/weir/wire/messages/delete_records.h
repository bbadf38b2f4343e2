// DeleteRecords: forget all records below an offset.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct DeleteRecordsRequest {
  static constexpr auto kApi = ApiKey::kDeleteRecords;
  static constexpr auto kName = "DeleteRecordsRequest";

  struct Topic {
    struct Partition {
      int32_t partition = 0;
      int64_t offset = 0;  // -1: the high watermark
      static void fields(auto& w, auto& m) {
        w({"PartitionIndex"}, m.partition);
        w({"Offset"}, m.offset);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string name;
    std::vector<Partition> partitions;
    static void fields(auto& w, auto& m) {
      w({"Name"}, m.name);
      w({"Partitions"}, m.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  std::vector<Topic> topics;
  int32_t timeout_ms = 0;
  static void fields(auto& w, auto& m) {
    w({"Topics"}, m.topics);
    w({"TimeoutMs"}, m.timeout_ms);
  }
  bool operator==(const DeleteRecordsRequest&) const = default;
};

struct DeleteRecordsResponse {
  static constexpr auto kApi = ApiKey::kDeleteRecords;
  static constexpr auto kName = "DeleteRecordsResponse";

  struct Topic {
    struct Partition {
      int32_t partition = 0;
      int64_t low_watermark = -1;  // -1: not known
      ErrorCode error = ErrorCode::kNone;
      static void fields(auto& w, auto& m) {
        w({"PartitionIndex"}, m.partition);
        w({"LowWatermark"}, m.low_watermark);
        w({"ErrorCode"}, m.error);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string name;
    std::vector<Partition> partitions;
    static void fields(auto& w, auto& m) {
      w({"Name"}, m.name);
      w({"Partitions"}, m.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  std::vector<Topic> topics;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs"}, m.throttle_time_ms);
    w({"Topics"}, m.topics);
  }
  bool operator==(const DeleteRecordsResponse&) const = default;
};

}  // namespace weir::wire
