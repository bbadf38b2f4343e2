#include "weir/run/answer.h"

#include <cmath>

namespace weir::run {

const Step* answer_step(const Load& load) {
  const Step *confirmed = nullptr, *highest = nullptr;
  for (const auto& step : load.steps) {
    if (step.verdict != "keeps_up" || !step.offered_eps) continue;
    if (!highest || *step.offered_eps > *highest->offered_eps) highest = &step;
    // Rates are whole when they are offered.
    const bool found = !load.probes.empty() && load.sustainable_eps.estimate &&
                       std::abs(*step.offered_eps - *load.sustainable_eps.estimate) <= 1;
    if (found && step.purpose != "curve") confirmed = &step;
  }
  return confirmed ? confirmed : highest;
}

}  // namespace weir::run
