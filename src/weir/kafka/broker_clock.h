// How far the clocks of a cluster's brokers are from this machine's, told by the times that brokers
// stamp on records. Latencies need no such thing: due and visible are times of one machine.
#pragma once
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/kafka/client.h"
#include "weir/sys/clock.h"

namespace weir::kafka {

// The broker's clock minus this machine's lies within offset ± bound.
struct ClockOffset {
  Nanos offset, bound;
};

// From one record: handed over at `sent`, acknowledged by `acked`, and stamped in between with a
// broker's whole millisecond (F. Cristian, "Probabilistic clock synchronization", 1989).
ClockOffset clock_offset(Nanos sent, Nanos acked, int64_t stamped_ms);

// Writes a few records to each partition of `topic`, whose message.timestamp.type is LogAppendTime,
// and reads their stamps: the tightest answer of each partition's leader, by partition. kFailed
// when the broker keeps the records' own times, kTimeout after `limit`.
Result<std::vector<ClockOffset>> clock_offsets(const ClientConfig& client, const std::string& topic,
                                               Clock& clock, Nanos limit);

}  // namespace weir::kafka
