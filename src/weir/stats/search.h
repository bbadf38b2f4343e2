// The search for the sustainable rate as a pure state machine: it says which rate to probe next and
// is told what happened; it runs nothing and knows no clock. Not thread safe.
//
//   RateSearch search(options);
//   while (auto probe = search.next()) search.record(*probe, run(*probe));
//   search.result();
//
// Full mode: one overload probe; start at 0.85 x what it processed; steps by 1.12 to 1.25;
// bisection to high / low <= 1.1; then both ends are confirmed by fresh runs (low must keep up,
// high must not), else that end moves 5% and is tried again. Undecided rates stay grey and their
// neighbours are tried. An invalid probe bounds nothing: the search goes below it, and if nothing
// valid failed, high is empty and limited_by is "generator". Quick mode: no overload, no
// confirmation, at most five probes around a first guess; the answer is an indication, without
// interval.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "weir/stats/interval.h"
#include "weir/stats/verdict.h"

namespace weir::stats {

enum class ProbePurpose { kOverload, kStep, kBisect, kConfirmLow, kConfirmHigh };
const char* to_text(
    ProbePurpose purpose);  // "overload", "step", "bisect", "confirm low", "confirm high"

// Of an end of the bracket, by a second step at its rate.
bool confirms(ProbePurpose purpose);

struct Probe {
  double rate_eps = 0;
  ProbePurpose purpose = ProbePurpose::kStep;
};

// What a probe showed, after all its looks.
struct ProbeOutcome {
  Verdict verdict = Verdict::kUndecided;
  double processed_eps = 0;    // processed / measured time
  bool met_objectives = true;  // false: kept up, but missed `--until`; bounds like falling behind
};

struct SearchOptions {
  bool quick = false;
  double first_guess_eps = 0;  // > 0. Full: the rate of the overload probe, which should be well
                               // above the limit (doubled while it still keeps up). Quick: the
                               // capacity expected; the first probe is 0.85 x this.
  int probes_max = 0;          // 0: 5 in quick mode, else 40
  // Between neighbours of grey rates, from which on no rate between them is tried: short probes
  // leave a wide grey zone, in which many of them would be spent for little.
  double narrowest_gap = 1.02;
};

struct SearchResult {
  // estimate: the highest rate that kept up, confirmed in full mode; [low, high] = [0.98 low,
  // 1.02 high] in full mode, empty with `why` in quick mode. n: probes that bound it.
  Estimate sustainable;
  std::optional<double> low_eps,
      high_eps;  // the bracket as probed; high empty: nothing valid failed
  bool low_confirmed = false, high_confirmed = false;
  std::string limited_by;  // "pipeline", "generator" or "" (not known)
  int probes = 0;
};

class RateSearch {
 public:
  explicit RateSearch(SearchOptions options);

  // The next rate to probe, the same until record(); empty when the search is over.
  std::optional<Probe> next() const { return next_; }
  // What next() showed. Must be called once per next().
  void record(const ProbeOutcome& outcome);
  // Where time runs out: the bracket stays as it is and next() confirms its ends. Only once some
  // rate kept up; otherwise false, and nothing changes.
  bool stop_bracketing();
  // What is known so far; final once next() is empty, legal at any time (budget spent, Ctrl-C).
  SearchResult result() const;

 private:
  struct Point {
    Probe probe;
    ProbeOutcome outcome;
    bool kept = false, failed = false, invalid = false;
  };
  void plan();
  void plan_after_overload(const Point& overload);
  void plan_bracket();
  void plan_down();
  void plan_bisection(double top);
  void plan_confirmation();
  void probe(double rate_eps, ProbePurpose purpose);
  void update_bracket();
  void record_confirmation(const Point& point);
  double step_up() const;
  bool is_overload(double rate_eps) const;
  // The lowest rate above low_ where the generator gave out.
  std::optional<double> invalid_above_low() const;

  SearchOptions options_;
  std::optional<Probe> next_;
  std::vector<Point> points_;
  bool bracketing_ = true;
  std::optional<double> low_, high_;  // ends of the bracket; fixed once confirming
  bool low_confirmed_ = false, high_confirmed_ = false;
  int moves_ = 0;  // of the ends, while confirming
};

}  // namespace weir::stats
