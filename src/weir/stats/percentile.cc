#include "weir/stats/percentile.h"

#include <fmt/format.h>

#include <algorithm>

namespace weir::stats {

Reading read_percentile(double value, std::span<const double> worst,
                        std::optional<double> censored_from) {
  const auto beyond =
      std::count_if(worst.begin(), worst.end(), [value](double w) { return w > value; });
  if (beyond < kBatchesBeyond)
    return {.why = fmt::format("only {} of {} batches reach beyond it, {} are needed", beyond,
                               worst.size(), kBatchesBeyond)};
  return {.value = value, .at_least = censored_from && value >= *censored_from};
}

std::string to_text(const Reading& reading, int decimals) {
  if (!reading.value) return "-";
  return fmt::format("{}{:.{}f}", reading.at_least ? "> " : "", *reading.value, decimals);
}

}  // namespace weir::stats
