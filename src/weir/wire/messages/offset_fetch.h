// OffsetFetch: a group's kept offsets; from version 8 of several groups.
//
// Without topics (null): all that the group has. An unknown offset is -1 without an error.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct OffsetFetchRequest {
  static constexpr auto kApi = ApiKey::kOffsetFetch;
  static constexpr auto kName = "OffsetFetchRequest";

  struct Topic {
    std::string name;
    std::vector<int32_t> partitions;
    static void fields(auto& w, auto& m) {
      w({"Name", only(0, 7)}, m.name);
      w({"PartitionIndexes", only(0, 7)}, m.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  struct Group {
    struct GroupTopic {
      std::string name;
      std::vector<int32_t> partitions;
      static void fields(auto& w, auto& m) {
        w({"Name", since(8)}, m.name);
        w({"PartitionIndexes", since(8)}, m.partitions);
      }
      bool operator==(const GroupTopic&) const = default;
    };

    std::string group_id;
    std::optional<std::vector<GroupTopic>> topics;
    static void fields(auto& w, auto& m) {
      w({"GroupId", since(8)}, m.group_id);
      w({"Topics", since(8), since(8)}, m.topics);
    }
    bool operator==(const Group&) const = default;
  };

  std::string group_id;
  std::optional<std::vector<Topic>> topics;
  std::vector<Group> groups;
  bool require_stable = false;
  static void fields(auto& w, auto& m) {
    w({"GroupId", only(0, 7)}, m.group_id);
    w({"Topics", only(0, 7), only(2, 7)}, m.topics);
    w({"Groups", since(8)}, m.groups);
    w({"RequireStable", since(7)}, m.require_stable);
  }
  bool operator==(const OffsetFetchRequest&) const = default;
};

struct OffsetFetchResponse {
  static constexpr auto kApi = ApiKey::kOffsetFetch;
  static constexpr auto kName = "OffsetFetchResponse";

  struct Topic {
    struct Partition {
      int32_t partition = 0;
      int64_t committed_offset = 0;
      int32_t committed_leader_epoch = -1;
      std::optional<std::string> metadata = "";
      ErrorCode error = ErrorCode::kNone;
      static void fields(auto& w, auto& m) {
        w({"PartitionIndex", only(0, 7)}, m.partition);
        w({"CommittedOffset", only(0, 7)}, m.committed_offset);
        w({"CommittedLeaderEpoch", only(5, 7)}, m.committed_leader_epoch);
        w({"Metadata", only(0, 7), only(0, 7)}, m.metadata);
        w({"ErrorCode", only(0, 7)}, m.error);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string name;
    std::vector<Partition> partitions;
    static void fields(auto& w, auto& m) {
      w({"Name", only(0, 7)}, m.name);
      w({"Partitions", only(0, 7)}, m.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  struct Group {
    struct GroupTopic {
      struct GroupPartition {
        int32_t partition = 0;
        int64_t committed_offset = 0;
        int32_t committed_leader_epoch = -1;
        std::optional<std::string> metadata = "";
        ErrorCode error = ErrorCode::kNone;
        static void fields(auto& w, auto& m) {
          w({"PartitionIndex", since(8)}, m.partition);
          w({"CommittedOffset", since(8)}, m.committed_offset);
          w({"CommittedLeaderEpoch", since(8)}, m.committed_leader_epoch);
          w({"Metadata", since(8), since(8)}, m.metadata);
          w({"ErrorCode", since(8)}, m.error);
        }
        bool operator==(const GroupPartition&) const = default;
      };

      std::string name;
      std::vector<GroupPartition> partitions;
      static void fields(auto& w, auto& m) {
        w({"Name", since(8)}, m.name);
        w({"Partitions", since(8)}, m.partitions);
      }
      bool operator==(const GroupTopic&) const = default;
    };

    std::string group_id;
    std::vector<GroupTopic> topics;
    ErrorCode error = ErrorCode::kNone;
    static void fields(auto& w, auto& m) {
      w({"GroupId", since(8)}, m.group_id);
      w({"Topics", since(8)}, m.topics);
      w({"ErrorCode", since(8)}, m.error);
    }
    bool operator==(const Group&) const = default;
  };

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  std::vector<Topic> topics;
  ErrorCode error = ErrorCode::kNone;
  std::vector<Group> groups;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs", since(3)}, m.throttle_time_ms);
    w({"Topics", only(0, 7)}, m.topics);
    w({"ErrorCode", only(2, 7)}, m.error);
    w({"Groups", since(8)}, m.groups);
  }
  bool operator==(const OffsetFetchResponse&) const = default;
};

}  // namespace weir::wire
