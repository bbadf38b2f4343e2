// The per-batch CSV files of the origin, and of weir itself, read as pandas would: every *.csv
// below a folder, hidden ones left out, columns by name, cells that are no number missing.
//
// Nothing in a file is trusted: what cannot be read is skipped and named in `problems`.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/result.h"
#include "weir/stats/naive.h"

namespace weir::report {

struct BatchRecord {
  // The seven columns. From `weir stream` they carry true latency at acknowledgement.
  stats::SeedRow row;
  // By the origin's formula: weir's seed_* columns where the file has them, else as `row`.
  stats::SeedRow seed;
  bool ours = false;  // the file has seed_* columns
  // weir's own, NaN elsewhere.
  double trigger_ms = stats::SeedRow::kMissing;
  double planned_us = stats::SeedRow::kMissing, committed_us = stats::SeedRow::kMissing;
};

struct BatchRecords {
  std::vector<BatchRecord> rows;      // usable ones, in the order of file name and line
  int files = 0;                      // read with success
  std::vector<std::string> problems;  // one line each, with the file's path below the folder
};

// Adds what one file's bytes hold. As pandas does, a file is skipped whole when it is empty or a
// line has more cells than the header; rows without epoch_sec, batch_events or p95_latency_ms are
// dropped.
void read_batch_file(std::string_view bytes, const std::string& name, BatchRecords& into);

// All *.csv below `folder` (not in folders named "analysis" or "figures", which hold tables made
// from them). kNotFound when there is no such folder. Files above 256 MiB are skipped.
Result<BatchRecords> read_batch_files(const std::string& folder);

}  // namespace weir::report
