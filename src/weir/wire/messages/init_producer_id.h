// InitProducerId: an id and epoch for an idempotent or transactional producer.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "weir/wire/api.h"
#include "weir/wire/errors.h"
#include "weir/wire/field.h"

namespace weir::wire {

struct InitProducerIdRequest {
  static constexpr auto kApi = ApiKey::kInitProducerId;
  static constexpr auto kName = "InitProducerIdRequest";

  std::optional<std::string> transactional_id;  // null: idempotent only
  int32_t transaction_timeout_ms = 0;
  int64_t producer_id = -1;
  int16_t producer_epoch = -1;
  static void fields(auto& w, auto& m) {
    w({"TransactionalId", kAlways, kAlways}, m.transactional_id);
    w({"TransactionTimeoutMs"}, m.transaction_timeout_ms);
    w({"ProducerId", since(3)}, m.producer_id);
    w({"ProducerEpoch", since(3)}, m.producer_epoch);
  }
  bool operator==(const InitProducerIdRequest&) const = default;
};

struct InitProducerIdResponse {
  static constexpr auto kApi = ApiKey::kInitProducerId;
  static constexpr auto kName = "InitProducerIdResponse";

  int32_t throttle_time_ms = 0;  // keep 0: clients pause on it
  ErrorCode error = ErrorCode::kNone;
  int64_t producer_id = -1;
  int16_t producer_epoch = 0;
  static void fields(auto& w, auto& m) {
    w({"ThrottleTimeMs"}, m.throttle_time_ms);
    w({"ErrorCode"}, m.error);
    w({"ProducerId"}, m.producer_id);
    w({"ProducerEpoch"}, m.producer_epoch);
  }
  bool operator==(const InitProducerIdResponse&) const = default;
};

}  // namespace weir::wire
