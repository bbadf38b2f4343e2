// What the report draws over time, read from a step's folder. Anybody may have edited the folder: a
// file that is missing or not understood leaves its curve empty.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/stats/histogram.h"

namespace weir::report {

// Values over time; x in seconds since the step's load began. NaN breaks the curve.
struct Curve {
  std::vector<double> x, y;
  void add(double at, double value) { x.push_back(at), y.push_back(value); }
};

// Event latency of the events due in one window.
struct Window {
  double at_s = 0, length_s = 0;
  Histogram latency;
};

struct StepSeries {
  double trigger_s = 0, warmup_s = 0, end_s = 0;  // end of the load
  Curve sent, processed;                          // events per second, each value until the next x
  Curve backlog;                 // events sent and not yet visible, at every result
  Curve p50_ms, p99_ms, max_ms;  // event latency by due time, each until the next x
  std::vector<Window> windows;   // what these are taken from
};

// From timeline.json, offered.csv, progress.jsonl and latency.hlog.
StepSeries read_step(const std::string& folder);

}  // namespace weir::report
