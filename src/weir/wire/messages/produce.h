// Produce: append one record batch to each of some partitions.
//
// With acks 0 there is no response at all.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct ProduceRequest {
  static constexpr auto kApi = ApiKey::kProduce;
  static constexpr auto kName = "ProduceRequest";

  struct Topic {
    struct Partition {
      int32_t partition = 0;
      std::optional<Records> records = Records();
      static void fields(auto& w, auto& m) {
        w({"Index"}, m.partition);
        w({"Records", kAlways, kAlways}, m.records);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string name;
    std::vector<Partition> partitions;
    static void fields(auto& w, auto& m) {
      w({"Name"}, m.name);
      w({"PartitionData"}, m.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  std::optional<std::string> transactional_id;  // null: outside a transaction
  int16_t acks = 0;                             // -1 all, 0 none (and no response), 1 leader
  int32_t timeout_ms = 0;
  std::vector<Topic> topics;
  static void fields(auto& w, auto& m) {
    w({"TransactionalId", since(3), since(3)}, m.transactional_id);
    w({"Acks"}, m.acks);
    w({"TimeoutMs"}, m.timeout_ms);
    w({"TopicData"}, m.topics);
  }
  bool operator==(const ProduceRequest&) const = default;
};

struct ProduceResponse {
  static constexpr auto kApi = ApiKey::kProduce;
  static constexpr auto kName = "ProduceResponse";

  struct Topic {
    struct Partition {
      struct RecordError {
        int32_t batch_index = 0;
        std::optional<std::string> message;
        static void fields(auto& w, auto& m) {
          w({"BatchIndex", since(8)}, m.batch_index);
          w({"BatchIndexErrorMessage", since(8), since(8)}, m.message);
        }
        bool operator==(const RecordError&) const = default;
      };

      int32_t partition = 0;
      ErrorCode error = ErrorCode::kNone;
      int64_t base_offset = 0;
      int64_t log_append_time_ms = -1;  // -1: records keep their create time
      int64_t log_start_offset = -1;
      std::vector<RecordError> record_errors;
      std::optional<std::string> error_message;
      static void fields(auto& w, auto& m) {
        w({"Index"}, m.partition);
        w({"ErrorCode"}, m.error);
        w({"BaseOffset"}, m.base_offset);
        w({"LogAppendTimeMs", since(2)}, m.log_append_time_ms);
        w({"LogStartOffset", since(5)}, m.log_start_offset);
        w({"RecordErrors", since(8)}, m.record_errors);
        w({"ErrorMessage", since(8), since(8)}, m.error_message);
      }
      bool operator==(const Partition&) const = default;
    };

    std::string name;
    std::vector<Partition> partitions;
    static void fields(auto& w, auto& m) {
      w({"Name"}, m.name);
      w({"PartitionResponses"}, m.partitions);
    }
    bool operator==(const Topic&) const = default;
  };

  std::vector<Topic> topics;
  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  static void fields(auto& w, auto& m) {
    w({"Responses"}, m.topics);
    w({"ThrottleTimeMs", since(1)}, m.throttle_time_ms);
  }
  bool operator==(const ProduceResponse&) const = default;
};

}  // namespace weir::wire
