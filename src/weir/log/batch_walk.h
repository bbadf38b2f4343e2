// Walks the batches of a segment file in order, by their headers.
//
// Threads: one at a time; the bytes below `end` must not change meanwhile.
#pragma once
#include <string>

#include "weir/base/result.h"
#include "weir/log/batch.h"
#include "weir/sys/disk.h"

namespace weir::log {

class BatchWalk {
 public:
  // From `position`, which must be a batch's start, to `end`. `window_bytes` are read at a time:
  // small to hop from header to header, large to read all.
  BatchWalk(File& file, uint64_t position, uint64_t end, size_t window_bytes = 4096);

  enum class Step { kBatch, kEnd, kBad, kDiskError };
  // Looks at the batch at position(). kBatch: header() is valid and the batch ends at or before
  // `end`. kBad: no plausible batch stands here. kDiskError: see error().
  Step peek();
  // Goes behind the batch that peek() found.
  void advance() { position_ += header_.size; }

  uint64_t position() const { return position_; }
  const BatchHeader& header() const { return header_; }
  const Error& error() const { return error_; }

  // Computes the CRC of the batch that peek() found; kBatch when it fits, else kBad or kDiskError.
  Step verify();
  // Reads the whole batch that peek() found into `out`; false on a disk error.
  bool read(std::string& out);

 private:
  // At least `size` bytes from `at` on in the window; null on a disk error.
  const char* load(uint64_t at, size_t size);

  File& file_;
  uint64_t position_;
  const uint64_t end_;
  const size_t window_bytes_;
  std::string window_;
  uint64_t window_at_ = 0;
  BatchHeader header_;
  Error error_;
};

}  // namespace weir::log
