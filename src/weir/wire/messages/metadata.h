// Metadata: brokers, topics, partitions and who leads them.
//
// All topics: no list (null); in version 0 an empty list, which is what null is written as there.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct MetadataRequest {
  static constexpr auto kApi = ApiKey::kMetadata;
  static constexpr auto kName = "MetadataRequest";

  struct Topic {
    Uuid topic_id;
    std::optional<std::string> name;
    static void fields(auto& w, auto& m) {
      w({"TopicId", since(10)}, m.topic_id);
      w({"Name", kAlways, since(10)}, m.name);
    }
    bool operator==(const Topic&) const = default;
  };

  std::optional<std::vector<Topic>> topics;  // null: all; empty: none
  bool allow_auto_topic_creation = true;
  bool include_cluster_authorized_operations = false;
  bool include_topic_authorized_operations = false;
  static void fields(auto& w, auto& m) {
    w({"Topics", kAlways, since(1)}, m.topics);
    w({"AllowAutoTopicCreation", since(4)}, m.allow_auto_topic_creation);
    w({"IncludeClusterAuthorizedOperations", only(8, 10)}, m.include_cluster_authorized_operations);
    w({"IncludeTopicAuthorizedOperations", since(8)}, m.include_topic_authorized_operations);
  }
  bool operator==(const MetadataRequest&) const = default;
};

struct MetadataResponse {
  static constexpr auto kApi = ApiKey::kMetadata;
  static constexpr auto kName = "MetadataResponse";

  struct Broker {
    int32_t node_id = 0;
    std::string host;
    int32_t port = 0;
    std::optional<std::string> rack;
    static void fields(auto& w, auto& m) {
      w({"NodeId"}, m.node_id);
      w({"Host"}, m.host);
      w({"Port"}, m.port);
      w({"Rack", since(1), since(1)}, m.rack);
    }
    bool operator==(const Broker&) const = default;
  };

  struct Topic {
    struct Partition {
      ErrorCode error = ErrorCode::kNone;
      int32_t partition = 0;
      int32_t leader_id = 0;
      int32_t leader_epoch = -1;
      std::vector<int32_t> replica_nodes;
      std::vector<int32_t> isr_nodes;
      std::vector<int32_t> offline_replicas;
      static void fields(auto& w, auto& m) {
        w({"ErrorCode"}, m.error);
        w({"PartitionIndex"}, m.partition);
        w({"LeaderId"}, m.leader_id);
        w({"LeaderEpoch", since(7)}, m.leader_epoch);
        w({"ReplicaNodes"}, m.replica_nodes);
        w({"IsrNodes"}, m.isr_nodes);
        w({"OfflineReplicas", since(5)}, m.offline_replicas);
      }
      bool operator==(const Partition&) const = default;
    };

    ErrorCode error = ErrorCode::kNone;
    std::optional<std::string> name;
    Uuid topic_id;
    bool is_internal = false;
    std::vector<Partition> partitions;
    int32_t topic_authorized_operations = INT32_MIN;  // INT32_MIN: not asked
    static void fields(auto& w, auto& m) {
      w({"ErrorCode"}, m.error);
      w({"Name", kAlways, since(12)}, m.name);
      w({"TopicId", since(10)}, m.topic_id);
      w({"IsInternal", since(1)}, m.is_internal);
      w({"Partitions"}, m.partitions);
      w({"TopicAuthorizedOperations", since(8)}, m.topic_authorized_operations);
    }
    bool operator==(const Topic&) const = default;
  };

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  std::vector<Broker> brokers;
  std::optional<std::string> cluster_id;
  int32_t controller_id = -1;
  std::vector<Topic> topics;
  int32_t cluster_authorized_operations = INT32_MIN;  // INT32_MIN: not asked
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs", since(3)}, m.throttle_time_ms);
    w({"Brokers"}, m.brokers);
    w({"ClusterId", since(2), since(2)}, m.cluster_id);
    w({"ControllerId", since(1)}, m.controller_id);
    w({"Topics"}, m.topics);
    w({"ClusterAuthorizedOperations", only(8, 10)}, m.cluster_authorized_operations);
  }
  bool operator==(const MetadataResponse&) const = default;
};

}  // namespace weir::wire
