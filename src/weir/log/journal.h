// An append-only file of small records for metadata that must not be lost, such as committed group
// offsets: what one append() writes is framed with its length and CRC-32C (docs/formats/log.md,
// "Journal"), so after a crash all of its records are there or none.
//
// Opening replays the records in order and cuts a torn tail; a bad frame with a good one behind it
// is rot and fails with kCorrupt. When the file has grown, write a snapshot of the live state with
// compact(): it replaces the file atomically.
//
// Threads: one at a time (the caller's lock). Calls block for the sync. After a failed append the
// journal refuses further ones.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "weir/base/result.h"
#include "weir/sys/disk.h"

namespace weir::log {

class Journal {
 public:
  static constexpr size_t kFrameBytesMax = 16u << 20;  // of one append's records, 4 more for each
  using Replay = std::function<void(std::string_view record)>;

  // Opens `path` (created when missing, its folder must exist), calling `replay` for every record.
  // `disk` outlives the journal.
  static Result<Journal> open(Disk& disk, const std::string& path, const Replay& replay);

  // Durable on return, all of them with one sync. kUsage when they exceed kFrameBytesMax.
  Status append(std::span<const std::string_view> records);
  Status append(std::string_view record) { return append(std::span(&record, 1)); }

  // Replaces the content by `records`, durably: after a crash either the old or the new content.
  Status compact(std::span<const std::string_view> records);

  uint64_t size_bytes() const { return size_; }

 private:
  Journal(Disk& disk, std::string path, std::unique_ptr<File> file, uint64_t size)
      : disk_(&disk), path_(std::move(path)), file_(std::move(file)), size_(size) {}
  Status broken() const;

  Disk* disk_;
  std::string path_;
  std::unique_ptr<File> file_;
  uint64_t size_;
  bool failed_ = false;
};

}  // namespace weir::log
