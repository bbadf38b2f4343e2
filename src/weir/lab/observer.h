// The observer: reads a query's output topic as any committed reader would, applies the readers'
// rule, and notes when each result could first be read.
//
// It knows the pipeline from its output topic only. A thread of its own reads; the other members
// may be called from any thread.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/event/audit.h"
#include "weir/event/result.h"
#include "weir/kafka/consumer.h"
#include "weir/stats/histogram.h"
#include "weir/sys/clock.h"

namespace weir::lab {

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
  double longest_turn_s = 0;  // longest time spent on one poll's records: how far behind it was
  double core_share = 0;      // of one core, of the reading thread
  double blind_s = 0;         // without connection to the broker
  std::string error;          // why reading ended early; empty when it did not
};

class Observer {
 public:
  struct Options {
    kafka::ClientConfig client;
    std::string topic;
    int32_t partitions = 1;
    Nanos window = nanos_from_seconds(1);
  };
  // Reads from the beginning of the topic.
  static Result<std::unique_ptr<Observer>> start(const Options& options, const Anchor& anchor);
  ~Observer();

  // Due-time windows count from here; events due before it fall into window 0. Call before load
  // starts.
  void set_origin(Nanos origin) { origin_ = origin.value; }
  uint64_t distinct() const;
  // Attempts fenced in every partition of the output topic so far: the newest, or 0.
  int64_t attempt_ready() const;
  Observations snapshot() const;
  // The results from number `from` on only; cheap to call often.
  std::vector<Visible> results_since(size_t from) const;
  // Ends the thread; the audit set may be taken after it.
  void stop();
  const AuditSet& audit() const { return audit_; }

 private:
  Observer(const Options& options, const Anchor& anchor, std::unique_ptr<kafka::Consumer> consumer);
  void read();
  void take(const kafka::FetchedRun& run, Nanos now, std::vector<Visible>& seen);
  void take_receipt(const Receipt& receipt, const SeenAt& at, Nanos now,
                    std::vector<Visible>& seen);
  void take_event(const EventId& id, const SeenAt& at, int64_t attempt, Nanos now,
                  std::vector<Visible>& seen);
  Histogram& window_of(Nanos due);

  Options options_;
  SystemClock clock_;
  std::unique_ptr<kafka::Consumer> consumer_;
  std::atomic<int64_t> origin_{0};
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  Observations observed_;              // guarded by mutex_
  std::map<int32_t, int64_t> fenced_;  // partition -> newest attempt; guarded by mutex_
  AuditSet audit_;                     // the thread's until stop()
  FenceFilter filter_;                 // the thread's
  std::thread thread_;
};

}  // namespace weir::lab
