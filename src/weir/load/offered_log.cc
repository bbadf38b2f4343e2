#include "weir/load/offered_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "weir/run/table.h"
#include "weir/stats/hlog.h"

namespace weir::load {
namespace {
constexpr const char *kRows = "/offered.csv", *kSendLag = "/send-lag.hlog", *kAck = "/ack.hlog";
constexpr const char* kHeader =
    "second,scheduled,handed_over,refused,late,acked,failed,unknown,send_lag_p50_ms,"
    "send_lag_p99_ms,send_lag_max_ms,ack_p50_ms,ack_p99_ms,send_lag_mean_ms,ack_mean_ms\n";

// A cell of a histogram that holds nothing is empty.
std::string cell(const Histogram& histogram, double quantile) {
  if (histogram.total() + histogram.overflow() == 0) return {};
  const int64_t micros = quantile < 1 ? histogram.quantile(quantile) : histogram.max();
  return fmt::format("{:.3f}", double(micros) / 1000);
}

std::string mean_cell(const Histogram& histogram) {
  return histogram.total() == 0 ? "" : fmt::format("{:.3f}", histogram.mean() / 1000);
}

std::string row_text(int64_t second, const Offered& row) {
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", second, row.scheduled,
                     row.handed_over, row.refused, row.late, row.acked, row.failed, row.unknown,
                     cell(row.send_lag, 0.5), cell(row.send_lag, 0.99), cell(row.send_lag, 1),
                     cell(row.ack_time, 0.5), cell(row.ack_time, 0.99), mean_cell(row.send_lag),
                     mean_cell(row.ack_time));
}
Nanos instant_of(int64_t second) { return Nanos(second * 1'000'000'000); }

// An interval of one second; nothing where nothing was recorded.
std::string histogram_text(int64_t second, const Histogram& histogram) {
  if (histogram.total() + histogram.overflow() == 0) return {};
  return hlog_line({instant_of(second), instant_of(1), histogram});
}

// A killed writer may have left part of a line.
std::string whole_lines(std::string text) {
  text.resize(text.rfind('\n') + 1);
  return text;
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

Result<OfferedSeconds> read_offered(Disk& disk, const std::string& folder) {
  OfferedSeconds seconds;
  const run::Table table = run::Table::parse(whole_lines(WEIR_TRY(disk.read(folder + kRows))));
  for (size_t row = 0; row < table.rows(); ++row) {
    const auto second = table.integer(row, "second");
    if (!second) return fail(Code::kCorrupt, folder + kRows, "a row has no second");
    Offered& one = seconds[*second];
    const auto take = [&](const char* column, uint64_t& into) {
      into += uint64_t(std::max<int64_t>(0, table.integer(row, column).value_or(0)));
    };
    take("scheduled", one.scheduled), take("handed_over", one.handed_over);
    take("refused", one.refused), take("late", one.late), take("acked", one.acked);
    take("failed", one.failed), take("unknown", one.unknown);
  }
  const auto take_histograms = [&](const char* name, Histogram Offered::*field) -> Status {
    if (!disk.exists(folder + name)) return {};
    const Hlog log = WEIR_TRY_IN(folder + name, parse_hlog(WEIR_TRY(disk.read(folder + name))));
    for (const auto& interval : log.intervals)
      if (const auto found = seconds.find(interval.start.second()); found != seconds.end())
        (found->second.*field).merge(interval.histogram);
    return {};
  };
  WEIR_TRY(take_histograms(kSendLag, &Offered::send_lag));
  WEIR_TRY(take_histograms(kAck, &Offered::ack_time));
  return seconds;
}

Status write_offered(Disk& disk, const std::string& folder, const OfferedSeconds& seconds) {
  std::string rows = kHeader, send_lag, ack;
  for (const auto& [second, row] : seconds) {
    if (send_lag.empty()) send_lag = ack = hlog_header(instant_of(second));
    rows += row_text(second, row);
    send_lag += histogram_text(second, row.send_lag);
    ack += histogram_text(second, row.ack_time);
  }
  WEIR_TRY(disk.write_whole(folder + kRows, rows));
  WEIR_TRY(disk.write_whole(folder + kSendLag, send_lag));
  return disk.write_whole(folder + kAck, ack);
}

OfferedLog::OfferedLog(Files files, int feeds)
    : files_(std::move(files)), reached_(size_t(feeds), std::numeric_limits<int64_t>::min()) {}

Result<std::unique_ptr<OfferedLog>> OfferedLog::open(Disk& disk, const std::string& folder,
                                                     int feeds) {
  Files files;
  const auto open_file = [&](const char* name) -> Result<std::unique_ptr<File>> {
    if (disk.exists(folder + name))
      return fail(Code::kAlreadyExists, folder + name + " exists already",
                  "it holds another load's record", "choose another folder with --out");
    return disk.open(folder + name);
  };
  if (!folder.empty()) {
    files.rows = WEIR_TRY(open_file(kRows));
    files.send_lag = WEIR_TRY(open_file(kSendLag));
    files.ack = WEIR_TRY(open_file(kAck));
    WEIR_TRY(files.rows->append(kHeader));
  }
  return std::unique_ptr<OfferedLog>(new OfferedLog(std::move(files), feeds));
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
  std::string rows, send_lag, ack;
  while (!pending_.empty() && pending_.begin()->first <= complete) {
    const auto& [second, row] = *pending_.begin();
    if (files_.rows) {
      if (!std::exchange(begun_, true)) send_lag = ack = hlog_header(instant_of(second));
      rows += row_text(second, row);
      send_lag += histogram_text(second, row.send_lag);
      ack += histogram_text(second, row.ack_time);
    }
    pending_.erase(pending_.begin());
  }
  if (rows.empty()) return;
  // The histograms first: a row that stands has its own.
  if (status_) status_ = files_.send_lag->append(send_lag);
  if (status_) status_ = files_.ack->append(ack);
  if (status_) status_ = files_.rows->append(rows);
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
