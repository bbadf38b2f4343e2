// Sees a metrics query on Spark through its progress records: a batch is visible when weir first
// reads its record. docs/spark.md says what that is worth.
//
// The audit reads the input topic again: a batch counts when the ids that stand at its offsets give
// the counts, sums and exclusive ors that Spark found, group of partitions by group.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "weir/kafka/client.h"
#include "weir/lab/observer.h"
#include "weir/spark/progress.h"

namespace weir::lab {

// What the records of a query said. Any thread.
class SparkRecords {
 public:
  SparkRecords(Nanos trigger, Nanos window);

  // An executed batch, read at `at`; `shift` is weir's clock minus Spark's.
  void take(const spark::Progress& progress, Nanos at, int64_t attempt, Nanos shift);
  // Spark confirmed that this attempt runs.
  void confirm(int64_t attempt, Nanos at);
  // The checkpoint proves that all below these offsets was committed, though nobody will ever see
  // some of the records.
  void prove_committed(int64_t batch, const spark::Positions& ends);

 private:
  friend class SparkObserver;
  // One batch's share of a partition.
  struct Range {
    int64_t first = 0, end = 0;  // offsets
    int64_t batch = -1;
    bool has_record = true;
  };
  void extend(int32_t partition, int64_t end, int64_t batch, bool has_record);
  void add_latencies(const spark::ObservedBatch& batch, Nanos reference, Nanos at);
  Histogram& window_of(Nanos due);

  mutable std::mutex mutex_;
  const std::vector<int64_t> bounds_;
  const Nanos window_;
  // All below guarded by mutex_.
  Nanos origin_;
  Observations observed_;
  Histogram recent_;
  int64_t confirmed_ = 0, malformed_ = 0;
  std::map<int32_t, std::vector<Range>> ranges_;  // by partition, ascending, from offset 0
  std::map<int64_t, spark::ObservedBatch> batches_;
};

class SparkObserver : public Observer {
 public:
  SparkObserver(std::shared_ptr<SparkRecords> records, kafka::ClientConfig client,
                std::string topic)
      : records_(std::move(records)), client_(std::move(client)), topic_(std::move(topic)) {}
  ~SparkObserver() override;

  void set_origin(Nanos origin) override;
  uint64_t distinct() const override;
  int64_t attempt_ready() const override;
  Observations snapshot() const override;
  std::vector<Visible> results_since(size_t from) const override;
  Histogram take_recent() override;
  // Reads the input topic again, up to a minute.
  void stop() override;
  // audit.level is checksum; count where the topic could not be read again.
  AuditReport judge(const std::vector<Ledger>& ledgers, bool complete) const override;
  Status write_seen(const std::string& path) const override;

 private:
  class Reader;
  Status verify();

  std::shared_ptr<SparkRecords> records_;
  kafka::ClientConfig client_;
  std::string topic_;
  bool stopped_ = false, verified_ = false;
  AuditSet audit_;             // of verified batches
  uint64_t receipt_lost_ = 0;  // events of batches without a record
};

}  // namespace weir::lab
