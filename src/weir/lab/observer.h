// Who sees, from outside, which results of a query became visible and when. One implementation per
// source of that knowledge: topic_observer.h reads an output topic.
//
// Implementations read on a thread of their own; the members may be called from any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/event/audit.h"
#include "weir/event/ledger.h"
#include "weir/stats/histogram.h"

namespace weir::lab {

constexpr size_t kRecordsPerPoll = 50'000;
// More windows than a step of a day has: a broken time stamp must not size anything.
constexpr size_t kWindowsMax = 100'000;

// Results that became visible together: one receipt, or the forward records of one poll.
struct Visible {
  Nanos at;  // when the observer could first read them
  int64_t batch = -1, attempt = 0;
  int64_t distinct = 0;                  // ids seen for the first time
  Nanos newest_due;                      // of the newest event covered
  double mean_age_ms = 0;                // mean of at - due
  double worst_ms = 0;                   // largest at - due
  std::map<int32_t, int64_t> input_end;  // of a receipt: partition -> next offset to read
};

// The first fence of an attempt seen in any partition.
struct SeenFence {
  Nanos at;
  int64_t attempt = 0;
};

// What has been seen so far; a copy.
struct Observations {
  std::vector<Visible> results;
  std::vector<SeenFence> fences;
  // Event latency (visible - due, us) of the events due in window i: [origin + i w, origin + (i+1)
  // w).
  std::vector<Histogram> windows;
  uint64_t distinct = 0;
  int64_t dropped_by_fence = 0, unreadable = 0;  // records
  double longest_turn_s = 0;      // longest time spent on one poll's records: how far behind it was
  double core_share = 0;          // of one core, of the reading thread
  double blind_s = 0;             // without connection to the broker
  std::string source = "output";  // of what was seen: output or progress
  std::string error;              // why reading ended early; empty when it did not
};

class Observer {
 public:
  virtual ~Observer() = default;

  // Due-time windows count from here; events due before it fall into window 0. Call before load
  // starts.
  virtual void set_origin(Nanos origin) = 0;
  virtual uint64_t distinct() const = 0;
  // The newest attempt whose fence stands in every partition of the output topic; 0 where none
  // does.
  virtual int64_t attempt_ready() const = 0;
  // How many starts of the query's engine have fenced every partition of the output topic. Counted
  // also where a lost checkpoint lets the engine number its attempts anew.
  virtual int64_t starts_ready() const { return attempt_ready(); }
  virtual Observations snapshot() const = 0;
  // The results from number `from` on only; cheap to call often.
  virtual std::vector<Visible> results_since(size_t from) const = 0;
  // Latency (us) of the events first seen since the last call, for people who watch.
  virtual Histogram take_recent() { return {}; }
  // Ends the reading; what was seen may be judged after it.
  virtual void stop() = 0;
  // What was seen against the producers' ledgers. complete = false: what is missing is pending.
  virtual AuditReport judge(const std::vector<Ledger>& ledgers, bool complete) const = 0;
  // observed.bin: docs/formats/observed.md.
  virtual Status write_seen(const std::string& path) const = 0;
};

}  // namespace weir::lab
