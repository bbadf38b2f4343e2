#include "weir/lab/experiments.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "weir/lab/fault_plan.h"
#include "weir/stats/interval.h"
#include "weir/stats/search.h"
#include "weir/stats/steady.h"

namespace weir::lab {
namespace {

// What a step costs beside its load: starting, draining, stopping.
constexpr Nanos kQuickOverhead = nanos_from_millis(1500), kOverhead = nanos_from_seconds(5);
// The same where a query has to be planned by somebody else, and a drain waits for its next batch.
constexpr Nanos kForeignOverhead = nanos_from_seconds(6);
constexpr double kOverload = 1.25;  // of the rate believed to be the limit

bool contains(const std::vector<std::string>& words, const char* word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

Status interrupted() { return fail(Code::kInterrupted, "interrupted"); }

}  // namespace

run::Estimate estimate_of(const stats::Estimate& from, const char* key) {
  run::Estimate to{from.estimate, from.low, from.high, from.level, int(from.n), from.method, {}};
  if (!from.why.empty()) to.why[key] = from.why;
  return to;
}

std::string rate_text(double rate) {
  if (rate >= 999'500) return fmt::format("{:.2f}M", rate / 1e6);
  if (rate >= 99'950) return fmt::format("{:.0f}k", rate / 1e3);
  if (rate >= 1000) return fmt::format("{:.1f}k", rate / 1e3);
  return fmt::format("{:.0f}", rate);
}

StepLength load_step_length(const Plan& plan, bool quick) {
  if (quick) {
    const int64_t least = plan.trigger.value * 24 * 5 / 4;
    const int64_t step = std::max<int64_t>(6'000'000'000, least);
    // A whole number of due-time windows, which are one trigger wide here.
    const int64_t window = std::max<int64_t>(plan.trigger.value, 1'000'000);
    return {Nanos((step / 5 + window - 1) / window * window), Nanos(step)};
  }
  const Nanos warmup =
      plan.warmup.value > 0 ? plan.warmup : stats::least_warm_up(plan.trigger, false);
  return {warmup, warmup + std::max(plan.step, plan.trigger * 20)};
}

Budget share_budget(const Plan& plan, bool quick) {
  const bool load = contains(plan.experiments, "load"), scale = contains(plan.experiments, "scale"),
             faults = contains(plan.experiments, "faults");
  Budget budget;
  if (quick) {
    const double longer = load_step_length(plan, true).length.seconds() / 6.0;
    const bool own = plan.is_embedded();  // others are slower to start and to come back
    if (load) budget.load = nanos_from_seconds((own ? 40 : 44) * longer);
    if (scale) budget.scale = nanos_from_seconds(15 * longer);
    const double all =
        double(std::max<size_t>(2, plan.fault_kinds.size())) * planned_repetitions(plan, true);
    if (faults) budget.faults = nanos_from_seconds((own ? 14 : 17) * longer * all);
    return budget;
  }
  const double shares = 0.5 * load + 0.2 * scale + 0.3 * faults;
  const double seconds = plan.budget.seconds() / std::max(shares, 0.01);
  budget.load = nanos_from_seconds(0.5 * load * seconds);
  budget.scale = nanos_from_seconds(0.2 * scale * seconds);
  budget.faults = nanos_from_seconds(0.3 * faults * seconds);
  // As many repetitions as an assurance needs take the time they take.
  if (faults && !plan.assure.empty()) {
    const Nanos one = fault_step_length(plan, false) + kOverhead;
    budget.faults =
        std::max(budget.faults,
                 one * int64_t(plan.fault_kinds.size() * size_t(planned_repetitions(plan, false))));
  }
  return budget;
}

Experiments::Experiments(Lab& lab, Narrator& narrator, run::RunResult& result,
                         std::function<void()> saved)
    : lab_(lab),
      narrator_(narrator),
      result_(result),
      saved_(std::move(saved)),
      random_(uint64_t(lab.plan.seed)) {}

bool Experiments::fits(Nanos deadline, Nanos length) const {
  const Nanos own = lab_.quick ? kQuickOverhead : kOverhead;
  return lab_.clock.now() + length + (lab_.plan.is_embedded() ? own : kForeignOverhead) <= deadline;
}

// Two stores of work in a row, filling and draining, each with all cores: done at once they share
// them.
Result<double> Experiments::first_guess() {
  if (guess_ > 0) return guess_;
  const auto test = WEIR_TRY_IN("first guess", run_drain_test(lab_, nanos_from_seconds(2)));
  narrator_.drained(test);
  guess_ = 1 / (1 / test.fill_eps + 1 / test.drain_eps);
  if (!result_.load) result_.load.emplace();
  run::Estimate& capacity = result_.load->capacity_eps;
  capacity.estimate = test.drain_eps;
  capacity.n = 1;
  capacity.method = fmt::format("{} stored events drained back to back, once", test.events);
  capacity.why["low"] = capacity.why["high"] = "one drain has no spread";
  return guess_;
}

Result<run::Step> Experiments::load_step(double rate, int look) {
  StepLength length = load_step_length(lab_.plan, lab_.quick);
  if (look > 1) length.length = length.warmup + (length.length - length.warmup) * look;
  StepSpec spec;
  spec.label = rate_text(rate) + (look > 1 ? fmt::format("-look{}", look) : "");
  spec.workload = lab_.plan.workload;
  spec.rate_eps = rate;
  spec.warmup = length.warmup;
  spec.length = length.length;
  spec.trigger = lab_.plan.trigger;
  spec.partitions = int32_t(lab_.plan.partitions);
  spec.parallelism = int32_t(lab_.plan.parallelism);
  const StepData data = WEIR_TRY(run_step(lab_, spec));
  WEIR_TRY(write_step_files(data));
  run::Step step = judge_step(data, lab_.quick);
  step.looks = look;
  if (lab_.interrupted()) {
    step.verdict = "invalid";
    step.reason = "the run was interrupted";
  }
  WEIR_TRY(lab_.folder.write(step.folder + "/step.json", run::to_json(step)));
  result_.load->steps.push_back(step);
  saved_();
  narrator_.load_step(step);
  if (lab_.interrupted()) return tl::unexpected(interrupted().error());
  return step;
}

Status Experiments::search(Nanos deadline) {
  const double guess = WEIR_TRY(first_guess());
  stats::SearchOptions options;
  options.quick = lab_.quick;
  options.first_guess_eps = lab_.quick ? guess : guess * kOverload;
  stats::RateSearch search(options);
  const Nanos length = load_step_length(lab_.plan, lab_.quick).length;
  bool spent = false;
  while (const auto probe = search.next()) {
    if (!fits(deadline, length)) {
      spent = true;
      break;
    }
    run::Step step = WEIR_TRY(load_step(std::round(probe->rate_eps), 1));
    for (int look = 2;
         look <= 3 && !lab_.quick && step.verdict == "undecided" && fits(deadline, length * look);
         ++look)
      step = WEIR_TRY(load_step(std::round(probe->rate_eps), look));
    stats::ProbeOutcome outcome;
    outcome.verdict = stats::verdict_from_text(step.verdict).value_or(stats::Verdict::kUndecided);
    outcome.processed_eps = step.processed_eps.value_or(0);
    search.record(outcome);
  }
  const auto found = search.result();
  auto& load = *result_.load;
  load.sustainable_eps = estimate_of(found.sustainable, "low");
  load.limited_by = found.limited_by;
  if (found.limited_by == "pipeline")
    for (const auto& step : load.steps)
      if (step.verdict == "falls_behind") load.limited_by = step.limited_by;
  if (spent) load.sustainable_eps.method += "; the budget ended the search early";
  return {};
}

Status Experiments::load(Nanos budget) {
  if (!result_.load) result_.load.emplace();
  const Nanos deadline = lab_.clock.now() + budget;
  if (lab_.plan.rates.empty()) return search(deadline);
  double highest = 0;
  for (const double rate : lab_.plan.rates) {
    run::Step step = WEIR_TRY(load_step(rate, 1));
    for (int look = 2; look <= 3 && !lab_.quick && step.verdict == "undecided"; ++look)
      step = WEIR_TRY(load_step(rate, look));
    if (step.verdict == "keeps_up") highest = std::max(highest, rate);
  }
  auto& estimate = result_.load->sustainable_eps;
  estimate.method = "the highest of the rates given that kept up";
  estimate.n = int(lab_.plan.rates.size());
  estimate.why["low"] = estimate.why["high"] = "fixed rates were asked for, not a search";
  if (highest > 0)
    estimate.estimate = highest;
  else
    estimate.why["estimate"] = "none of the rates given kept up";
  return {};
}

double Experiments::working_rate() const {
  if (result_.load && result_.load->sustainable_eps.estimate)
    return *result_.load->sustainable_eps.estimate;
  return guess_ * 0.8;  // of what both halves together could do
}

// More than the pipeline can do. At a trigger of a foreign engine the rate that it keeps up with
// may be far below what it can do when it is late.
double Experiments::overload_rate() const {
  double rate = kOverload * working_rate();
  if (!lab_.plan.is_embedded() && result_.load)
    rate = std::max(rate, result_.load->capacity_eps.estimate.value_or(0));
  return rate;
}

Result<run::Step> Experiments::measure_cell(int32_t partitions, int32_t parallelism, double rate,
                                            Nanos length, const std::string& suffix) {
  StepSpec spec;
  spec.label = fmt::format("{}p-{}w{}", partitions, parallelism, suffix);
  spec.workload = lab_.plan.workload;
  spec.rate_eps = std::round(rate);
  const int64_t window =
      lab_.quick ? std::max<int64_t>(lab_.plan.trigger.value, 1'000'000) : 1'000'000'000;
  spec.warmup = lab_.plan.scale_rate > 0 ? load_step_length(lab_.plan, lab_.quick).warmup
                                         : Nanos((length.value / 5 + window - 1) / window * window);
  spec.length = length;
  spec.trigger = lab_.plan.trigger;
  spec.partitions = partitions;
  spec.parallelism = parallelism;
  const StepData data = WEIR_TRY(run_step(lab_, spec));
  WEIR_TRY(write_step_files(data));
  run::Step cell = judge_step(data, lab_.quick);
  WEIR_TRY(lab_.folder.write(cell.folder + "/step.json", run::to_json(cell)));
  return cell;
}

std::vector<std::pair<int64_t, int64_t>> scale_cells(const Plan& plan, bool quick) {
  std::vector<std::pair<int64_t, int64_t>> cells;
  if (plan.scale_cross) {
    for (const int64_t partitions : plan.scale_partitions)
      for (const int64_t workers : plan.scale_parallelism) cells.emplace_back(partitions, workers);
    return cells;
  }
  const int64_t workers =
      *std::max_element(plan.scale_parallelism.begin(), plan.scale_parallelism.end());
  for (const int64_t p : plan.scale_partitions) cells.emplace_back(p, std::min(p, workers));
  if (quick) return cells;
  // One factor at a time: workers vary at the largest number of partitions.
  const int64_t most =
      *std::max_element(plan.scale_partitions.begin(), plan.scale_partitions.end());
  for (const int64_t w : plan.scale_parallelism)
    if (const std::pair cell(most, w); std::find(cells.begin(), cells.end(), cell) == cells.end())
      cells.push_back(cell);
  return cells;
}

Status Experiments::scale(Nanos budget) {
  result_.scale.emplace();
  auto& scale = *result_.scale;
  const Nanos deadline = lab_.clock.now() + budget;
  if (lab_.plan.scale_rate <= 0 && working_rate() <= 0) WEIR_TRY(first_guess());
  const bool fixed = lab_.plan.scale_rate > 0;  // then a cell is one step at that rate
  const double rate = fixed ? lab_.plan.scale_rate : overload_rate();
  const Nanos length = fixed        ? load_step_length(lab_.plan, lab_.quick).length
                       : lab_.quick ? std::max(nanos_from_millis(2400), lab_.plan.trigger * 16)
                                    : stats::least_warm_up(lab_.plan.trigger, false) +
                                          std::max(nanos_from_seconds(20), lab_.plan.trigger * 20);
  auto cells = scale_cells(lab_.plan, lab_.quick);
  // Where starting a query takes long, the budget may not hold every cell: the largest comes first,
  // whose number of workers the engine has already.
  const bool backwards = !lab_.plan.is_embedded();
  int64_t most_workers = 1;
  for (const auto& [partitions, workers] : cells)
    most_workers = std::max(most_workers, std::min(partitions, workers));
  if (backwards) std::reverse(cells.begin(), cells.end());
  for (const auto& [partitions, parallelism] : cells) {
    if (!fits(deadline, length)) {
      scale.not_measured.push_back(
          fmt::format("{} partitions, {} workers", partitions, parallelism));
      continue;
    }
    // Fewer workers are offered less, though more than their share: a batch that takes longer than
    // its cell would tell nothing.
    const double share = double(std::min(partitions, parallelism)) / double(most_workers);
    const double offered = fixed || !backwards ? rate : rate * (1 + share) / 2;
    run::Step cell =
        WEIR_TRY(measure_cell(int32_t(partitions), int32_t(parallelism), offered, length, ""));
    if (!fixed && !lab_.quick && cell.processed_eps && !lab_.interrupted() &&
        fits(deadline, length)) {
      const run::Step calm = WEIR_TRY(measure_cell(int32_t(partitions), int32_t(parallelism),
                                                   0.85 * *cell.processed_eps, length, "-085"));
      cell.latency = calm.latency;
      cell.verdict = calm.verdict;
      cell.reason =
          fmt::format("at 0.85 of {} ev/s: {}", rate_text(*cell.processed_eps), calm.reason);
      cell.folder = calm.folder;
      cell.why.erase("latency_ms");
    }
    scale.cells.insert(backwards ? scale.cells.begin() : scale.cells.end(), cell);
    saved_();
    narrator_.scale_cell(cell);
    if (lab_.interrupted()) return interrupted();
  }
  narrator_.scale(scale);
  return {};
}

}  // namespace weir::lab
