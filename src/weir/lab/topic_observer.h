// Reads a query's output topic as any committed reader would, applies the readers' rule, and notes
// when each result could first be read. It knows the pipeline from its output topic only.
#pragma once
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "weir/event/identity.h"
#include "weir/event/result.h"
#include "weir/kafka/consumer.h"
#include "weir/lab/observer.h"
#include "weir/sys/clock.h"

namespace weir::lab {

class TopicObserver : public Observer {
 public:
  struct Options {
    kafka::ClientConfig client;
    std::string topic;
    int32_t partitions = 1;
    Nanos window = nanos_from_seconds(1);
    Identity identity;  // of records that are not weir's receipts
  };
  // Reads from the beginning of the topic.
  static Result<std::unique_ptr<TopicObserver>> start(const Options& options, const Anchor& anchor);
  ~TopicObserver() override;

  void set_origin(Nanos origin) override { origin_ = origin.value; }
  uint64_t distinct() const override;
  int64_t attempt_ready() const override;
  int64_t starts_ready() const override;
  Observations snapshot() const override;
  std::vector<Visible> results_since(size_t from) const override;
  Histogram take_recent() override;
  void stop() override;
  AuditReport judge(const std::vector<Ledger>& ledgers, bool complete) const override {
    return audit_.judge(ledgers, complete);
  }
  Status write_seen(const std::string& path) const override { return audit_.write(path); }

 private:
  TopicObserver(const Options& options, const Anchor& anchor,
                std::unique_ptr<kafka::Consumer> consumer);
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
  Histogram recent_;                   // guarded by mutex_
  std::map<int32_t, int64_t> fenced_;  // partition -> newest attempt; guarded by mutex_
  // Query and attempt -> partitions that its fence stands in; guarded by mutex_.
  std::map<std::pair<std::string, int64_t>, std::set<int32_t>> starts_;
  AuditSet audit_;           // the thread's until stop()
  FenceFilter filter_;       // the thread's
  IdentityReader identity_;  // the thread's
  std::thread thread_;
};

}  // namespace weir::lab
