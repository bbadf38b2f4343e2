// Something for the observer to read, written as fast as it can be: for its ceiling.
//
// Home thread: the run's.
#pragma once
#include <cstdint>
#include <functional>
#include <string>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/kafka/client.h"
#include "weir/sys/clock.h"

namespace weir::lab {

struct ObserverLoad {
  kafka::ClientConfig client;
  std::string topic;
  int32_t partitions = 1;
  Nanos trigger;
  uint64_t events = 0;  // that the topic's records tell of
};

// Writes receipts as weir's engine leaves them for batches of `trigger` at 100,000 events/s, ages
// up to now; returns how many events they cover.
Result<uint64_t> write_receipts(const ObserverLoad& load, Nanos now);

// Events per second that an observer reads of the topic, from its first poll until it has seen all.
Result<double> reading_rate(const ObserverLoad& load, Clock& clock,
                            const std::function<bool()>& interrupted);

}  // namespace weir::lab
