// What a run found: the structs behind result.json (schema weir.result/1) and step.json.
//
// Figures that were not measured are empty here and null there, with the reason in `why`.
// Rates are events per second, times as their names say. docs/formats/result.md lists the fields.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/event/audit.h"

namespace weir::run {

using Figure = std::optional<double>;
using Reasons = std::map<std::string, std::string>;  // key of an empty figure -> why

// An estimate over repetitions, or of a search; `method` says which.
struct Estimate {
  Figure estimate, low, high;
  double level = 0;  // of confidence, 0 when there is none
  int n = 0;
  std::string method;
  Reasons why;
};

struct Latency {
  Figure p50, p95, p99, p999, max;  // ms, event latency = visible - due
  Figure mean;                      // ms, of the same events; what the stages add up to
  int64_t events = 0, batches = 0;  // behind the percentiles
  int64_t censored = 0;             // not visible when the drain ended
  Reasons why;
};

// Mean time an event spent in each stage, ms; they add up to the mean event latency.
struct Stages {
  Figure late_at_source, into_broker, waiting_for_batch, computing, becoming_visible;
};

struct Cadence {
  int64_t batches = 0;
  Figure trigger_ms, mean_duration_ms, ratio, ratio_low, ratio_high;
};

struct Drift {
  Figure relative, low, high;  // growth of the backlog as a share of the offered rate
};

// The same step by the formulas of the evaluation that weir redoes (stats/naive.h): latency at
// batch start in whole seconds, means of the batches' percentiles, rows by the configured trigger,
// fixed trim.
struct Naive {
  int64_t batches = 0;
  Figure throughput_eps, mean_ms, p50_ms, p95_ms, p99_ms, p95_max_ms;
};

struct Warning {
  std::string code, where, effect, remedy;
};

// What a step that falls behind had no more of, or too little.
struct Limit {
  std::string side;  // partitions | generator | broker | disk | cores | engine | skew | fixed_cost
  Figure share;      // of what there was, or of the trigger: 0.97
  std::string evidence;  // one phrase with the numbers
};

// What else the machine of the run did meanwhile; empty where it was not watched.
struct Surroundings {
  Figure others_cores;  // used by programs outside of the run, on the mean
  Figure stolen_cores;  // wanted, but given to another guest of the same host
};

struct Step {
  std::string label, folder;  // folder relative to the run
  std::string purpose;        // overload | step | bisect | confirm low | confirm high | given |
                              // curve; empty for a cell
  std::string started;        // UTC, ISO 8601
  double warmup_s = 0, measured_s = 0;
  std::string warmup;  // how its end was found
  int looks = 1;
  int32_t partitions = 0, parallelism = 0;
  std::string workload;
  Figure offered_eps, sent_eps, acked_eps, processed_eps;
  std::optional<Latency> latency;  // empty: the step falls behind, see reason
  Stages stages;
  Cadence cadence;
  Drift drift;
  Figure send_lag_p50_ms, send_lag_p99_ms, send_lag_max_ms, backlog_end;
  Figure send_lag_shift;  // largest relative change of a printed percentile without the lag
  int64_t refused = 0, late = 0;
  // Of single figures of this one step: "processed_eps", outside quick mode "p50_ms" to "p999_ms".
  std::map<std::string, Estimate> intervals;
  std::map<std::string, double> cpu_seconds;  // by process, whole step
  Surroundings surroundings;
  std::string verdict;  // keeps_up | stretched | falls_behind | undecided | invalid
  std::string reason, limited_by;
  std::vector<Limit> limits;  // where it falls behind; limited_by is the first of them in words
  AuditReport audit;
  std::optional<Naive> naive;  // where batches are known
  Reasons why;
};

// One rate that a search tried, after all its looks; the probes in their order are the search.
struct Probe {
  std::string purpose;  // of Step, but "given" and "curve"
  double rate_eps = 0;
  std::string verdict, reason;  // as the search took it: of the last look
  Figure processed_eps;
  std::optional<bool> met;  // load.until; empty without it, or when the rate did not keep up
  int looks = 1;
  std::string folder;  // of the last look
};

// What the capacity means for outages: at each rate the headroom, and how long after an outage the
// backlog is gone.
struct DrainTime {
  double outage_s = 0;
  Figure drain_s;  // empty: never
};
struct SizingRow {
  double share = 0, rate_eps = 0;  // of the sustainable rate
  double headroom = 0;             // 1 - rate / capacity
  std::vector<DrainTime> drains;
};
struct Sizing {
  Figure
      capacity_eps;  // processed while load went on: of the overload step, else of the drain test
  std::string method;
  std::vector<SizingRow> rows;
};

struct Load {
  std::vector<Step> steps;
  Estimate sustainable_eps, capacity_eps;
  std::string limited_by;
  std::vector<std::string> until;  // what a rate had to meet besides keeping up
  Figure first_guess_eps;          // where the search began
  std::vector<Probe> probes;
  Sizing sizing;
  std::vector<std::string> not_measured;  // for which the budget had no time left
};

// The fitted law at n tasks.
struct LawPoint {
  double n = 0;
  Figure low, estimate, high;  // events per second; 95%
};

// A law of scaling over the cells (stats/scaling.h): X(n) = lambda n / (1 + sigma (n - 1) +
// kappa n (n - 1)), n the tasks that can work at once.
struct ScaleFit {
  std::string law;  // "amdahl", "usl"; empty: none, see refused
  Estimate lambda_eps, sigma, kappa;
  int64_t runs = 0;
  Figure n_min, n_max;                // of the runs used
  Figure n_limit;                     // nothing is said of more tasks: 1.5 n_max
  Figure peak_n;                      // where throughput is highest; empty: not within n_limit
  std::vector<LawPoint> curve;        // from n_min to n_max
  std::vector<std::string> left_out;  // cells that the law may not rest on, each with the reason
  std::string note;                   // why it is not the universal law, or has no kappa
  std::string refused;                // why there is no law
};

// A whole search in one cell.
struct CellSearch {
  int32_t partitions = 0, parallelism = 0;
  Load load;
};

struct Scale {
  std::vector<Step> cells;
  std::vector<CellSearch> searches;       // of a full run, in the order of measuring
  std::vector<std::string> not_measured;  // labels
  int64_t cores = 0;                      // that the machine has
  std::string limited_by;                 // of the widest cell that falls behind
  std::string cores_note;                 // what so many cores cannot show; empty: nothing
  std::optional<ScaleFit> fit;
};

struct Fault {
  std::string kind, target, label, folder, started;
  int repetition = 0;
  double phase = 0;  // of the trigger, 0..1, when it was injected
  Figure offered_eps;
  Figure silent_from_s, noticed_s, restarted_s, first_output_s, rate_regained_s, drained_s,
      in_band_s, gap_s, gap_minus_trigger_s, peak_backlog;
  // What it cost. Seconds that events waited beyond the usual, added up over events; events due
  // from the injection on that came later than the objective allows; events that were visible more
  // than once, and that were read once more by the engine.
  Figure excess_latency_event_s, late_events, late_than_ms, repeated_events, reread_events;
  // Of event:poison: malformed events that weir wrote, and that the engine counted.
  Figure poisoned, malformed;
  // From first output to drained; and D x rate / (capacity - rate), D = gap_s.
  Figure drain_s, drain_predicted_s;
  double injected_at_s = 0;  // since the step's start
  std::string proof;         // how the hit was proved
  Surroundings surroundings;
  AuditReport audit;
  bool valid = true;
  std::string reason;
  Reasons why;
};

// What "lost in k of n faults" says of one kind.
struct Assurance {
  int faults = 0, with_loss = 0;  // valid faults whose audit is complete; those that lost an event
  Figure chance_below;            // of a loss per fault, at `confidence`; null once one lost
  double confidence = 0.95;
  std::string meaning;
};

struct Faults {
  std::vector<Fault> faults;
  std::map<std::string, std::map<std::string, Estimate>> summary;  // kind -> figure -> estimate
  std::vector<std::string> not_measured;
  std::map<std::string, Assurance> assurance;   // by kind
  std::map<std::string, std::string> timeouts;  // configured ones that a recovery may wait for
  std::string stopped;  // the condition of faults.stop_if that ended them; empty: none
};

struct Objective {
  std::string expr;
  Figure measured;
  std::optional<bool> met;
};

struct Target {
  std::string broker, engine, workload, guarantee;
  bool durable = true;
  std::map<std::string, std::string> versions, settings;
};

// What weir itself can do on this machine, measured alone: a figure near it may be weir's.
struct Ceilings {
  Figure generator_eps;  // into a broker that acknowledges and stores nothing, all generators
  Figure observer_eps;   // results of the workload as fast as the observer can read them
  std::string measured;  // UTC, ISO 8601
  bool cached = false;   // measured before an earlier run
  Reasons why;
};

struct RunResult {
  std::string id, experiment;  // experiment: load | scale | faults | all | demo
  Target target;
  std::string command, started;
  double duration_s = 0;
  std::string plan_sha256;
  bool quick = false, full = false;
  double budget_s = 0;  // of all experiments; 0: full, which has none
  int resumed = 0;      // how often it went on after it had broken off
  double trigger_ms = 0;
  bool valid = true;
  std::optional<int> exit_code;  // empty while running
  std::string exit_reason;
  std::vector<std::string> findings;  // sentences for people
  std::vector<Objective> objectives;
  std::vector<Warning> warnings;
  std::optional<Ceilings> ceilings;
  std::optional<Load> load;
  std::optional<Scale> scale;
  std::optional<Faults> faults;
};

std::string to_json(const RunResult& result);
std::string to_json(const Step& step);
std::string to_json(const Fault& fault);
// kCorrupt when it is not weir.result/1 or a field has the wrong type.
Result<RunResult> result_from_json(std::string_view text);
// step.json: of a step or cell, and of a fault.
Result<Step> step_from_json(std::string_view text);
Result<Fault> fault_from_json(std::string_view text);

}  // namespace weir::run
