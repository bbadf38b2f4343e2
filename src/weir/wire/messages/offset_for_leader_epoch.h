// OffsetForLeaderEpoch: where a leader epoch ended, to find a log's divergence.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct OffsetForLeaderEpochRequest {
  static constexpr auto kApi = ApiKey::kOffsetForLeaderEpoch;
  static constexpr auto kName = "OffsetForLeaderEpochRequest";

  struct Topic {
    struct Partition {
      int32_t partition = 0;
      int32_t current_leader_epoch = -1;
      int32_t leader_epoch = 0;
      static void fields(auto& w, auto& m) {
        w({"Partition"}, m.partition);
        w({"CurrentLeaderEpoch", since(2)}, m.current_leader_epoch);
        w({"LeaderEpoch"}, m.leader_epoch);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string name;
    std::vector<Partition> partitions;
    static void fields(auto& w, auto& m) {
      w({"Topic"}, m.name);
      w({"Partitions"}, m.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  int32_t replica_id = -2;
  std::vector<Topic> topics;
  static void fields(auto& w, auto& m) {
    w({"ReplicaId", since(3)}, m.replica_id);
    w({"Topics"}, m.topics);
  }
  bool operator==(const OffsetForLeaderEpochRequest&) const = default;
};

struct OffsetForLeaderEpochResponse {
  static constexpr auto kApi = ApiKey::kOffsetForLeaderEpoch;
  static constexpr auto kName = "OffsetForLeaderEpochResponse";

  struct Topic {
    struct Partition {
      ErrorCode error = ErrorCode::kNone;
      int32_t partition = 0;
      int32_t leader_epoch = -1;
      int64_t end_offset = -1;
      static void fields(auto& w, auto& m) {
        w({"ErrorCode"}, m.error);
        w({"Partition"}, m.partition);
        w({"LeaderEpoch", since(1)}, m.leader_epoch);
        w({"EndOffset"}, m.end_offset);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string name;
    std::vector<Partition> partitions;
    static void fields(auto& w, auto& m) {
      w({"Topic"}, m.name);
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
  bool operator==(const OffsetForLeaderEpochResponse&) const = default;
};

}  // namespace weir::wire
