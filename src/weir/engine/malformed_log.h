// Samples of events that could not be parsed, one line each, in a file that stays small.
#pragma once
#include <memory>
#include <mutex>
#include <string>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/kafka/consumer.h"
#include "weir/sys/disk.h"

namespace weir::engine {

// Thread safe. Lines are "partition offset bytes value", tab separated; the value is cut at 200
// bytes and bytes that are not printable ASCII stand as \xNN. At most kBytesMax are kept over all
// starts.
class MalformedLog {
 public:
  static constexpr uint64_t kBytesMax = 1 << 20;

  static Result<std::unique_ptr<MalformedLog>> open(Disk& disk, const std::string& path);
  // A sample that cannot be written is dropped: the count in the receipt is what matters.
  void add(PartitionId partition, const kafka::FetchedRecord& record);
  const std::string& path() const { return path_; }

 private:
  MalformedLog() = default;
  std::string path_;
  std::mutex mutex_;
  std::unique_ptr<File> file_;  // guarded by mutex_
  uint64_t size_ = 0;           // guarded by mutex_
};

}  // namespace weir::engine
