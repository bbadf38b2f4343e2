#include "weir/lab/fault_cost.h"

#include <algorithm>

#include "weir/lab/offered.h"
#include "weir/stats/sizing.h"

namespace weir::lab {
namespace {

void null_because(run::Fault& fault, const char* key, const std::string& why) {
  fault.why[key] = why;
}

// Waited beyond the mean before the fault, over all events due from the injection until the latency
// was back in the band (or until the load's end), in event-seconds: the area between the two curves
// of events due and events visible, less the usual one.
void excess_latency(const StepData& data, run::Fault& fault) {
  const Nanos width = data.window, injected = *data.fault.injected;
  Histogram before;
  double waited_ms = 0, events = 0;
  const Nanos until = fault.in_band_s ? injected + nanos_from_seconds(*fault.in_band_s) : data.end;
  for (size_t i = 0; i < data.observed.windows.size(); ++i) {
    const Nanos from = data.start + width * int64_t(i);
    const auto& window = data.observed.windows[i];
    if (from >= data.start + data.spec.warmup && from + width <= injected) before.merge(window);
    if (from + width <= injected || from >= until) continue;
    waited_ms += window.mean() / 1e3 * double(window.total());
    events += double(window.total());
  }
  if (before.total() == 0 || events == 0)
    return null_because(fault, "excess_latency_event_s", "no event was seen before or after it");
  fault.excess_latency_event_s = std::max(0.0, (waited_ms - events * before.mean() / 1e3) / 1e3);
}

void late_events(const StepData& data, run::Fault& fault) {
  if (!data.spec.fault->late_ms)
    return null_because(fault, "late_events", "the plan has no objective for latency");
  fault.late_than_ms = data.spec.fault->late_ms;
  int64_t late = int64_t(data.audit.pending);  // never seen
  for (size_t i = 0; i < data.observed.windows.size(); ++i)
    if (data.start + data.window * int64_t(i + 1) > *data.fault.injected)
      late += data.observed.windows[i].count_above(int64_t(*fault.late_than_ms * 1e3)) +
              data.observed.windows[i].overflow();
  fault.late_events = double(late);
}

// A batch that an earlier attempt had planned is written without a plan of its own (offsets_us is
// 0), and was read again unless its output was found whole (then nothing was read).
void repeated_work(const StepData& data, run::Fault& fault) {
  if (data.audit.level == "identity")
    fault.repeated_events = double(data.audit.duplicated);
  else
    null_because(fault, "repeated_events", "the audit does not go by identity");
  if (data.spec.fault->kind == "checkpoint:lose")
    return null_because(fault, "reread_events",
                        "its table of batches was lost with the checkpoint");
  const auto& rows = data.batches;
  double again = 0;
  bool told = false;
  for (size_t row = 0; row < rows.rows(); ++row) {
    const auto attempt = rows.integer(row, "attempt"), offsets = rows.integer(row, "offsets_us"),
               started = rows.integer(row, "started_us"), read = rows.integer(row, "read_done_us");
    if (!attempt || !offsets || !started || !read) continue;
    told = true;
    if (*attempt > data.fault.attempt_before && *offsets == 0 && *read > *started)
      again += rows.number(row, "batch_events").value_or(0);
  }
  if (told)
    fault.reread_events = again;
  else
    null_because(fault, "reread_events", "the engine does not tell what it read again");
}

void poison(const StepData& data, run::Fault& fault) {
  if (data.spec.fault->kind != "event:poison") return;
  fault.poisoned = double(data.fault.poisoned);
  std::optional<double> counted;
  for (size_t row = 0; row < data.batches.rows(); ++row)
    if (const auto here = data.batches.number(row, "malformed"))
      counted = counted.value_or(0) + *here;
  if (!counted && data.audit.malformed > 0) counted = double(data.audit.malformed);
  fault.malformed = counted;
  if (!counted) null_because(fault, "malformed", "the engine does not tell what it could not read");
}

void drain_times(const StepData& data, run::Fault& fault) {
  if (fault.drained_s && fault.first_output_s)
    fault.drain_s = *fault.drained_s - *fault.first_output_s;
  else
    null_because(fault, "drain_s", "it was not drained");
  const auto& capacity = data.spec.fault->capacity_eps;
  if (!capacity || !fault.gap_s)
    return null_because(fault, "drain_predicted_s",
                        capacity ? "the outage was not measured" : "no capacity was measured");
  fault.drain_predicted_s = stats::drain_seconds(*fault.gap_s, data.spec.rate_eps, *capacity);
  if (!fault.drain_predicted_s)
    null_because(fault, "drain_predicted_s", "the rate is not below the capacity: never");
}

}  // namespace

void judge_fault_cost(const StepData& data, run::Fault& fault) {
  excess_latency(data, fault);
  late_events(data, fault);
  repeated_work(data, fault);
  poison(data, fault);
  drain_times(data, fault);
}

double unoffered_events(const StepData& data) {
  if (!data.spec.fault || data.spec.fault->kind != "producer:kill") return 0;
  // What was handed over and died in the generator's queue stands in its ledger as unknown.
  const AuditReport& audit = data.audit;
  const double came = double(audit.processed + audit.lost + audit.pending);
  return std::max(0.0, events_due(data, data.end) - came);
}

}  // namespace weir::lab
