// OffsetCommit: keep offsets for a consumer group.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct OffsetCommitRequest {
  static constexpr auto kApi = ApiKey::kOffsetCommit;
  static constexpr auto kName = "OffsetCommitRequest";

  struct Topic {
    struct Partition {
      int32_t partition = 0;
      int64_t committed_offset = 0;
      int32_t committed_leader_epoch = -1;
      int64_t commit_timestamp = -1;
      std::optional<std::string> committed_metadata = "";
      static void fields(auto& w, auto& m) {
        w({"PartitionIndex"}, m.partition);
        w({"CommittedOffset"}, m.committed_offset);
        w({"CommittedLeaderEpoch", since(6)}, m.committed_leader_epoch);
        w({"CommitTimestamp", only(1, 1)}, m.commit_timestamp);
        w({"CommittedMetadata", kAlways, kAlways}, m.committed_metadata);
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

  std::string group_id;
  int32_t generation_id = -1;
  std::string member_id;
  std::optional<std::string> group_instance_id;
  int64_t retention_time_ms = -1;  // -1: as the broker keeps them
  std::vector<Topic> topics;
  static void fields(auto& w, auto& m) {
    w({"GroupId"}, m.group_id);
    w({"GenerationIdOrMemberEpoch", since(1)}, m.generation_id);
    w({"MemberId", since(1)}, m.member_id);
    w({"GroupInstanceId", since(7), since(7)}, m.group_instance_id);
    w({"RetentionTimeMs", only(2, 4)}, m.retention_time_ms);
    w({"Topics"}, m.topics);
  }
  bool operator==(const OffsetCommitRequest&) const = default;
};

struct OffsetCommitResponse {
  static constexpr auto kApi = ApiKey::kOffsetCommit;
  static constexpr auto kName = "OffsetCommitResponse";

  struct Topic {
    struct Partition {
      int32_t partition = 0;
      ErrorCode error = ErrorCode::kNone;
      static void fields(auto& w, auto& m) {
        w({"PartitionIndex"}, m.partition);
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
    w({"ThrottleTimeMs", since(3)}, m.throttle_time_ms);
    w({"Topics"}, m.topics);
  }
  bool operator==(const OffsetCommitResponse&) const = default;
};

}  // namespace weir::wire
