#include "weir/live/board.h"

#include <algorithm>
#include <cmath>

namespace weir::live {
namespace {

run::Figure millis(const Histogram& histogram, double quantile) {
  if (histogram.total() + histogram.overflow() == 0) return {};
  return double(quantile < 1 ? histogram.quantile(quantile) : histogram.max()) / 1000;
}

// What a counter of this step grew by; a smaller value is a new step's.
uint64_t growth(uint64_t before, uint64_t now) { return now >= before ? now - before : now; }

}  // namespace

// 1, 2, 5 per decade from a millisecond to 100 s: the span of micro-batch pipelines.
const std::vector<double>& latency_bounds() {
  static const std::vector<double> bounds = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2,
                                             0.5,   1,     2,     5,    10,   20,   50,  100};
  return bounds;
}

Board::Board(About about) {
  view_.about = std::move(about);
  view_.totals.latency_counts.resize(latency_bounds().size() + 1);
}

void Board::count(const Reading& reading) {
  const bool same = view_.now && view_.now->step == reading.step &&
                    view_.now->experiment == reading.experiment &&
                    view_.now->offered <= reading.offered;
  if (!same) {
    ++step_;
    view_.last_p99_ms.reset();
    second_.clear();
    next_point_s_ = since_start(reading.at);
  }
  const Reading none;
  const Reading& before = same ? *view_.now : none;
  Totals& totals = view_.totals;
  totals.offered += growth(before.offered, reading.offered);
  totals.processed += growth(before.processed, reading.processed);
  totals.late += growth(before.late, reading.late);
  totals.refused += growth(before.refused, reading.refused);
  const auto& bounds = latency_bounds();
  // A value counts as its histogram bucket's upper end: never quicker than it was, and at most
  // 0.1% slower.
  reading.latency.for_each([&](int64_t, int64_t high, int64_t events) {
    const auto bound = std::lower_bound(bounds.begin(), bounds.end(), double(high) / 1e6);
    totals.latency_counts[size_t(bound - bounds.begin())] += uint64_t(events);
  });
  totals.latency_counts.back() += uint64_t(reading.latency.overflow());
  totals.latency_sum_s += reading.latency.mean() / 1e6 * double(reading.latency.total());
  second_.merge(reading.latency);
}

void Board::note_fault(const Reading& reading) {
  const bool open = !view_.faults.empty() && !view_.faults.back().to_s;
  const bool same = open && view_.faults.back().fault == reading.fault &&
                    view_.faults.back().step == reading.step;
  if (same) return;
  if (open) view_.faults.back().to_s = since_start(reading.at);
  if (reading.fault.empty()) return;
  const Nanos from = reading.fault_at.value > 0 ? reading.fault_at : reading.at;
  view_.faults.push_back(
      {reading.fault, reading.fault_target, reading.step, since_start(from), {}, {}, {}, {}});
  ++view_.totals.faults[{reading.fault, reading.fault_target}];
  if (view_.faults.size() > kFaultsMax) view_.faults.erase(view_.faults.begin());
}

void Board::close_second(const Reading& reading) {
  const double at = since_start(reading.at);
  if (at < next_point_s_) return;
  next_point_s_ = std::floor(at) + 1;
  Point point{view_.newest + 1,
              step_,
              at,
              reading.offered_eps,
              reading.processed_eps,
              reading.backlog,
              millis(second_, 0.5),
              millis(second_, 0.99),
              millis(second_, 1)};
  second_.clear();
  view_.newest = point.number;
  if (point.p99_ms) view_.last_p99_ms = point.p99_ms;
  points_.push_back(point);
  if (points_.size() > kPointsMax) points_.pop_front();
}

void Board::read(const Reading& reading) {
  std::lock_guard lock(mutex_);
  count(reading);
  note_fault(reading);
  if (reading.phase != "starting") close_second(reading);
  view_.now = reading;
  view_.now->latency.clear();
  view_.now_s = since_start(reading.at);
  revision_.fetch_add(1, std::memory_order_release);
}

void Board::judge(const Judged& judged) {
  std::lock_guard lock(mutex_);
  view_.judged.push_back(judged);
  if (view_.judged.size() > kJudgedMax) view_.judged.erase(view_.judged.begin());
  ++view_.totals.steps[{judged.experiment, judged.verdict}];
  revision_.fetch_add(1, std::memory_order_release);
}

void Board::judge_fault(const run::Fault& fault) {
  std::lock_guard lock(mutex_);
  const auto window =
      std::find_if(view_.faults.rbegin(), view_.faults.rend(),
                   [&](const FaultWindow& seen) { return seen.step == fault.label; });
  if (window != view_.faults.rend()) {
    window->noticed_s = fault.noticed_s;
    window->first_output_s = fault.first_output_s;
    window->current_s = fault.in_band_s;
    if (!window->to_s) window->to_s = view_.now_s;
  }
  revision_.fetch_add(1, std::memory_order_release);
}

void Board::end(const Ending& ending) {
  std::lock_guard lock(mutex_);
  if (!view_.faults.empty() && !view_.faults.back().to_s) view_.faults.back().to_s = view_.now_s;
  view_.ending = ending;
  revision_.fetch_add(1, std::memory_order_release);
}

// The mutex is held by the caller.
View Board::copy() const {
  View copy = view_;
  copy.revision = revision_.load(std::memory_order_relaxed);
  return copy;
}

View Board::summary() const {
  std::lock_guard lock(mutex_);
  return copy();
}

View Board::view(uint64_t since) const {
  std::lock_guard lock(mutex_);
  View with_points = copy();
  if (since > view_.newest) since = 0;
  for (const auto& point : points_)
    if (point.number > since) with_points.points.push_back(point);
  return with_points;
}

}  // namespace weir::live
