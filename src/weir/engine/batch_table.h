// batches.csv of a query: one whole line per committed batch, also after crashes.
//
// Each start goes on in a copy that takes the file's place, so that the late line of an engine that
// was stopped and woken falls into a file that nobody sees any more.
#pragma once
#include <memory>
#include <optional>
#include <string>

#include "weir/base/result.h"
#include "weir/engine/batch_row.h"
#include "weir/sys/disk.h"

namespace weir::engine {

class BatchTable {
 public:
  // Opens <outdir>/batches.csv, creating both; leaves out a torn last line. kUsage when the folder
  // cannot be written or the file holds batches of another query.
  static Result<BatchTable> open(Disk& disk, const std::string& outdir, const std::string& query);

  // The batch of the last line; -1 when there is none.
  int64_t newest() const { return newest_; }
  // Appends the row, unless the table has it already.
  Status append(const BatchRow& row);

 private:
  BatchTable() = default;
  std::unique_ptr<File> file_;
  int64_t newest_ = -1;
};

}  // namespace weir::engine
