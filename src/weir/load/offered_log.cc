#include "weir/load/offered_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace weir::load {
namespace {
constexpr const char* kHeader =
    "second,scheduled,handed_over,refused,late,acked,failed,unknown,send_lag_p50_ms,"
    "send_lag_p99_ms,send_lag_max_ms,ack_p50_ms,ack_p99_ms\n";

// A cell of a histogram that holds nothing is empty.
std::string cell(const Histogram& histogram, double quantile) {
  if (histogram.total() + histogram.overflow() == 0) return {};
  const int64_t micros = quantile < 1 ? histogram.quantile(quantile) : histogram.max();
  return fmt::format("{:.3f}", double(micros) / 1000);
}

std::string row_text(int64_t second, const Offered& row) {
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{}\n", second, row.scheduled,
                     row.handed_over, row.refused, row.late, row.acked, row.failed, row.unknown,
                     cell(row.send_lag, 0.5), cell(row.send_lag, 0.99), cell(row.send_lag, 1),
                     cell(row.ack_time, 0.5), cell(row.ack_time, 0.99));
}
}  // namespace

void Offered::add(const Offered& other) {
  scheduled += other.scheduled;
  handed_over += other.handed_over;
  refused += other.refused;
  late += other.late;
  acked += other.acked;
  failed += other.failed;
  unknown += other.unknown;
  send_lag.merge(other.send_lag);
  ack_time.merge(other.ack_time);
}

OfferedLog::OfferedLog(std::unique_ptr<File> file, int feeds)
    : file_(std::move(file)), reached_(size_t(feeds), std::numeric_limits<int64_t>::min()) {}

Result<std::unique_ptr<OfferedLog>> OfferedLog::open(Disk& disk, const std::string& path,
                                                     int feeds) {
  std::unique_ptr<File> file;
  if (!path.empty()) {
    if (disk.exists(path))
      return fail(Code::kAlreadyExists, path + " exists already", "it holds another load's record",
                  "choose another folder with --out");
    file = WEIR_TRY(disk.open(path));
    WEIR_TRY(file->append(kHeader));
  }
  return std::unique_ptr<OfferedLog>(new OfferedLog(std::move(file), feeds));
}

void OfferedLog::close(int feed, int64_t second, const Offered& row) {
  std::lock_guard lock(mutex_);
  pending_[second].add(row);
  totals_.add(row);
  reached_[size_t(feed)] = second;
  write_complete();
}

void OfferedLog::finish(int feed) {
  std::lock_guard lock(mutex_);
  reached_[size_t(feed)] = std::numeric_limits<int64_t>::max();
  write_complete();
}

void OfferedLog::write_complete() {
  const int64_t complete = *std::min_element(reached_.begin(), reached_.end());
  std::string text;
  while (!pending_.empty() && pending_.begin()->first <= complete) {
    text += row_text(pending_.begin()->first, pending_.begin()->second);
    pending_.erase(pending_.begin());
  }
  if (file_ && !text.empty() && status_) status_ = file_->append(text);
}

Offered OfferedLog::totals() const {
  std::lock_guard lock(mutex_);
  return totals_;
}
Status OfferedLog::status() const {
  std::lock_guard lock(mutex_);
  return status_;
}

}  // namespace weir::load
