// Reads partitions from given offsets, a batch of records at a time, ahead of the caller.
//
// Home thread: one. Without a group: positions are the caller's. Reads committed data only.
#pragma once
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/kafka/client.h"

namespace weir::kafka {

// One fetched record; views hold until the next poll() of its consumer.
struct FetchedRecord {
  Offset offset;
  int64_t timestamp_ms = -1;
  std::string_view key, value;  // data() == nullptr: null
};

// Records of one partition, ascending offsets, gaps possible.
struct FetchedRun {
  PartitionId partition;
  std::vector<FetchedRecord> records;
};

struct ConsumerOptions {
  int64_t prefetch_bytes_max = 256 << 20;  // read ahead of the caller, all partitions together
  int fetch_wait_ms = 100;                 // how long the broker may park an empty fetch
};

class Consumer {
 public:
  virtual ~Consumer() = default;
  // kUnreachable when no broker answers within 5 s, kNotFound when the topic does not exist.
  static Result<std::unique_ptr<Consumer>> open(const ClientConfig& client,
                                                const std::string& topic,
                                                const ConsumerOptions& options);
  // Reads `partition` from `from` on. Again for the same partition: seeks there.
  virtual Status assign(PartitionId partition, Offset from) = 0;
  // Waits up to `limit` for records of any assigned partition; at most `records_max` of them.
  // The result holds until the next poll(). An offset out of range, or a lost topic, is an error; a
  // lost broker is not (it is retried, and connected() is false meanwhile).
  virtual Result<std::vector<FetchedRun>> poll(Nanos limit, size_t records_max) = 0;
  // The same for one partition only; records of others stay queued.
  virtual Result<std::vector<FetchedRun>> poll(PartitionId partition, Nanos limit,
                                               size_t records_max) = 0;
  // The next offset of an assigned partition that a poll could give: what lies below it was given,
  // or is no record (transaction markers, aborted or compacted records). May pass the caller by
  // only once the broker said so; never goes back but by assign().
  virtual Offset position(PartitionId partition) const = 0;
  // Headers of a record of the latest poll's result.
  virtual std::vector<std::pair<std::string_view, std::string_view>> headers(
      const FetchedRun& run, size_t index) const = 0;
  virtual bool connected() const = 0;
};

}  // namespace weir::kafka
