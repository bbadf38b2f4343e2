// What is known while a step runs, for people who watch: the terminal's line, the live page. Made
// from what the run has in hand; nothing here is a result.
#pragma once
#include <cstdint>
#include <deque>
#include <fstream>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "weir/base/types.h"
#include "weir/load/schedule.h"
#include "weir/stats/histogram.h"

namespace weir::lab {

struct Progress {
  std::string label;
  double elapsed_s = 0, left_s = 0;  // of the load; left_s < 0: draining
  double offered_eps = 0;            // of the plan; 0 while draining
  // Events whose result became visible, over the last second or two triggers.
  double processed_eps = 0;
  double backlog = 0;  // offered so far, not visible yet
  Nanos at;
  std::string phase;                    // starting | load | draining
  uint64_t offered = 0, processed = 0;  // so far in this step
  Histogram latency;                    // of what became visible since the last call
  std::optional<double> p99_ms;         // of the last whole second with results
  // By offered.csv, as far as its seconds are settled.
  std::optional<double> send_lag_p99_ms, send_lag_max_ms;
  uint64_t late = 0, refused = 0;
  std::string fault, fault_target;  // under way, or over since the last call; else empty
  Nanos fault_at;                   // when it was injected
};

// Makes a step's Progress out of readings some four times a second. Home thread: one.
class ProgressMeter {
 public:
  struct Load {
    std::string label, folder;  // of the step
    load::Schedule schedule;
    Nanos end, trigger;
  };
  explicit ProgressMeter(Load load);
  // `processed`: distinct results so far; `recent`: latency of those since the last call.
  Progress read(Nanos now, bool draining, uint64_t processed, Histogram recent);

 private:
  void read_offered();
  double rate_over_span(Nanos now, uint64_t processed);

  Load load_;
  Nanos span_;
  std::deque<std::pair<Nanos, uint64_t>> seen_;  // readings within the span, and one before it
  Histogram second_;
  Nanos second_end_;
  std::optional<double> p99_ms_, send_lag_p99_ms_, send_lag_max_ms_;
  uint64_t late_ = 0, refused_ = 0;
  // offered.csv of a generator, as far as it was read.
  struct Following {
    std::ifstream file;
    std::string line;  // begun, not ended yet
  };
  void read_rows(Following& offered);
  std::map<std::string, Following> offered_;  // by folder
};

}  // namespace weir::lab
