// Sees a query from its progress alone, where its results do not carry the events' ids: which
// offsets of the input it has committed, and when that could first be seen.
//
// It reads the input topic as any reader may, for the due time of each offset: from weir's own
// event, else from the record's timestamp (weir's generator writes the due time there); within
// 1 ms. What is committed counts as visible. Nothing is known of single events, so the audit's
// level is none.
#pragma once
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "weir/kafka/consumer.h"
#include "weir/lab/input_ages.h"
#include "weir/lab/observer.h"
#include "weir/lab/progress_source.h"
#include "weir/sys/clock.h"

namespace weir::lab {

class ProgressObserver : public Observer {
 public:
  struct Options {
    kafka::ClientConfig client;
    std::string topic;
    int32_t partitions = 1;
    Nanos window = nanos_from_seconds(1);
    std::string reason;  // why events are not told apart, for the audit
  };
  // Counts what is written to the topic from now on.
  static Result<std::unique_ptr<ProgressObserver>> start(const Options& options,
                                                         const Anchor& anchor);
  ~ProgressObserver() override;

  // Where batches are known, a line for each goes to `batches` when the observer stops; of a batch
  // that has a line in the CSV files below `origin_csv`, with that line's latencies as the
  // origin's. Both may be empty.
  struct BatchFiles {
    std::string batches, origin_csv;
    Nanos trigger;
  };
  // Asks `source` from now on.
  void follow(std::unique_ptr<ProgressSource> source, const BatchFiles& files);

  void set_origin(Nanos origin) override { origin_ = origin.value; }
  uint64_t distinct() const override;
  int64_t attempt_ready() const override { return 0; }
  Observations snapshot() const override;
  std::vector<Visible> results_since(size_t from) const override;
  Histogram take_recent() override;
  void stop() override;
  AuditReport judge(const std::vector<Ledger>& ledgers, bool complete) const override;
  Status write_seen(const std::string&) const override { return {}; }  // no ids were seen

 private:
  struct Commit {
    Nanos at;
    ProgressReading reading;
  };

  ProgressObserver(const Options& options, const Anchor& anchor,
                   std::unique_ptr<kafka::Consumer> consumer);
  void read();
  bool read_input();
  void ask(Nanos now);
  void apply_commits();
  void apply(const Commit& commit);

  const Options options_;
  SystemClock clock_;
  std::unique_ptr<kafka::Consumer> consumer_;
  std::atomic<int64_t> origin_{0};
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::unique_ptr<ProgressSource> next_source_;  // guarded by mutex_
  BatchFiles files_;                             // guarded by mutex_
  Observations observed_;                        // guarded by mutex_
  Histogram recent_;                             // guarded by mutex_
  std::unique_ptr<ProgressSource> source_;       // the thread's, as is all below
  InputAges ages_;
  std::deque<Commit> commits_;  // seen, but the input is not yet read up to them
  std::vector<SeenBatch> batches_;
  Nanos next_ask_, blind_since_;
  std::thread thread_;
};

}  // namespace weir::lab
