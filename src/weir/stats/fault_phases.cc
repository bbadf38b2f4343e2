#include "weir/stats/fault_phases.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>

#include "weir/stats/exceedances.h"
#include "weir/stats/interval.h"

namespace weir::stats {
namespace {

constexpr double kOverdueGaps = 3;
constexpr size_t kBefore = kWindowsBefore, kAfter = kWindowsAfter, kFewest = 5;
// So often an undisturbed pipeline may be taken for one that is not back yet.
constexpr double kWronglyOut = 0.05;
// Below so many windows the band reaches to their largest, else to the second largest.
constexpr size_t kSecondLargestFrom = 30;
constexpr size_t kFewestGaps = 5;

Figure null_because(std::string why) { return {std::nullopt, std::move(why)}; }

Figure since(const FaultSeries& s, std::optional<Nanos> instant, const char* why) {
  if (!instant) return null_because(why);
  return {(*instant - s.injected).seconds(), {}};
}

Figure silent_from(const FaultSeries& s) {
  std::vector<double> gaps;
  Nanos last;
  for (const SeenResult& r : s.results) {
    if (r.visible > s.injected) break;
    if (last.value != 0) gaps.push_back((r.visible - last).seconds());
    last = r.visible;
  }
  if (gaps.size() < kFewestGaps)
    return null_because(fmt::format("only {} gaps between results before the fault", gaps.size()));
  const double usual = *quantile(gaps, 0.5);
  const double limit = std::max(kOverdueGaps * *quantile(gaps, 0.99), s.trigger.seconds());
  const auto overdue = [&](Nanos next) { return (next - last).seconds() > usual + limit; };
  bool silent = false;
  for (const SeenResult& r : s.results) {
    if (r.visible <= s.injected) continue;
    if ((silent = overdue(r.visible))) break;
    last = r.visible;
  }
  if (!silent && !overdue(s.observed_until))
    return null_because(fmt::format("no result was overdue by more than {:.3f} s", limit));
  return {std::max(0.0, (last - s.injected).seconds() + usual), {}};
}

const SeenResult* first_output(const FaultSeries& s) {
  if (!s.death_proved) return nullptr;
  for (const SeenResult& r : s.results)
    if (r.visible > *s.death_proved && (r.attempt > s.attempt_before || r.newest_due > s.injected))
      return &r;
  return nullptr;
}

// Windows before the fault, in the order of time, and those from injection on; empty = out of band.
struct Windows {
  struct One {
    Nanos from;
    std::optional<double> value;
    Nanos reached;  // the instant to report when this window is the answer
  };
  std::vector<double> before;
  std::vector<One> after;
};

// The first of the commits that lie in the band without a break up to the one at `reached`, which
// the window before may hold still.
Nanos entered(const std::vector<BacklogSample>& commits, Nanos reached, double band) {
  const auto at = std::find_if(commits.begin(), commits.end(),
                               [reached](const BacklogSample& each) { return each.at >= reached; });
  Nanos first = reached;
  for (auto each = std::make_reverse_iterator(at); each != commits.rend() && each->events <= band;
       ++each)
    first = each->at;
  return first;
}

// The first window from `start` on that is in the band and from which no more of the next ones
// leave it than where nothing has changed: 3 of 30 after 60 windows before, more after fewer.
// Windows of commits tell the commit, those of latency (no commits) their start.
Figure back_in_band(const FaultSeries& s, const Windows& w, Nanos start,
                    const std::vector<BacklogSample>& commits) {
  const size_t need_before = s.quick || s.few ? kFewest : kBefore;
  const size_t need_after = s.quick || s.few ? kFewest : kAfter;
  if (w.before.size() < need_before)
    return null_because(
        fmt::format("{} windows before the fault, {} are needed", w.before.size(), need_before));
  std::vector<double> last(w.before.end() - long(std::min(w.before.size(), kBefore)),
                           w.before.end());
  const int rank = last.size() < kSecondLargestFrom ? 1 : 2;
  std::nth_element(last.begin(), last.end() - rank, last.end());
  const double band = *(last.end() - rank);
  const auto leaves = [band](const Windows::One& one) { return !one.value || *one.value > band; };
  for (size_t i = 0; i < w.after.size(); ++i) {
    if (w.after[i].from + s.window_length() <= start || leaves(w.after[i])) continue;
    const size_t left = w.after.size() - i - 1;
    if (left < need_after) break;
    // What was due last in a long batch waits for it as short as for a usual one, and then comes
    // the next long batch: latency must stay in the band for two windows.
    if (commits.empty() && leaves(w.after[i + 1])) continue;
    const size_t next = std::min(left, kAfter);
    const auto from = w.after.begin() + long(i) + 1;
    const int may_leave = exceedances_within(int(last.size()), rank, int(next), kWronglyOut);
    if (std::count_if(from, from + long(next), leaves) > may_leave) continue;
    const Nanos reached = entered(commits, w.after[i].reached, band);
    return {(std::max(reached, start) - s.injected).seconds(), {}};
  }
  return null_because(fmt::format("not back in the band by the end, {:.1f} s after the fault",
                                  (s.observed_until - s.injected).seconds()));
}

// Largest after-commit backlog per window; a window without a commit takes the next commit's.
Windows backlog_windows(const FaultSeries& s) {
  const int64_t length = s.window_length().value;
  const int64_t first = -((s.injected - s.steady_from).value / length);
  const int64_t count = (s.observed_until - s.injected).value / length;
  Windows w;
  size_t at = 0;
  for (int64_t k = first; k < count; ++k) {
    const Nanos from = s.injected + Nanos(k * length), to = from + Nanos(length);
    while (at < s.backlog.size() && s.backlog[at].at < from) ++at;
    std::optional<double> worst;
    size_t i = at;
    for (; i < s.backlog.size() && s.backlog[i].at < to; ++i)
      worst = std::max(worst.value_or(s.backlog[i].events), s.backlog[i].events);
    // As likely before the fault as after it, or the two would not compare.
    const bool is_next = at < s.backlog.size() && (k >= 0 || s.backlog[at].at < s.injected);
    if (!worst && is_next) worst = s.backlog[at].events;
    if (k < 0) {
      if (worst) w.before.push_back(*worst);
      continue;
    }
    w.after.push_back({from, worst, at < s.backlog.size() ? s.backlog[at].at : to});
  }
  return w;
}

// What was due before the fault and not visible yet belongs to neither side: the fault met it.
Windows latency_windows(const FaultSeries& s) {
  Windows w;
  Nanos seen_before;  // due time of the newest event that was visible then
  for (const SeenResult& r : s.results)
    if (r.visible <= s.injected) seen_before = std::max(seen_before, r.newest_due);
  for (const LatencyWindow& window : s.latency) {
    const Nanos to = window.from + s.window_length();
    if (to <= std::min(s.injected, seen_before)) {
      if (window.from >= s.steady_from && window.p99_ms) w.before.push_back(*window.p99_ms);
    } else if (to > s.injected) {
      w.after.push_back({window.from, window.p99_ms, window.from});
    }
  }
  return w;
}

// The last result before `drained` at which the backlog of distinct results peaked.
Figure rate_regained(const FaultSeries& s, const SeenResult* first, const Figure& drained) {
  if (!first) return null_because("no output after the fault");
  if (!drained.value) return null_because("not drained: " + drained.why);
  double surplus = 0, least = 0;  // distinct results - offered, since first output
  Nanos regained = first->visible;
  for (const SeenResult& r : s.results) {
    if (r.visible <= first->visible || (r.visible - s.injected).seconds() > *drained.value)
      continue;
    surplus += double(r.distinct);
    const double now = surplus - s.offered_eps * (r.visible - first->visible).seconds();
    if (now < least) {
      least = now;
      regained = r.visible;
    }
  }
  return {(regained - s.injected).seconds(), {}};
}

Figure longest_gap(const FaultSeries& s, const Figure& drained) {
  if (s.results.size() < 2) return null_because("fewer than two results");
  const double until = drained.value.value_or((s.observed_until - s.injected).seconds());
  double longest = -1;
  for (size_t i = 1; i < s.results.size(); ++i) {
    const Nanos from = s.results[i - 1].visible, to = s.results[i].visible;
    if (to >= s.injected && (from - s.injected).seconds() <= until)
      longest = std::max(longest, (to - from).seconds());
  }
  if (longest < 0) return null_because("no result after the fault");
  return {longest, {}};
}

Figure peak_backlog(const FaultSeries& s) {
  std::optional<double> peak;
  for (size_t i = 0; i < s.backlog.size(); ++i) {
    if (s.backlog[i].at < s.injected) continue;
    double before = s.backlog[i].events;
    if (i > 0)
      before =
          std::max(before, s.backlog[i - 1].events +
                               s.offered_eps * (s.backlog[i].at - s.backlog[i - 1].at).seconds());
    peak = std::max(peak.value_or(before), before);
  }
  if (!peak) return null_because("no commit after the fault");
  return {peak, {}};
}

}  // namespace

Nanos FaultSeries::window_length() const {
  const Nanos second = nanos_from_seconds(1);
  if (quick) return trigger.value > 0 ? trigger : second;
  return std::max(second, trigger);
}

FaultPhases judge_fault(const FaultSeries& s) {
  FaultPhases p;
  p.silent_from_s = silent_from(s);
  p.noticed_s = since(s, s.noticed, "nobody noticed the fault");
  p.restarted_s = since(s, s.restarted, "nothing was restarted");
  const SeenResult* first = first_output(s);
  if (first)
    p.first_output_s = {(first->visible - s.injected).seconds(), {}};
  else
    p.first_output_s = null_because(s.death_proved ? "no output after the fault"
                                                   : "the fault had no proven effect");
  if (first) {
    p.drained_s = back_in_band(s, backlog_windows(s), first->visible, s.backlog);
    p.in_band_s = back_in_band(s, latency_windows(s), first->visible, {});
  } else {
    p.drained_s = p.in_band_s = p.first_output_s;
  }
  p.rate_regained_s = rate_regained(s, first, p.drained_s);
  p.gap_s = longest_gap(s, p.drained_s);
  p.gap_minus_trigger_s = p.gap_s;
  if (p.gap_s.value) p.gap_minus_trigger_s.value = *p.gap_s.value - s.trigger.seconds();
  p.peak_backlog = peak_backlog(s);
  return p;
}

}  // namespace weir::stats
