#include "weir/engine/malformed_log.h"

#include <fmt/format.h>

namespace weir::engine {
namespace {
constexpr size_t kShownMax = 200;

std::string printable(std::string_view bytes) {
  std::string out;
  for (char c : bytes.substr(0, kShownMax)) {
    if (c >= ' ' && c <= '~' && c != '\\')
      out += c;
    else
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
  }
  if (bytes.size() > kShownMax) out += "...";
  return out;
}
}  // namespace

Result<std::unique_ptr<MalformedLog>> MalformedLog::open(Disk& disk, const std::string& path) {
  std::unique_ptr<MalformedLog> log(new MalformedLog);
  log->path_ = path;
  log->file_ = WEIR_TRY(disk.open(path));
  log->size_ = WEIR_TRY(log->file_->size());
  return log;
}

void MalformedLog::add(PartitionId partition, const kafka::FetchedRecord& record) {
  std::lock_guard lock(mutex_);
  if (size_ >= kBytesMax) return;
  const std::string line =
      fmt::format("{}\t{}\t{}\t{}\n", partition, record.offset, record.value.size(),
                  record.value.data() == nullptr ? "null" : printable(record.value));
  if (file_->append(line))
    size_ += line.size();
  else
    size_ = kBytesMax;
}

}  // namespace weir::engine
