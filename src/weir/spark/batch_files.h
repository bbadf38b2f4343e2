// What a Spark query leaves in a step's folder: batches.csv with the columns of weir's own engine,
// and spark-progress.jsonl, every record as it came. docs/formats/batches.md, spark-progress.md.
//
// One thread. A file that cannot be written any more is left as it is: error() says why.
#pragma once
#include <memory>
#include <string>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/spark/progress.h"
#include "weir/sys/disk.h"

namespace weir::spark {

// The line of an executed batch, without newline. `shift` is weir's clock minus Spark's.
// Percentiles are the upper bounds of their buckets; empty where the query observes no ages.
std::string batch_row(const Progress& progress, int64_t attempt, Nanos trigger, Nanos shift);
const char* batch_header();  // without newline

// Upper bound of the bucket that holds this quantile; 0 when all are empty.
int64_t age_quantile(const std::vector<int64_t>& counts, const std::vector<int64_t>& bounds,
                     double quantile);

class BatchFiles {
 public:
  // Creates both in `outdir`, which exists.
  static Result<BatchFiles> create(Disk& disk, const std::string& outdir, Nanos trigger);
  // A record that was read at `at`. Batches that batches.csv has already get no second line.
  void add(const std::string& json, const Progress& progress, Nanos at, int64_t attempt,
           Nanos shift);
  const std::string& error() const { return error_; }

 private:
  BatchFiles() = default;
  std::unique_ptr<File> rows_, records_;
  Nanos trigger_;
  int64_t newest_ = -1;
  std::string error_;
};

}  // namespace weir::spark
