// ListOffsets: the offset that belongs to a time, or an end of the log.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct ListOffsetsRequest {
  static constexpr auto kApi = ApiKey::kListOffsets;
  static constexpr auto kName = "ListOffsetsRequest";

  struct Topic {
    struct Partition {
      int32_t partition = 0;
      int32_t current_leader_epoch = -1;
      int64_t timestamp = 0;  // ms; -1 end, -2 start, -3 the record with the largest time
      int32_t max_num_offsets = 1;
      static void fields(auto& w, auto& m) {
        w({"PartitionIndex"}, m.partition);
        w({"CurrentLeaderEpoch", since(4)}, m.current_leader_epoch);
        w({"Timestamp"}, m.timestamp);
        w({"MaxNumOffsets", only(0, 0)}, m.max_num_offsets);
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

  int32_t replica_id = 0;
  int8_t isolation_level = 0;  // 0 all records, 1 committed ones
  std::vector<Topic> topics;
  static void fields(auto& w, auto& m) {
    w({"ReplicaId"}, m.replica_id);
    w({"IsolationLevel", since(2)}, m.isolation_level);
    w({"Topics"}, m.topics);
  }
  bool operator==(const ListOffsetsRequest&) const = default;
};

struct ListOffsetsResponse {
  static constexpr auto kApi = ApiKey::kListOffsets;
  static constexpr auto kName = "ListOffsetsResponse";

  struct Topic {
    struct Partition {
      int32_t partition = 0;
      ErrorCode error = ErrorCode::kNone;
      std::vector<int64_t> old_style_offsets;
      int64_t timestamp = -1;  // -1 for -1 and -2, and when none is so late
      int64_t offset = -1;
      int32_t leader_epoch = -1;
      static void fields(auto& w, auto& m) {
        w({"PartitionIndex"}, m.partition);
        w({"ErrorCode"}, m.error);
        w({"OldStyleOffsets", only(0, 0)}, m.old_style_offsets);
        w({"Timestamp", since(1)}, m.timestamp);
        w({"Offset", since(1)}, m.offset);
        w({"LeaderEpoch", since(4)}, m.leader_epoch);
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
    w({"ThrottleTimeMs", since(2)}, m.throttle_time_ms);
    w({"Topics"}, m.topics);
  }
  bool operator==(const ListOffsetsResponse&) const = default;
};

}  // namespace weir::wire
