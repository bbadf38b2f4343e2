#include "weir/stats/verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "weir/base/check.h"

namespace weir::stats {
namespace {

constexpr int kDriftBlocks = 8, kFewBlocks = 6;
constexpr int kLeastForBlocks = 16, kLeastForFewBlocks = 12;
constexpr double kLongBatch = 1.5;  // triggers
constexpr double kHarmlessDrift = 0.02, kHarmfulDrift = 0.01;
constexpr double kSentShare = 0.99, kLagShift = 0.05, kObserverBehind = 1, kObserverCore = 0.9;

std::string percent(double share) { return fmt::format("{:.1f}%", 100 * share); }

// The blocks' intervals of both rules; empty when the values are too few.
void decide_cadence(Cadence& c, const std::vector<double>& ratios) {
  const int n = c.batches;
  const int blocks = n >= kLeastForBlocks ? kDriftBlocks : n >= kLeastForFewBlocks ? kFewBlocks : 0;
  if (blocks != 0) {
    c.ratio = mean_interval(block_means(ratios, blocks));
    c.ratio.method = fmt::format("t interval over {} blocks of {} batches", blocks, n / blocks);
  } else {
    c.ratio.n = 0;
    c.ratio.why = fmt::format("{} batches are too few for blocks", n);
  }
  const std::string range =
      c.ratio.low ? fmt::format("batches take {:.2f} triggers in the mean ({:.2f} to {:.2f})",
                                *c.ratio.estimate, *c.ratio.low, *c.ratio.high)
                  : "";
  if (c.ratio.high && *c.ratio.high < 1) {
    c.verdict = Verdict::kKeepsUp;
    c.reason = range + ", less than one";
  } else if (c.ratio.low && *c.ratio.low > 1) {
    c.verdict = Verdict::kFallsBehind;
    c.reason = range + ", more than one";
  } else if (2 * n < c.triggers && c.longest_ratio > kLongBatch) {
    c.verdict = Verdict::kFallsBehind;
    c.reason = fmt::format("only {} of {} triggers gave a batch and one took {:.1f} triggers", n,
                           c.triggers, c.longest_ratio);
  } else if (c.ratio.low) {
    c.reason = range + ", which does not exclude one";
  } else {
    c.reason = fmt::format("{} batches after warm-up, {} are needed", n, kLeastForFewBlocks);
  }
}

// The last sample at or before `edge`, or the first of all.
size_t sample_at(std::span<const BacklogSample> samples, double edge) {
  const auto after =
      std::upper_bound(samples.begin(), samples.end(), edge,
                       [](double e, const BacklogSample& s) { return e < double(s.at.value); });
  return after == samples.begin() ? 0 : size_t(after - samples.begin()) - 1;
}

// B at the edges of 8 blocks of equal time, each a different sample; empty when there are too few.
std::vector<BacklogSample> block_edges(std::span<const BacklogSample> samples) {
  if (samples.size() < kDriftBlocks + 1) return {};
  const double start = double(samples.front().at.value);
  const double step = (double(samples.back().at.value) - start) / kDriftBlocks;
  if (step <= 0) return {};
  std::vector<BacklogSample> edges = {samples.front()};
  size_t used = 0;
  for (int i = 1; i < kDriftBlocks; ++i) {
    const size_t left_for_later = samples.size() - 1 - size_t(kDriftBlocks - i);
    used = std::clamp(sample_at(samples, start + step * i), used + 1, left_for_later);
    edges.push_back(samples[used]);
  }
  edges.push_back(samples.back());
  return edges;
}

}  // namespace

const char* to_text(Verdict verdict) {
  switch (verdict) {
    case Verdict::kKeepsUp:
      return "keeps_up";
    case Verdict::kStretched:
      return "stretched";
    case Verdict::kFallsBehind:
      return "falls_behind";
    case Verdict::kUndecided:
      return "undecided";
    case Verdict::kInvalid:
      return "invalid";
  }
  return "";
}

std::optional<Verdict> verdict_from_text(std::string_view text) {
  for (const Verdict v : {Verdict::kKeepsUp, Verdict::kStretched, Verdict::kFallsBehind,
                          Verdict::kUndecided, Verdict::kInvalid})
    if (text == to_text(v)) return v;
  return std::nullopt;
}

Cadence judge_cadence(std::span<const Batch> batches, Nanos trigger, Nanos from, Nanos to) {
  WEIR_CHECK_LT(Nanos(0), trigger);
  Cadence c;
  std::vector<double> ratios;
  for (const Batch& batch : batches) {
    if (batch.start < from || batch.start >= to) continue;
    ratios.push_back(double((batch.end - batch.start).value) / double(trigger.value));
    c.longest_ratio = std::max(c.longest_ratio, ratios.back());
  }
  c.batches = int(ratios.size());
  c.triggers = to < from ? 0 : int((to - from).value / trigger.value);
  decide_cadence(c, ratios);
  return c;
}

Drift judge_drift(std::span<const BacklogSample> samples, double rate_eps, Nanos from, Nanos to) {
  WEIR_CHECK_LT(0.0, rate_eps);
  Drift d;
  d.drift.method = fmt::format("t interval over {} block increments", kDriftBlocks);
  std::vector<BacklogSample> inside;
  for (const BacklogSample& s : samples)
    if (s.at >= from && s.at <= to) inside.push_back(s);
  if (!inside.empty()) {
    d.backlog_start = inside.front().events;
    d.backlog_end = inside.back().events;
  }
  const auto edges = block_edges(inside);
  if (edges.empty()) {
    d.reason = d.drift.why = fmt::format("{} readings of the backlog do not fill {} blocks",
                                         inside.size(), kDriftBlocks);
    return d;
  }
  // Each increment against the mean block, so that their mean is D exactly although blocks end at
  // commits and are not quite equal.
  const double block_s = (edges.back().at - edges.front().at).seconds() / kDriftBlocks;
  std::vector<double> increments;
  for (int i = 0; i < kDriftBlocks; ++i)
    increments.push_back((edges[i + 1].events - edges[i].events) / (rate_eps * block_s));
  const std::string method = d.drift.method;
  d.drift = mean_interval(increments);
  d.drift.method = method;
  const double drift = *d.drift.estimate;
  const std::string range =
      fmt::format("the backlog grows by {} of the load ({} to {})", percent(drift),
                  percent(*d.drift.low), percent(*d.drift.high));
  if (*d.drift.high < kHarmlessDrift) {
    d.verdict = Verdict::kKeepsUp;
    d.reason = range + ", less than 2%";
  } else if (*d.drift.low > 0 && drift > kHarmfulDrift) {
    d.verdict = Verdict::kFallsBehind;
    d.reason = range;
  } else {
    d.reason = range + ", which neither proves nor excludes growth";
  }
  return d;
}

std::optional<std::string> invalid_because(const Validity& v) {
  if (v.handed_over_share < kSentShare && v.queue_had_room)
    return fmt::format(
        "only {} of the load was handed over while the client queue had room: the "
        "generator was the limit",
        percent(v.handed_over_share));
  if (v.send_lag_shift > kLagShift)
    return fmt::format("the generator's send lag moves a percentile by {}",
                       percent(v.send_lag_shift));
  if (v.observer_behind_s > kObserverBehind)
    return fmt::format("the observer was {:.1f} s behind", v.observer_behind_s);
  if (v.observer_core_share > kObserverCore)
    return fmt::format("the observer used {} of a core", percent(v.observer_core_share));
  return std::nullopt;
}

StepVerdict judge_step(const std::optional<Cadence>& cadence, const Drift& drift,
                       const Validity& validity) {
  if (auto why = invalid_because(validity)) return {Verdict::kInvalid, *why};
  if (drift.verdict == Verdict::kFallsBehind || !cadence) return {drift.verdict, drift.reason};
  if (cadence->verdict == Verdict::kFallsBehind && drift.verdict == Verdict::kKeepsUp)
    return {Verdict::kStretched, cadence->reason + "; yet " + drift.reason};
  // Cadence says nothing of what the engine was not given: a backlog before the log shows here
  // only.
  const double one_batch = cadence->triggers > 0 ? 1.0 / cadence->triggers : 0;
  if (cadence->verdict == Verdict::kKeepsUp && drift.verdict == Verdict::kUndecided &&
      drift.drift.estimate.value_or(0) > std::max(kHarmlessDrift, one_batch))
    return {Verdict::kUndecided, cadence->reason + "; yet " + drift.reason};
  return {cadence->verdict, cadence->reason};
}

}  // namespace weir::stats
