#include "weir/lab/judge.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "weir/lab/fault_cost.h"
#include "weir/lab/limiting_side.h"
#include "weir/lab/offered.h"
#include "weir/lab/resources.h"
#include "weir/lab/step_latency.h"
#include "weir/stats/fault_phases.h"
#include "weir/stats/naive.h"
#include "weir/stats/send_lag.h"
#include "weir/stats/steady.h"

namespace weir::lab {
namespace {

double seconds_of(Nanos span) { return span.seconds(); }

std::vector<stats::Batch> batches_of(const run::Table& table) {
  std::vector<stats::Batch> batches;
  for (size_t row = 0; row < table.rows(); ++row) {
    const auto planned = table.integer(row, "planned_us"),
               done = table.integer(row, "committed_us");
    if (planned && done && *planned > 0 && *done >= *planned)
      batches.push_back({nanos_from_micros(*planned), nanos_from_micros(*done)});
  }
  return batches;
}

uint64_t sum(const run::Table& table, std::string_view column) {
  double total = 0;
  for (size_t row = 0; row < table.rows(); ++row) total += table.number(row, column).value_or(0);
  return uint64_t(total);
}

// The start of what is measured: after the warm-up of the spec and, where the data say so, later.
struct Window {
  Nanos from, to;
  std::string warmup_reason;
};

Window window_of(const StepData& data, bool quick) {
  Window window{data.start + data.spec.warmup, data.end, "fixed, as in quick mode"};
  if (quick) return window;
  std::vector<double> values;
  std::vector<Nanos> instants;
  for (const auto& seen : data.observed.results) {
    if (seen.at < window.from || seen.at > window.to) continue;
    values.push_back(seen.mean_age_ms);
    instants.push_back(seen.at);
  }
  const auto found = stats::find_warm_up(values, 0);
  window.warmup_reason = found.reason;
  if (found.cut && *found.cut > 0 && *found.cut < instants.size())
    window.from = instants[*found.cut];
  return window;
}

// Rate of distinct results between the first and the last commit in the window. What it works off
// of the backlog that the warm-up left was offered before: a step never counts as processing more
// than it offers.
std::optional<double> processed_rate(const StepData& data, const Window& window) {
  double counted = 0;
  Nanos first, last;
  for (const auto& seen : data.observed.results) {
    if (seen.at < window.from || seen.at > window.to) continue;
    if (first.value == 0)
      first = seen.at;
    else
      counted += double(seen.distinct), last = seen.at;
  }
  if (last <= first) return std::nullopt;
  const double rate = counted / (last - first).seconds();
  const bool capped = data.spec.rate_eps > 0 && data.spec.schedule.arrivals.is_steady();
  return capped ? std::min(rate, data.spec.rate_eps) : rate;
}

// What the evaluation's analysis would have said of the step's batches.
std::optional<run::Naive> naive_of(const StepData& data) {
  std::vector<stats::SeedRow> rows;
  const auto& table = data.batches;
  for (size_t i = 0; i < table.rows(); ++i) {
    const auto cell = [&](const char* column) {
      return table.number(i, column).value_or(stats::SeedRow::kMissing);
    };
    rows.push_back({cell("batch_id"), cell("epoch_sec"), cell("batch_events"),
                    cell("seed_mean_latency_ms"), cell("seed_p50_latency_ms"),
                    cell("seed_p95_latency_ms"), cell("seed_p99_latency_ms")});
  }
  if (rows.empty() || data.spec.trigger.value <= 0) return std::nullopt;
  const auto summary =
      stats::seed_summary(stats::seed_window(rows, data.spec.warmup.seconds(),
                                             (data.spec.length - data.spec.warmup).seconds()),
                          data.spec.trigger.seconds());
  const auto figure = [](double value) {
    return std::isnan(value) ? run::Figure() : run::Figure(value);
  };
  return run::Naive{summary.batches,           figure(summary.throughput_mean),
                    figure(summary.mean_ms),   figure(summary.p50_ms),
                    figure(summary.p95_ms),    figure(summary.p99_ms),
                    figure(summary.p95_max_ms)};
}

struct SendLag {
  double p50 = 0, p99 = 0, max = 0;
  double mean = 0, mean_ack = 0;  // over events; the acknowledgement counts from due, too
  bool any = false;
};

// A mean over rows, each with as many events as its weight.
struct WeightedMean {
  double sum = 0, weight = 0;
  void add(const std::optional<double>& value, double events) {
    if (value && events > 0) sum += *value * events, weight += events;
  }
  double value() const { return weight > 0 ? sum / weight : 0; }
};

// Medians over the measured seconds of the per-second percentiles; the largest of the maxima.
SendLag send_lag_of(const StepData& data, const Window& window) {
  std::vector<double> p50, p99;
  WeightedMean mean, mean_ack;
  SendLag lag;
  const int64_t first = data.offered.rows() > 0 ? data.offered.integer(0, "second").value_or(0) : 0;
  for (size_t row = 0; row < data.offered.rows(); ++row) {
    // A second in which nothing was due has no row.
    const auto at = data.offered.integer(row, "second").value_or(0);
    const double second = double(at - first + std::max<int64_t>(0, first - data.start.second()));
    if (second < seconds_of(window.from - data.start) - 1 ||
        second >= seconds_of(window.to - data.start))
      continue;
    if (auto x = data.offered.number(row, "send_lag_p50_ms")) p50.push_back(*x);
    if (auto x = data.offered.number(row, "send_lag_p99_ms")) p99.push_back(*x);
    // The medians where there are no means, as in files of older versions.
    const auto either = [&](const char* key, const char* otherwise) {
      const auto value = data.offered.number(row, key);
      return value ? value : data.offered.number(row, otherwise);
    };
    mean.add(either("send_lag_mean_ms", "send_lag_p50_ms"),
             data.offered.number(row, "handed_over").value_or(0));
    mean_ack.add(either("ack_mean_ms", "ack_p50_ms"),
                 data.offered.number(row, "handed_over").value_or(0));
    lag.max = std::max(lag.max, data.offered.number(row, "send_lag_max_ms").value_or(0));
  }
  lag.any = !p50.empty();
  lag.p50 = stats::quantile(p50, 0.5).value_or(0);
  lag.p99 = stats::quantile(p99, 0.5).value_or(0);
  lag.mean = mean.value();
  lag.mean_ack = mean_ack.value();
  return lag;
}

// How far counting from hand-over would move the printed percentiles. Where the histograms of the
// lag are not there (files of older versions), by the middle lag.
double send_lag_shift(const StepData& data, const Window& window, const run::Latency& latency,
                      const SendLag& lag) {
  double shift = 0;
  std::vector<double> printed;
  for (const auto& [quantile, figure] : {std::pair(0.5, latency.p50),
                                         {0.95, latency.p95},
                                         {0.99, latency.p99},
                                         {0.999, latency.p999}})
    if (figure && *figure > 0) {
      printed.push_back(quantile);
      shift = std::max(shift, lag.p50 / *figure);
    }
  Histogram late;
  for (const auto& [second, histogram] : data.send_lag)
    if (second >= window.from.second() && second < window.to.second()) late.merge(histogram);
  if (late.total() == 0) return shift;
  const auto joint =
      data.spec.trigger.value > 0 ? stats::LagJoint::kIndependent : stats::LagJoint::kTogether;
  return stats::send_lag_shift(merged_latency(data, window.from, window.to), late, printed, joint);
}

// Where the mean event's time went. Source and acknowledgement are told by the generator, computing
// and becoming visible by the batches; what is left of the mean latency is the wait for the batch.
run::Stages stages_of(const StepData& data, const Window& window, const SendLag& lag,
                      const run::Figure& mean_latency) {
  std::map<int64_t, const Visible*> seen_by_batch;
  for (const auto& seen : data.observed.results) seen_by_batch[seen.batch] = &seen;
  double events = 0, computing = 0, visible = 0;
  for (size_t row = 0; row < data.batches.rows(); ++row) {
    const auto id = data.batches.integer(row, "batch_id");
    const auto planned = data.batches.integer(row, "planned_us");
    const auto acked = data.batches.integer(row, "acked_us");
    const auto found = id ? seen_by_batch.find(*id) : seen_by_batch.end();
    if (found == seen_by_batch.end() || !planned || !acked) continue;
    const Visible& seen = *found->second;
    if (seen.at < window.from || seen.at > window.to || seen.distinct == 0) continue;
    const double n = double(seen.distinct);
    events += n;
    // A result may be read before its writer has heard that it was stored.
    const int64_t computed = std::min(*acked, seen.at.micros());
    computing += n * double(computed - *planned) / 1e3;
    visible += n * double(seen.at.micros() - computed) / 1e3;
  }
  run::Stages stages;
  if (events == 0 || !lag.any || !mean_latency) return stages;
  stages.late_at_source = lag.mean;
  stages.into_broker = lag.mean_ack - lag.mean;
  stages.computing = computing / events;
  stages.becoming_visible = visible / events;
  stages.waiting_for_batch = *mean_latency - lag.mean_ack - computing / events - visible / events;
  return stages;
}

void fill_rates(const StepData& data, const Window& window, run::Step& step) {
  uint64_t sent = 0, acked = 0;
  for (const auto& ledger : data.ledgers)
    sent += ledger.sent(), acked += ledger.count(Outcome::kAcked);
  const double length = std::max(seconds_of(data.end - data.start), 0.001);
  step.offered_eps = data.spec.rate_eps;
  step.sent_eps = double(sent) / length;
  step.acked_eps = double(acked) / length;
  step.processed_eps = processed_rate(data, window);
  if (!step.processed_eps)
    step.why["processed_eps"] = "fewer than two results in the measured time";
  step.refused = int64_t(sum(data.offered, "refused"));
  step.late = int64_t(sum(data.offered, "late"));
}

// What was offered and is not in the backlog's growth was processed.
run::Estimate processed_interval(const run::Step& step, const stats::Estimate& growth) {
  run::Estimate e{.estimate = step.processed_eps,
                  .level = growth.level,
                  .n = int(growth.n),
                  .method = "offered x (1 - growth of the backlog), by blocks"};
  const double offered = step.offered_eps.value_or(0);
  const double low = offered * (1 - growth.high.value_or(NAN));
  const double high = offered * (1 - growth.low.value_or(NAN));
  const double processed = step.processed_eps.value_or(NAN);
  if (low <= processed && processed <= high)
    e.low = std::max(low, 0.0), e.high = std::min(high, offered);
  else
    e.why["low"] = "the backlog tells no interval that holds it";
  return e;
}

void fill_verdict(const StepData& data, const Window& window, const SendLag& lag, run::Step& step,
                  const run::Latency& latency) {
  const auto samples = backlog_of(data);
  auto drift =
      stats::judge_drift(backlog_as_delay(data), data.spec.rate_eps, window.from, window.to);
  if (!data.spec.schedule.arrivals.is_steady())
    for (const auto& sample : samples)
      if (sample.at <= window.to) drift.backlog_end = sample.events;
  std::optional<stats::Cadence> cadence;
  // An engine without known batches is judged by its backlog alone.
  if (data.spec.trigger.value > 0 && data.batches.rows() > 0)
    cadence =
        stats::judge_cadence(batches_of(data.batches), data.spec.trigger, window.from, window.to);
  const uint64_t scheduled = sum(data.offered, "scheduled");
  stats::Validity validity;
  validity.handed_over_share =
      scheduled == 0 ? 0 : double(sum(data.offered, "handed_over")) / double(scheduled);
  validity.queue_had_room = step.refused == 0;
  validity.send_lag_shift = send_lag_shift(data, window, latency, lag);
  if (lag.any) step.send_lag_shift = validity.send_lag_shift;
  validity.observer_behind_s = data.observed.longest_turn_s;
  validity.observer_core_share = data.observed.core_share;
  auto verdict = stats::judge_step(cadence, drift, validity);
  if (!data.trouble.empty()) verdict = {stats::Verdict::kInvalid, data.trouble};
  step.verdict = stats::to_text(verdict.verdict);
  step.reason = verdict.reason;
  step.drift = {drift.drift.estimate, drift.drift.low, drift.drift.high};
  if (step.processed_eps) step.intervals["processed_eps"] = processed_interval(step, drift.drift);
  step.backlog_end = drift.backlog_end;
  if (cadence) {
    step.cadence.batches = cadence->batches;
    step.cadence.trigger_ms = double(data.spec.trigger.value) / 1e6;
    step.cadence.ratio = cadence->ratio.estimate;
    step.cadence.ratio_low = cadence->ratio.low;
    step.cadence.ratio_high = cadence->ratio.high;
    if (cadence->ratio.estimate)
      step.cadence.mean_duration_ms = *cadence->ratio.estimate * *step.cadence.trigger_ms;
  }
  if (verdict.verdict == stats::Verdict::kFallsBehind) {
    step.limits = limits_of(data, step, window.from, window.to);
    step.limited_by = limits_text(step.limits, data, step);
    step.why["latency_ms"] = "the step falls behind: it would only measure how long it lasted";
  } else if (verdict.verdict == stats::Verdict::kInvalid) {
    if (data.trouble.empty()) step.limited_by = "generator";
    step.why["latency_ms"] = "the step is invalid";
  } else {
    step.latency = latency;
  }
}

}  // namespace

std::vector<stats::BacklogSample> backlog_of(const StepData& data) {
  std::vector<stats::BacklogSample> samples;
  double distinct = 0;
  const double unoffered = unoffered_events(data);
  for (const auto& seen : data.observed.results) {
    distinct += double(seen.distinct);
    const bool resumed = unoffered > 0 && data.fault.restarted && seen.at >= *data.fault.restarted;
    samples.push_back({seen.at, events_due(data, seen.at) - distinct - resumed * unoffered});
  }
  return samples;
}

std::vector<stats::BacklogSample> backlog_as_delay(const StepData& data) {
  auto samples = backlog_of(data);
  if (data.spec.schedule.arrivals.is_steady()) return samples;
  const auto schedule = schedule_of(data.spec, data.start);
  for (auto& sample : samples) {
    const double passed = events_due(data, sample.at) - sample.events;
    const Nanos until = std::min(sample.at, data.end);
    const Nanos reached = std::min(until, schedule.due(uint64_t(std::max(0.0, passed))));
    sample.events = data.spec.rate_eps * (until - reached).seconds();
  }
  return samples;
}

run::Step judge_step(const StepData& data, bool quick) {
  const Window window = window_of(data, quick);
  run::Step step;
  step.label = data.spec.label;
  step.folder = "steps/" + std::filesystem::path(data.folder).filename().string();
  step.started = run::utc_text(data.start);
  step.warmup_s = seconds_of(window.from - data.start);
  step.measured_s = seconds_of(window.to - window.from);
  step.partitions = data.spec.partitions;
  step.parallelism = data.spec.parallelism;
  step.workload = data.spec.workload;
  step.cpu_seconds = cpu_seconds_of(data.resources);
  step.surroundings = surroundings_of(data.resources);
  step.audit = data.audit;
  fill_rates(data, window, step);
  const SendLag lag = send_lag_of(data, window);
  if (lag.any)
    step.send_lag_p50_ms = lag.p50, step.send_lag_p99_ms = lag.p99, step.send_lag_max_ms = lag.max;
  const run::Latency latency = latency_of(data, window.from, window.to);
  step.stages = stages_of(data, window, lag, latency.mean);
  step.naive = naive_of(data);
  step.warmup = window.warmup_reason;
  fill_verdict(data, window, lag, step, latency);
  if (step.latency && !quick)
    step.intervals.merge(latency_intervals(data, window.from, window.to, latency));
  return step;
}

run::Fault judge_fault(const StepData& data, int repetition, bool quick) {
  run::Fault fault;
  fault.kind = data.spec.fault->kind;
  fault.target = fault.kind.substr(0, fault.kind.find(':'));
  fault.label = data.spec.label;
  fault.folder = "steps/" + std::filesystem::path(data.folder).filename().string();
  fault.started = run::utc_text(data.start);
  fault.repetition = repetition;
  fault.phase = data.spec.fault->phase;
  fault.offered_eps = data.spec.rate_eps;
  fault.audit = data.audit;
  fault.surroundings = surroundings_of(data.resources);
  fault.proof = data.fault.proof;
  if (!data.fault.injected || !data.fault.death_proved) {
    fault.valid = false;
    fault.reason = !data.fault.problem.empty() ? data.fault.problem
                   : !data.trouble.empty()     ? data.trouble
                                               : "the fault was not proved to have hit";
    return fault;
  }
  fault.injected_at_s = seconds_of(*data.fault.injected - data.start);
  stats::FaultSeries series;
  series.injected = *data.fault.injected;
  series.death_proved = data.fault.death_proved;
  series.noticed = data.fault.noticed;
  series.restarted = data.fault.restarted;
  series.steady_from = data.start + data.spec.warmup;
  series.observed_until = data.end;
  series.trigger = data.spec.trigger;
  series.offered_eps = data.spec.rate_eps;
  series.attempt_before = data.fault.attempt_before;
  series.quick = quick;
  series.few = series.injected - series.steady_from <
               std::max(nanos_from_seconds(1), data.spec.trigger) * stats::kWindowsBefore;
  for (const auto& seen : data.observed.results)
    if (seen.at >= series.steady_from)
      series.results.push_back({seen.at, seen.attempt, seen.newest_due, seen.distinct});
  // Between commits it grows by the mean rate, whatever the load does: so does this one.
  series.backlog = backlog_as_delay(data);
  const Nanos width = data.window;
  for (size_t i = 0; i < data.observed.windows.size(); ++i) {
    const auto& histogram = data.observed.windows[i];
    stats::LatencyWindow window{data.start + width * int64_t(i), {}};
    if (histogram.total() > 0) window.p99_ms = double(histogram.quantile(0.99)) / 1e3;
    if (window.from >= series.steady_from && window.from + width <= data.end)
      series.latency.push_back(window);
  }
  const auto phases = stats::judge_fault(series);
  const auto take = [&](const char* key, const stats::Figure& from, run::Figure& to) {
    to = from.value;
    if (!to) fault.why[key] = from.why;
  };
  take("silent_from_s", phases.silent_from_s, fault.silent_from_s);
  take("noticed_s", phases.noticed_s, fault.noticed_s);
  take("restarted_s", phases.restarted_s, fault.restarted_s);
  take("first_output_s", phases.first_output_s, fault.first_output_s);
  take("rate_regained_s", phases.rate_regained_s, fault.rate_regained_s);
  take("drained_s", phases.drained_s, fault.drained_s);
  take("in_band_s", phases.in_band_s, fault.in_band_s);
  take("gap_s", phases.gap_s, fault.gap_s);
  take("gap_minus_trigger_s", phases.gap_minus_trigger_s, fault.gap_minus_trigger_s);
  take("peak_backlog", phases.peak_backlog, fault.peak_backlog);
  judge_fault_cost(data, fault);
  if (!data.trouble.empty()) fault.valid = false, fault.reason = data.trouble;
  if (!data.fault.problem.empty()) fault.valid = false, fault.reason = data.fault.problem;
  return fault;
}

}  // namespace weir::lab
