// What a run tells while it goes on: the one model behind the live page and /metrics.
//
// The run's thread tells (short calls under a mutex: a few hundred nanoseconds, never I/O), the
// server's thread looks. Memory is bounded: one point a second for the last hour, the latest judged
// steps and faults. Nothing here reads a clock: instants come with what is told, on the run's one
// clock. Thread safe.
#pragma once
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "weir/base/types.h"
#include "weir/run/results.h"
#include "weir/stats/histogram.h"

namespace weir::live {

// Told once, before anything else.
struct About {
  std::string run, experiment, broker, engine, workload, version;
  Nanos start;           // of the run
  double planned_s = 0;  // of the whole run, at most
};

// The pipeline at one instant of a step. Counts are of this step so far.
struct Reading {
  Nanos at;
  std::string experiment, step;
  std::string phase;  // starting | load | draining
  double left_s = 0;  // of the load
  double offered_eps = 0, processed_eps = 0, backlog = 0;
  uint64_t offered = 0, processed = 0;
  uint64_t late = 0, refused = 0;  // events the generator could not hand over: its limit, theirs
  run::Figure send_lag_p99_ms, send_lag_max_ms;  // of the newest second that it closed
  Histogram latency;  // event latency of what became visible since the reading before
  // The fault that is being inflicted, or was since the reading before; empty while there is none.
  std::string fault, fault_target;
  Nanos fault_at;  // when it was injected; 0: not known, then `at` serves
};

// A step or cell with its verdict.
struct Judged {
  std::string experiment, step, verdict;
  run::Figure offered_eps, processed_eps, p50_ms, p99_ms;
};

// A fault from its injection on; seconds since the run's start.
struct FaultWindow {
  std::string fault, target, step;
  double from_s = 0;
  run::Figure to_s;  // empty: goes on
  // Seconds after the injection, known once the step is judged.
  run::Figure noticed_s, first_output_s, current_s;
};

// One second of the charts. Figures that there is nothing behind are empty.
struct Point {
  uint64_t number = 0;  // counts from 1 over the run
  int64_t step = 0;     // ordinal of the step it belongs to: lines are broken between steps
  double at_s = 0;      // since the run's start
  double offered_eps = 0, processed_eps = 0, backlog = 0;
  run::Figure p50_ms, p99_ms, max_ms;
};

struct Ending {
  int code = 0;
  std::string reason, report;  // report: absolute path; empty when there is none
  std::vector<std::string> findings;
};

// Cumulative counts over the run, for /metrics. bounds in seconds, ascending; counts are not
// cumulative over the buckets, and the last is of what is above every bound.
struct Totals {
  uint64_t offered = 0, processed = 0, late = 0, refused = 0;
  std::vector<uint64_t> latency_counts;
  double latency_sum_s = 0;
  std::map<std::pair<std::string, std::string>, uint64_t> steps;   // experiment, verdict
  std::map<std::pair<std::string, std::string>, uint64_t> faults;  // fault, target: injected
};

// A copy of everything, taken at one moment.
struct View {
  About about;
  uint64_t revision = 0;
  std::optional<Reading> now;  // its histogram is left out
  double now_s = 0;            // of it, since the run's start
  std::vector<Point> points;   // those after the number asked for
  uint64_t newest = 0;         // number of the newest point
  run::Figure last_p99_ms;     // of the newest point of this step that has one
  std::vector<Judged> judged;
  std::vector<FaultWindow> faults;
  Totals totals;
  std::optional<Ending> ending;
};

// Upper bounds of the latency histogram's buckets in /metrics, seconds.
const std::vector<double>& latency_bounds();

class Board {
 public:
  static constexpr size_t kPointsMax = 3600, kJudgedMax = 60, kFaultsMax = 60;

  explicit Board(About about);
  void read(const Reading& reading);
  void judge(const Judged& judged);
  // Completes the newest window of this fault with what its step's judgement found.
  void judge_fault(const run::Fault& fault);
  // Nothing is told after it.
  void end(const Ending& ending);

  // `since`: number of the newest point the caller has; 0 for all. A number from the future counts
  // as 0, so that a page of an earlier run starts again.
  View view(uint64_t since) const;
  View summary() const;  // without points
  // Grows with everything told.
  uint64_t revision() const { return revision_.load(std::memory_order_acquire); }

 private:
  double since_start(Nanos at) const { return (at - view_.about.start).seconds(); }
  void count(const Reading& reading);
  void note_fault(const Reading& reading);
  void close_second(const Reading& reading);
  View copy() const;

  mutable std::mutex mutex_;
  View view_;  // guarded by mutex_, as all below; its points stay empty
  std::deque<Point> points_;
  Histogram second_;  // latency since the last point
  int64_t step_ = 0;
  double next_point_s_ = 0;
  std::atomic<uint64_t> revision_{0};
};

}  // namespace weir::live
