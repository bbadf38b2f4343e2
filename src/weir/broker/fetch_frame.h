// The frame of a Fetch answer with the records left out: they go from the segment files straight to
// the socket. Same bytes as wire::encode would give with them (a test holds it to that).
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "weir/broker/reply.h"
#include "weir/log/partition_log.h"
#include "weir/wire/errors.h"

namespace weir::broker {

struct FetchedPartition {
  int32_t partition = 0;
  wire::ErrorCode error = wire::ErrorCode::kNone;
  int64_t high_watermark = -1;
  int64_t log_start = -1;
  log::Slice slice;
};
struct FetchedTopic {
  std::string name;
  std::vector<FetchedPartition> partitions;
};

// The whole answer in parts. Slices that are small are read into it instead of referred to, which
// saves system calls. A slice that turns out unreadable ends the connection when it is its turn.
Reply fetch_reply(int16_t version, int32_t correlation_id, wire::ErrorCode error,
                  std::vector<FetchedTopic> topics);

}  // namespace weir::broker
