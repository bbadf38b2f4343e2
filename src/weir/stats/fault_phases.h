// What a fault cost, phase by phase, from what was observed outside the pipeline: docs/method.md,
// "Faults". Pure functions; instants are on the run's one clock, phases in seconds from injection.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/types.h"
#include "weir/stats/verdict.h"

namespace weir::stats {

// A number, or null with the reason.
struct Figure {
  std::optional<double> value;
  std::string why;
};

// One accepted result (or all results of one poll): when it could first be read.
struct SeenResult {
  Nanos visible;
  int64_t attempt = 0;   // of the engine that wrote it; 0 when the target has none
  Nanos newest_due;      // due time of the newest event it covers
  int64_t distinct = 0;  // events it made visible for the first time
};

// 99th percentile latency of the events that were due in one window.
struct LatencyWindow {
  Nanos from;                    // window start, due time
  std::optional<double> p99_ms;  // empty: no event of that window became visible
};

inline constexpr int kWindowsBefore = 60, kWindowsAfter = 30;  // that a fault is judged by

struct FaultSeries {
  Nanos injected;
  std::optional<Nanos> death_proved;  // gone, stopped or cut off: proof of effect
  std::optional<Nanos> noticed;       // by the supervisor or the cluster
  std::optional<Nanos> restarted;
  Nanos steady_from, observed_until;  // the undisturbed time before, and the end of observation
  Nanos trigger;                      // 0: none
  double offered_eps = 0;
  int64_t attempt_before = 0;       // the engine's attempt when the fault was injected
  bool quick = false;               // windows of one trigger, as many as there are
  bool few = false;                 // also as many as there are, of the usual length
  std::vector<SeenResult> results;  // all of these in time order, from steady_from on
  std::vector<BacklogSample> backlog;
  std::vector<LatencyWindow> latency;  // windows of window_length()

  // max(1 s, trigger), in quick mode one trigger (1 s without one).
  Nanos window_length() const;
};

struct FaultPhases {
  // When the first result was expected that stayed away for max(3 x the 99th percentile of the gaps
  // before the fault, trigger); expected = previous result + median gap before the fault.
  Figure silent_from_s;
  Figure noticed_s, restarted_s;
  // First result visible after the effect was proved that carries a newer attempt or covers an
  // event due after injection.
  Figure first_output_s;
  // The result from which, until drained, distinct results >= offered; that is, from which the
  // backlog never again exceeds what it was then.
  Figure rate_regained_s;
  // When, not before first output, the commits came into the band: the first of those that lie in
  // it without a break up to the first window that is in the band and from which at
  // most 3 of the next 30 windows leave it. In the band: largest after-commit backlog of
  // the window <= the second largest of the last 60 windows before the fault. A window without a
  // commit counts as the commit that ended it. Quick and few: as many windows as there are, at
  // least 5 before and 5 after; below 30 the band reaches to the largest, and as many may leave it
  // as do in 95 of 100 pipelines that nothing has happened to (exceedances.h), which after 60
  // windows is 3 of 30.
  Figure drained_s;
  // The same rule on the p99 latency of the events due in a window, which must be in the band for
  // the next window too; its start, or first output if that is later. Windows whose events were not
  // all visible when the fault came count on neither side.
  Figure in_band_s;
  Figure gap_s;                // longest time without a result that touches the fault
  Figure gap_minus_trigger_s;  // gap_s - trigger
  Figure peak_backlog;         // just before a commit: the sample before it + offered x time since
};

FaultPhases judge_fault(const FaultSeries& series);

}  // namespace weir::stats
