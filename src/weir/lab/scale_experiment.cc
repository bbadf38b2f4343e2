// The second experiment: the same pipeline with other numbers of partitions and workers.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "weir/base/check.h"
#include "weir/lab/experiments.h"
#include "weir/lab/rate_search.h"
#include "weir/lab/scale_fit.h"
#include "weir/lab/scale_plan.h"

namespace weir::lab {
namespace {

constexpr double kBelow = 0.85;  // of what an overload step processed
constexpr double kMore = 1.6;    // where the load was no overload

// The latency and verdict of a cell are those of a step that it can carry.
void take_latency(const run::Step& calm, const std::string& at, run::Step& cell) {
  cell.latency = calm.latency;
  for (const auto& [key, interval] : calm.intervals)
    if (key != "processed_eps") cell.intervals[key] = interval;
  cell.verdict = calm.verdict;
  cell.reason = at + calm.reason;
  cell.folder = calm.folder;
  cell.why.erase("latency_ms");
}

}  // namespace

std::string Experiments::Cell::label() const {
  return fmt::format("{}p-{}w", partitions, parallelism);
}

std::string Experiments::Cell::suffix() const {
  return repetition > 1 ? fmt::format("-r{}", repetition) : "";
}

std::string Experiments::Cell::words() const {
  return fmt::format("{} partitions, {} workers{}", partitions, parallelism,
                     repetition > 1 ? fmt::format(", repetition {}", repetition) : "");
}

Result<run::Step> Experiments::measure_cell(const Cell& cell, double rate, Nanos length,
                                            const std::string& suffix) {
  const int64_t window =
      lab_.quick ? std::max<int64_t>(lab_.plan.trigger.value, 1'000'000) : 1'000'000'000;
  const Nanos warmup = lab_.plan.scale_rate > 0
                           ? load_step_length(lab_.plan, lab_.quick).warmup
                           : Nanos((length.value / 5 + window - 1) / window * window);
  return measure_rate({cell.label() + suffix, "", rate, 1, {warmup, length}}, cell.partitions,
                      cell.parallelism);
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

// More than the cell can do, but not many times more: a batch that takes longer than its cell would
// tell nothing.
double Experiments::cell_rate(int64_t width, int64_t widest) const {
  const Plan& plan = lab_.plan;
  if (plan.scale_rate > 0) return plan.scale_rate;
  if (added_work_dominates(plan))
    return kOverload * added_work_bound(plan, width, result_.scale->cores);
  const double rate = overload_rate();
  return plan.is_embedded() ? rate : rate * (1 + double(width) / double(widest)) / 2;
}

// The overload step; once more with more load where it kept up, if there is time.
Result<run::Step> Experiments::overload_cell(const Cell& wanted, double rate, Nanos length,
                                             Nanos deadline) {
  const std::string more = wanted.suffix() + "-more";
  run::Step cell = WEIR_TRY(measure_cell(wanted, rate, length, wanted.suffix()));
  const bool overloaded = !cell.limited_by.empty() || lab_.plan.scale_rate > 0;
  if (overloaded || lab_.interrupted() || !fits(deadline, length, wanted.label() + more))
    return cell;
  return measure_cell(wanted, kMore * rate, length, more);
}

// The verdict at 0.85 of what was processed, which joins the overload step in one cell.
Status Experiments::judge_cell_below(const Cell& wanted, Nanos length, run::Step& cell) {
  const run::Step calm = WEIR_TRY(
      measure_cell(wanted, kBelow * *cell.processed_eps, length, wanted.suffix() + "-085"));
  const std::string at = fmt::format("at {} of {} ev/s: ", kBelow, rate_text(*cell.processed_eps));
  join_audit(cell.audit, calm.audit);
  take_latency(calm, at, cell);
  return {};
}

// A whole search in the cell. Its overload step tells what the cell processes, the step that
// confirmed the sustainable rate its latency; its audit is of all steps.
Result<run::Step> Experiments::search_cell(const Cell& wanted, double rate) {
  auto& found =
      result_.scale->searches.emplace_back(wanted.partitions, wanted.parallelism, run::Load());
  run::Load& load = found.load;
  WEIR_TRY(search(load, rate, wanted.label() + "-", Nanos(INT64_MAX),
                  [&](const RateStep& step) -> Result<run::Step> {
                    load.steps.push_back(
                        WEIR_TRY(measure_rate(step, wanted.partitions, wanted.parallelism)));
                    saved_();
                    if (lab_.interrupted()) return fail(Code::kInterrupted, "interrupted");
                    return load.steps.back();
                  }));
  load.sizing = sizing_of(load);
  narrator_.scale_search(found);
  const run::Step *overload = nullptr, *calm = nullptr;
  for (const auto& step : load.steps) {
    if (step.purpose == "overload") overload = &step;
    const double from =
        std::abs(step.offered_eps.value_or(0) - load.sustainable_eps.estimate.value_or(-1));
    if (step.verdict == "keeps_up" && from <= 1) calm = &step;  // rates are whole when offered
  }
  WEIR_CHECK(overload != nullptr);
  run::Step cell = *overload;
  cell.label = wanted.label();
  cell.purpose.clear();
  for (const auto& step : load.steps)
    if (&step != overload) join_audit(cell.audit, step.audit);
  if (calm != nullptr) take_latency(*calm, "at the rate that it sustains: ", cell);
  return cell;
}

// An overload step; the first time also, as far as there is time, one below it, in full a search
// instead of both.
Result<run::Step> Experiments::measure_cell_whole(const Cell& wanted, double rate, Nanos length,
                                                  Nanos deadline) {
  const bool judged = lab_.plan.scale_rate <= 0 && !lab_.quick && wanted.repetition == 1;
  if (judged && lab_.plan.is_full()) return search_cell(wanted, rate);
  run::Step cell = WEIR_TRY(overload_cell(wanted, rate, length, deadline));
  if (judged && cell.processed_eps && !lab_.interrupted() &&
      fits(deadline, length, wanted.label() + "-085"))
    WEIR_TRY(judge_cell_below(wanted, length, cell));
  return cell;
}

Status Experiments::measure_cells(const std::vector<Cell>& cells, Nanos deadline) {
  auto& scale = *result_.scale;
  const Nanos length = cell_length(lab_.plan, lab_.quick);
  int64_t widest = 1;
  for (const auto& cell : cells) widest = std::max(widest, cell.width());
  // Of each cell the overload step comes first: what else is measured must leave room for the
  // others'.
  Nanos kept = (length + step_overhead(lab_.plan, lab_.quick)) * int64_t(cells.size());
  for (const auto& wanted : cells) {
    kept = kept - (length + step_overhead(lab_.plan, lab_.quick));
    if (!fits(deadline, length, wanted.label() + wanted.suffix())) {
      scale.not_measured.push_back(wanted.words());
      continue;
    }
    const double rate = cell_rate(wanted.width(), widest);
    const run::Step cell = WEIR_TRY(measure_cell_whole(wanted, rate, length, deadline - kept));
    scale.cells.push_back(cell);
    saved_();
    narrator_.scale_cell(cell);
    if (lab_.interrupted()) return fail(Code::kInterrupted, "interrupted");
  }
  return {};
}

// Repetitions follow each other in rounds, each in an order of its own: what drifts meanwhile
// touches every cell alike.
Status Experiments::scale(Nanos budget) {
  auto& scale = result_.scale.emplace();
  scale.cores = sysconf(_SC_NPROCESSORS_ONLN);
  const Nanos deadline = lab_.clock.now() + budget;
  if (lab_.plan.scale_rate <= 0 && !added_work_dominates(lab_.plan) && working_rate() <= 0)
    WEIR_TRY(first_guess());
  Status measured;
  for (int repetition = 1; repetition <= scale_repetitions(lab_.plan, lab_.quick) && measured;
       ++repetition) {
    std::vector<Cell> cells;
    for (const auto& [partitions, parallelism] : scale_cells(lab_.plan, lab_.quick))
      cells.push_back({int32_t(partitions), int32_t(parallelism), repetition});
    // Where starting a query takes long, the budget may not hold every cell: the largest comes
    // first, whose number of workers the engine has already.
    if (!lab_.plan.is_embedded()) std::reverse(cells.begin(), cells.end());
    if (repetition > 1) std::shuffle(cells.begin(), cells.end(), random_);
    measured = measure_cells(cells, deadline);
  }
  std::stable_sort(scale.cells.begin(), scale.cells.end(), [](const auto& a, const auto& b) {
    return std::pair(a.partitions, a.parallelism) < std::pair(b.partitions, b.parallelism);
  });
  judge_scale(scale, lab_.plan.wait_us);
  saved_();
  if (measured) narrator_.scale(scale);
  return measured;
}

}  // namespace weir::lab
