#include "weir/lab/experiments.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::lab {

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

Experiments::Experiments(Lab& lab, Narrator& narrator, run::RunResult& result,
                         std::function<void()> saved)
    : lab_(lab),
      narrator_(narrator),
      result_(result),
      saved_(std::move(saved)),
      random_(uint64_t(lab.plan.seed)) {}

void Experiments::resume(FinishedSteps finished) {
  finished_ = std::move(finished);
  const std::optional<run::Load> left = std::exchange(result_.load, std::nullopt);
  result_.scale.reset();
  result_.faults.reset();
  if (!left || !left->first_guess_eps) return;
  guess_ = *left->first_guess_eps / (lab_.quick ? 1 : kOverload);
  result_.load.emplace();
  result_.load->first_guess_eps = left->first_guess_eps;
  result_.load->capacity_eps = left->capacity_eps;
}

bool Experiments::fits(Nanos deadline, Nanos length, const std::string& label) const {
  return finished_.has(label) || std::max(lab_.clock.now(), lab_.rest_until) + length +
                                         step_overhead(lab_.plan, lab_.quick) <=
                                     deadline;
}

Status Experiments::store(run::Step& step) {
  if (lab_.interrupted()) step.verdict = "invalid", step.reason = kInterruptedStep;
  return lab_.folder.write(step.folder + "/step.json", run::to_json(step));
}

Status Experiments::store(run::Fault& fault) {
  if (lab_.interrupted()) fault.valid = false, fault.reason = kInterruptedStep;
  return lab_.folder.write(fault.folder + "/step.json", run::to_json(fault));
}

// Two stores of work in a row, filling and draining, each with all cores: done at once they share
// them.
Result<double> Experiments::first_guess() {
  if (guess_ > 0) return guess_;
  const auto test = WEIR_TRY_IN("first guess", run_drain_test(lab_, nanos_from_seconds(2)));
  narrator_.drained(test);
  guess_ = 1 / (1 / test.fill_eps + 1 / test.drain_eps);
  if (!result_.load) result_.load.emplace();
  result_.load->first_guess_eps = lab_.quick ? guess_ : guess_ * kOverload;
  run::Estimate& capacity = result_.load->capacity_eps;
  capacity.estimate = test.drain_eps;
  capacity.n = 1;
  capacity.method = rate_text(double(test.events)) + " stored events drained back to back, once";
  capacity.why["low"] = capacity.why["high"] = "one drain has no spread";
  saved_();
  return guess_;
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

}  // namespace weir::lab
