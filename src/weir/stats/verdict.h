// Does a pipeline keep up with an offered rate? The verdicts of docs/method.md, "Keeps up". Pure
// functions over what was observed; instants are on the run's one clock.
#pragma once
#include <optional>
#include <span>
#include <string>

#include "weir/base/types.h"
#include "weir/stats/interval.h"

namespace weir::stats {

enum class Verdict { kKeepsUp, kStretched, kFallsBehind, kUndecided, kInvalid };
// "keeps_up", "stretched", "falls_behind", "undecided", "invalid", as in result.json.
const char* to_text(Verdict verdict);
std::optional<Verdict> verdict_from_text(std::string_view text);

// One micro-batch: its trigger instant (planning began) and the instant of its commit.
struct Batch {
  Nanos start, end;
};

// Events due minus events committed, read at `at`, just after a commit.
struct BacklogSample {
  Nanos at;
  double events = 0;
};

// Cadence, with a trigger T: does the mean batch finish within T? `ratio` is the t interval of the
// mean of duration / T over blocks of batches (n = blocks).
struct Cadence {
  Verdict verdict = Verdict::kUndecided;  // never kStretched or kInvalid
  std::string reason;                     // one sentence with numbers
  Estimate ratio;
  int batches = 0, triggers = 0;  // after warm-up
  double longest_ratio = 0;       // the longest batch / T
};
// Batches that start in [from, to), in time order, in 8 blocks of whole batches (6 for 12 to 15
// batches). Keeps up: upper < 1. Falls behind: lower > 1, or fewer than half of the triggers gave a
// batch and one took > 1.5 T. Fewer than 12 batches otherwise: undecided. trigger > 0.
Cadence judge_cadence(std::span<const Batch> batches, Nanos trigger, Nanos from, Nanos to);

// Growth of the backlog as a share of the load, D = (B(end) - B(start)) / (rate x time). `drift` is
// the t interval (7 degrees of freedom) over 8 consecutive block increments: batch means, Law,
// Simulation Modeling and Analysis, 5th ed., 9.5.3. Never a regression of the level on time:
// backlog is an integrated process and that interval would be false.
struct Drift {
  Verdict verdict = Verdict::kUndecided;  // keeps_up, falls_behind or undecided
  std::string reason;
  Estimate drift;
  double backlog_start = 0, backlog_end = 0;  // events
};
// Keeps up: upper D < 2%. Falls behind: lower D > 0 and D > 1%. Samples in [from, to], in time
// order, at least 9, no more than one of them in use per block edge. rate_eps > 0.
Drift judge_drift(std::span<const BacklogSample> samples, double rate_eps, Nanos from, Nanos to);

// What makes a step's numbers unusable, each by evidence in the step itself.
struct Validity {
  double handed_over_share = 1;    // handed over / scheduled
  bool queue_had_room = true;      // the client queue was never full when events were late
  double send_lag_shift = 0;       // largest relative change of a printed percentile when latency
                                   // is counted from hand-over instead of due
  double observer_behind_s = 0;    // largest
  double observer_core_share = 0;  // of one core
};
// The reason why a step is invalid: handed over < 99% while the queue had room; send lag moves a
// printed percentile by > 5%; the observer > 1 s behind or above 90% of a core. Else nothing.
std::optional<std::string> invalid_because(const Validity& validity);

struct StepVerdict {
  Verdict verdict = Verdict::kUndecided;
  std::string reason;
};
// The verdict of a step. Invalid evidence wins. A proven drift of the whole backlog falls behind,
// whatever the cadence. With a trigger the cadence decides the rest; lost cadence while the drift
// keeps up is "stretched". A cadence that holds while the backlog seems to grow by more than is
// harmless, 2% of the load, and by more than one batch in the whole step, is undecided. Without a
// trigger (cadence empty) the drift decides.
StepVerdict judge_step(const std::optional<Cadence>& cadence, const Drift& drift,
                       const Validity& validity = {});

}  // namespace weir::stats
