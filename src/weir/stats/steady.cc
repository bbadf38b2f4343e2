#include "weir/stats/steady.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "weir/stats/interval.h"
#include "weir/stats/student.h"

namespace weir::stats {
namespace {
constexpr int kSteadyBlocks = 10, kFirst = 3, kLast = 5;

// A t test of equal means, two-sided, whose variance comes from the last blocks alone: the first
// ones hold the transient that is looked for, and its own spread would hide it.
bool agree(std::span<const double> first, std::span<const double> last, double level) {
  const Moments x = moments(first), y = moments(last);
  const double difference = std::abs(x.mean - y.mean);
  if (difference <= 1e-12 * std::max(std::abs(x.mean), std::abs(y.mean))) return true;
  const double error = y.deviation() * std::sqrt(1.0 / double(x.n) + 1.0 / double(y.n));
  return difference <= error * student_t_quantile(0.5 + level / 2, double(y.n - 1));
}
}  // namespace

Nanos least_warm_up(Nanos trigger, bool on_jvm) {
  return on_jvm ? std::max(nanos_from_seconds(15), trigger * 20)
                : std::max(nanos_from_seconds(5), trigger * 3);
}

Nanos fixed_warm_up(Nanos step_length) { return Nanos(step_length.value / 5); }

WarmUp find_warm_up(std::span<const double> values, size_t least_cut, double level) {
  for (size_t cut = least_cut; cut <= values.size() / 2; ++cut) {
    const auto blocks = block_means(values.subspan(cut), kSteadyBlocks);
    if (blocks.empty()) break;
    const std::span<const double> all(blocks);
    if (agree(all.first(kFirst), all.last(kLast), level))
      return {cut, fmt::format("settled after {} of {} values: the first 30% and the last 50% of "
                               "what follows agree",
                               cut, values.size())};
  }
  if (values.size() < kSteadyBlocks + least_cut)
    return {std::nullopt, fmt::format("did not settle: {} values are too few after a warm-up of {}",
                                      values.size(), least_cut)};
  return {std::nullopt,
          fmt::format("did not settle: no cut in the first half of {} values leaves a "
                      "first 30% and a last 50% that agree",
                      values.size())};
}

}  // namespace weir::stats
