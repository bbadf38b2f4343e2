// How the engine reaches its cluster: factories, so that a test can put a fake one behind them.
#pragma once
#include <functional>
#include <memory>
#include <string>

#include "weir/base/result.h"
#include "weir/kafka/admin.h"
#include "weir/kafka/client.h"
#include "weir/kafka/consumer.h"
#include "weir/kafka/producer.h"

namespace weir::engine {

inline constexpr size_t kRecordsPerPoll = 8192;  // asked of a consumer at once

// Each call opens a new connection; they may be called from several threads at once.
struct Connections {
  std::function<Result<std::unique_ptr<kafka::Admin>>()> admin;
  std::function<Result<std::unique_ptr<kafka::Producer>>(const std::string& topic)> producer;
  std::function<Result<std::unique_ptr<kafka::Consumer>>(const std::string& topic)> consumer;
};

// A real cluster. Records wait for a lost broker 24 days unless the client's properties say
// otherwise, for giving one up would only begin a new attempt.
Connections connect_to(const kafka::ClientConfig& client);

}  // namespace weir::engine
