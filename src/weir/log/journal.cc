#include "weir/log/journal.h"

#include <fmt/format.h>

#include "weir/base/bytes.h"
#include "weir/base/crc32c.h"

namespace weir::log {
namespace {

constexpr size_t kFrameHeaderBytes = 4 + 4;  // length of the body, CRC-32C of length and body
constexpr size_t kRecordHeaderBytes = 4;     // length, within a body

uint32_t frame_crc(std::string_view length_bytes, std::string_view body) {
  return crc32c(body, crc32c(length_bytes));
}

// The body framed at `at`; a view without data when none is whole and right there. Zeros (sectors
// never written) do not pass: the CRC of a zero length is not zero.
std::string_view frame_at(std::string_view content, size_t at) {
  if (content.size() - at < kFrameHeaderBytes) return {};
  const size_t size = load_be<uint32_t>(content.data() + at);
  if (size > Journal::kFrameBytesMax || size > content.size() - at - kFrameHeaderBytes) return {};
  const std::string_view body = content.substr(at + kFrameHeaderBytes, size);
  const uint32_t crc = load_be<uint32_t>(content.data() + at + 4);
  return crc == frame_crc(content.substr(at, 4), body) ? body : std::string_view();
}

Status append_frame(std::string& out, const std::string& path,
                    std::span<const std::string_view> records) {
  size_t size = 0;
  for (std::string_view record : records) size += kRecordHeaderBytes + record.size();
  if (size > Journal::kFrameBytesMax)
    return fail(Code::kUsage, "cannot write " + path, "the records exceed 16 MiB at once");
  std::string body;
  for (std::string_view record : records) {
    append_be<uint32_t>(body, uint32_t(record.size()));
    body.append(record);
  }
  std::string length;
  append_be<uint32_t>(length, uint32_t(body.size()));
  out += length;
  append_be<uint32_t>(out, frame_crc(length, body));
  out += body;
  return {};
}

// Calls `replay` for each record of a body; false when its lengths contradict each other.
bool replay_body(std::string_view body, const Journal::Replay& replay) {
  while (!body.empty()) {
    if (body.size() < kRecordHeaderBytes) return false;
    const size_t size = load_be<uint32_t>(body.data());
    body.remove_prefix(kRecordHeaderBytes);
    if (size > body.size()) return false;
    replay(body.substr(0, size));
    body.remove_prefix(size);
  }
  return true;
}

}  // namespace

Result<Journal> Journal::open(Disk& disk, const std::string& path, const Replay& replay) {
  auto file = WEIR_TRY(disk.open(path));
  const std::string content = WEIR_TRY(disk.read(path));
  auto corrupt = [&](std::string why) {
    return fail(Code::kCorrupt, "the journal " + path + " is damaged", std::move(why),
                "restore the file from a copy");
  };
  size_t at = 0;
  while (at < content.size()) {
    const std::string_view body = frame_at(content, at);
    if (body.data() == nullptr) break;
    if (!replay_body(body, replay))
      return corrupt(fmt::format("the frame at byte {} has impossible lengths", at));
    at += kFrameHeaderBytes + body.size();
  }
  // Behind a torn append nothing can follow: it was the last.
  for (size_t i = at + 1; i < content.size(); ++i) {
    if (frame_at(content, i).data() != nullptr)
      return corrupt(
          fmt::format("the frame at byte {} is bad and a good one follows at {}", at, i));
  }
  if (at < content.size()) WEIR_TRY(file->truncate(at));
  WEIR_TRY(file->sync());  // what was replayed must not vanish, even if nobody had synced it
  const size_t slash = path.rfind('/');
  WEIR_TRY(disk.sync_folder(slash == std::string::npos ? "." : path.substr(0, slash)));
  return Journal(disk, path, std::move(file), at);
}

Status Journal::broken() const {
  return fail(Code::kFailed, "cannot write " + path_, "an earlier write or flush of it failed",
              "free some space or replace the disk, then start again");
}

Status Journal::append(std::span<const std::string_view> records) {
  if (failed_) return broken();
  if (records.empty()) return {};
  std::string bytes;
  WEIR_TRY(append_frame(bytes, path_, records));
  Status status = file_->append(bytes);
  if (status) status = file_->sync();
  if (!status) {
    failed_ = true;
    // Nobody was told of these bytes.
    (void)file_->truncate(size_);
    return status;
  }
  size_ += bytes.size();
  return {};
}

Status Journal::compact(std::span<const std::string_view> records) {
  if (failed_) return broken();
  std::string bytes;
  for (const std::string_view& record : records)
    WEIR_TRY(append_frame(bytes, path_, std::span(&record, 1)));
  failed_ = true;  // until it is known which of the two contents stands
  WEIR_TRY(disk_->write_whole(path_, bytes));
  file_ = WEIR_TRY(disk_->open(path_));
  size_ = bytes.size();
  failed_ = false;
  return {};
}

}  // namespace weir::log
