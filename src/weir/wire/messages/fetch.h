// Fetch: read record batches from offsets on, waiting for data up to a limit.
//
// A response outside a fetch session must name every requested partition, also the empty ones.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct FetchRequest {
  static constexpr auto kApi = ApiKey::kFetch;
  static constexpr auto kName = "FetchRequest";

  struct Topic {
    struct Partition {
      int32_t partition = 0;
      int32_t current_leader_epoch = -1;
      int64_t fetch_offset = 0;
      int32_t last_fetched_epoch = -1;
      int64_t log_start_offset = -1;
      int32_t partition_max_bytes = 0;  // the first batch is returned whole, even if larger
      static void fields(auto& w, auto& m) {
        w({"Partition"}, m.partition);
        w({"CurrentLeaderEpoch", since(9)}, m.current_leader_epoch);
        w({"FetchOffset"}, m.fetch_offset);
        w({"LastFetchedEpoch", since(12)}, m.last_fetched_epoch);
        w({"LogStartOffset", since(5)}, m.log_start_offset);
        w({"PartitionMaxBytes"}, m.partition_max_bytes);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string name;
    std::vector<Partition> partitions;
    static void fields(auto& w, auto& m) {
      w({"Topic", only(0, 12)}, m.name);
      w({"Partitions"}, m.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  struct Forgotten {
    std::string name;
    std::vector<int32_t> partitions;
    static void fields(auto& w, auto& m) {
      w({"Topic", only(7, 12)}, m.name);
      w({"Partitions", since(7)}, m.partitions);
    }
    bool operator==(const Forgotten&) const = default;
  };

  std::optional<std::string> cluster_id;
  int32_t replica_id = -1;
  int32_t max_wait_ms = 0;
  int32_t min_bytes = 0;
  int32_t max_bytes = INT32_MAX;
  int8_t isolation_level = 0;  // 0 all records, 1 committed ones
  int32_t session_id = 0;      // 0: no fetch session
  int32_t session_epoch = -1;
  std::vector<Topic> topics;
  std::vector<Forgotten> forgotten;
  std::string rack_id;
  static void fields(auto& w, auto& m) {
    w({"ClusterId", since(12), since(12), 0}, m.cluster_id);
    w({"ReplicaId", only(0, 14)}, m.replica_id);
    w({"MaxWaitMs"}, m.max_wait_ms);
    w({"MinBytes"}, m.min_bytes);
    w({"MaxBytes", since(3)}, m.max_bytes);
    w({"IsolationLevel", since(4)}, m.isolation_level);
    w({"SessionId", since(7)}, m.session_id);
    w({"SessionEpoch", since(7)}, m.session_epoch);
    w({"Topics"}, m.topics);
    w({"ForgottenTopicsData", since(7)}, m.forgotten);
    w({"RackId", since(11)}, m.rack_id);
  }
  bool operator==(const FetchRequest&) const = default;
};

struct FetchResponse {
  static constexpr auto kApi = ApiKey::kFetch;
  static constexpr auto kName = "FetchResponse";

  struct Topic {
    struct Partition {
      struct EpochEndOffset {
        int32_t epoch = -1;
        int64_t end_offset = -1;
        static void fields(auto& w, auto& m) {
          w({"Epoch", since(12)}, m.epoch);
          w({"EndOffset", since(12)}, m.end_offset);
        }
        bool operator==(const EpochEndOffset&) const = default;
      };

      struct LeaderIdAndEpoch {
        int32_t leader_id = -1;
        int32_t leader_epoch = -1;
        static void fields(auto& w, auto& m) {
          w({"LeaderId", since(12)}, m.leader_id);
          w({"LeaderEpoch", since(12)}, m.leader_epoch);
        }
        bool operator==(const LeaderIdAndEpoch&) const = default;
      };

      struct SnapshotId {
        int64_t end_offset = -1;
        int32_t epoch = -1;
        static void fields(auto& w, auto& m) {
          w({"EndOffset"}, m.end_offset);
          w({"Epoch"}, m.epoch);
        }
        bool operator==(const SnapshotId&) const = default;
      };

      struct AbortedTransaction {
        int64_t producer_id = 0;
        int64_t first_offset = 0;
        static void fields(auto& w, auto& m) {
          w({"ProducerId", since(4)}, m.producer_id);
          w({"FirstOffset", since(4)}, m.first_offset);
        }
        bool operator==(const AbortedTransaction&) const = default;
      };

      int32_t partition = 0;
      ErrorCode error = ErrorCode::kNone;
      int64_t high_watermark = 0;  // consumers see the records below it
      int64_t last_stable_offset = -1;
      int64_t log_start_offset = -1;
      EpochEndOffset diverging_epoch;
      LeaderIdAndEpoch current_leader;
      SnapshotId snapshot_id;
      std::optional<std::vector<AbortedTransaction>> aborted_transactions;
      int32_t preferred_read_replica = -1;         // -1: read from the leader
      std::optional<Records> records = Records();  // never null: some clients refuse it
      static void fields(auto& w, auto& m) {
        w({"PartitionIndex"}, m.partition);
        w({"ErrorCode"}, m.error);
        w({"HighWatermark"}, m.high_watermark);
        w({"LastStableOffset", since(4)}, m.last_stable_offset);
        w({"LogStartOffset", since(5)}, m.log_start_offset);
        w({"DivergingEpoch", since(12), kNever, 0}, m.diverging_epoch);
        w({"CurrentLeader", since(12), kNever, 1}, m.current_leader);
        w({"SnapshotId", since(12), kNever, 2}, m.snapshot_id);
        w({"AbortedTransactions", since(4), since(4)}, m.aborted_transactions);
        w({"PreferredReadReplica", since(11)}, m.preferred_read_replica);
        w({"Records", kAlways, kAlways}, m.records);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string name;
    std::vector<Partition> partitions;
    static void fields(auto& w, auto& m) {
      w({"Topic", only(0, 12)}, m.name);
      w({"Partitions"}, m.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  ErrorCode error = ErrorCode::kNone;
  int32_t session_id = 0;  // 0: no fetch session
  std::vector<Topic> topics;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs", since(1)}, m.throttle_time_ms);
    w({"ErrorCode", since(7)}, m.error);
    w({"SessionId", since(7)}, m.session_id);
    w({"Responses"}, m.topics);
  }
  bool operator==(const FetchResponse&) const = default;
};

}  // namespace weir::wire
