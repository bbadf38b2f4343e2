// The input side of a batch: worker threads that read, parse and add up their share of partitions.
//
// Between batches the workers already read and parse what is there, in bounded amount. For a batch
// they are held and say how far they are; its ends lie there or beyond. Partition p belongs to
// worker p mod parallelism, which has a consumer of its own. All public members belong to one
// thread, the engine's; it meets the workers under one mutex, and the queue of forward's results is
// bounded: a full one stops the workers.
#pragma once
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/checkpoint/format.h"
#include "weir/engine/connections.h"
#include "weir/engine/malformed_log.h"
#include "weir/engine/options.h"
#include "weir/event/event.h"
#include "weir/event/result.h"
#include "weir/stats/histogram.h"
#include "weir/sys/clock.h"

namespace weir::engine {

using checkpoint::Positions;

// What a batch's events add up to.
struct Tally {
  int64_t events = 0;  // records read, malformed ones included
  int64_t malformed = 0;
  int64_t foreign = 0;  // parsed, but event_id is not one of weir's
  Histogram ages;       // reference - due, us; results that were there already are left out
  IdCollector ids;      // metrics only

  void merge(Tally&& other);
};

// Results of one partition in input order: keys and values one behind the other.
struct Chunk {
  struct Entry {
    uint32_t at = 0, key_size = 0, value_size = 0;
  };
  PartitionId partition;
  std::string bytes;
  std::vector<Entry> entries;
  std::string_view key(const Entry& e) const { return {bytes.data() + e.at, e.key_size}; }
  std::string_view value(const Entry& e) const {
    return {bytes.data() + e.at + e.key_size, e.value_size};
  }
};

class Source {
 public:
  // Opens the workers' consumers, all at once, at `from`. The first skip[p] results of partition p
  // are counted but not given: they are in the output already. `clock`, of added waits, outlives
  // it.
  static Result<std::unique_ptr<Source>> open(const Connections& connections,
                                              const EngineOptions& options, const Positions& from,
                                              const Positions& skip, MalformedLog* malformed,
                                              Clock& clock);
  ~Source();  // ends the workers

  // Lets workers read ahead before the first batch. Not when its ends were planned earlier.
  void read_ahead();
  // Stops reading ahead, until begin(); returns the next offset of each partition.
  Result<Positions> hold();
  // Begins a batch that ends at `ends`, none below what hold() said. Ages count from `reference`.
  void begin(const Positions& ends, Nanos reference);
  // Waits up to `limit` for the batch's next results. Empty: none came, or there are no more.
  std::optional<Chunk> next_chunk(Nanos limit);
  // Waits up to `limit` until all workers reached the ends and every chunk was taken; then the
  // batch's tally, once. A worker's failure ends the query.
  Result<std::optional<Tally>> finish(Nanos limit);

 private:
  class Worker;
  Source(const EngineOptions& options, MalformedLog* malformed, Clock& clock);

  const EngineOptions options_;
  MalformedLog* const malformed_;
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable to_workers_, to_engine_;
  // All below are guarded by mutex_.
  bool stopping_ = false, ahead_ = false, holding_ = false;
  uint64_t begun_ = 0;  // batches begun
  Positions ends_;
  Nanos reference_;
  std::deque<Chunk> chunks_;
  size_t opened_ = 0, finished_ = 0, held_ = 0;  // workers that did so
  Positions held_at_;
  std::vector<Tally> tallies_;
  std::optional<Error> error_;
  std::vector<std::unique_ptr<Worker>> workers_;
};

}  // namespace weir::engine
