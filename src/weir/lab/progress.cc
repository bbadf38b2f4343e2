#include "weir/lab/progress.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "weir/base/parse_number.h"
#include "weir/lab/offered.h"

namespace weir::lab {
namespace {

// Columns of offered.csv that are read here: docs/formats/run-folder.md.
constexpr size_t kRefused = 3, kLate = 4, kSendLagP99 = 9, kSendLagMax = 10, kColumns = 11;

}  // namespace

// Two triggers, so that a batch more or less within the span does not make the rate jump.
ProgressMeter::ProgressMeter(Load load)
    : load_(std::move(load)),
      span_(std::max(nanos_from_seconds(1), load_.trigger * 2)),
      second_end_(load_.schedule.start() + nanos_from_seconds(1)) {
  seen_.emplace_back(load_.schedule.start(), 0);
}

// Follows the files as the generators write them.
void ProgressMeter::read_offered() {
  auto folders = generator_folders(load_.folder);
  folders.push_back(load_.folder);
  for (const auto& folder : folders) {
    Following& offered = offered_[folder];
    if (!offered.file.is_open()) offered.file.open(folder + "/offered.csv");
    offered.file.clear();
    read_rows(offered);
  }
}

void ProgressMeter::read_rows(Following& offered) {
  for (std::string more; std::getline(offered.file, more);) {
    offered.line += more;
    if (offered.file.eof()) break;  // the rest of the line comes later
    std::array<std::string_view, kColumns> cells;
    std::string_view rest = offered.line;
    for (auto& cell : cells) {
      const size_t end = std::min(rest.find(','), rest.size());
      cell = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    refused_ +=
        parse_number<uint64_t>(cells[kRefused]).value_or(0);  // a header has no number there
    late_ += parse_number<uint64_t>(cells[kLate]).value_or(0);
    if (const auto lag = parse_number<double>(cells[kSendLagP99])) send_lag_p99_ms_ = lag;
    if (const auto lag = parse_number<double>(cells[kSendLagMax])) send_lag_max_ms_ = lag;
    offered.line.clear();
  }
}

double ProgressMeter::rate_over_span(Nanos now, uint64_t processed) {
  seen_.emplace_back(now, processed);
  while (seen_.size() > 2 && seen_[1].first <= now - span_) seen_.pop_front();
  const auto& [since, before] = seen_.front();
  const double seconds = (now - since).seconds();
  return seconds > 0 ? double(processed - std::min(processed, before)) / seconds : 0;
}

Progress ProgressMeter::read(Nanos now, bool draining, uint64_t processed, Histogram recent) {
  read_offered();
  second_.merge(recent);
  if (now >= second_end_) {
    if (second_.total() + second_.overflow() > 0) p99_ms_ = double(second_.quantile(0.99)) / 1000;
    second_.clear();
    second_end_ = now + nanos_from_seconds(1);
  }
  Progress progress;
  progress.label = load_.label;
  progress.at = now;
  progress.phase = draining ? "draining" : "load";
  progress.elapsed_s = std::max(0.0, (std::min(now, load_.end) - load_.schedule.start()).seconds());
  progress.left_s = draining ? -1 : std::max(0.0, (load_.end - now).seconds());
  progress.offered_eps = draining ? 0 : load_.schedule.rate_eps();
  progress.offered = load_.schedule.due_count(std::min(now, load_.end - Nanos(1)));
  progress.processed = processed;
  progress.processed_eps = rate_over_span(now, processed);
  progress.backlog = double(progress.offered) - double(processed);
  progress.latency = std::move(recent);
  progress.p99_ms = p99_ms_;
  progress.send_lag_p99_ms = send_lag_p99_ms_;
  progress.send_lag_max_ms = send_lag_max_ms_;
  progress.late = late_;
  progress.refused = refused_;
  return progress;
}

}  // namespace weir::lab
