#include "weir/stats/percentile.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "weir/stats/student.h"

namespace weir::stats {
namespace {
constexpr size_t kSections = 10;
}  // namespace

Reading read_percentile(double value, std::span<const double> worst,
                        std::optional<double> censored_from) {
  const auto beyond =
      std::count_if(worst.begin(), worst.end(), [value](double w) { return w > value; });
  if (beyond < kBatchesBeyond)
    return {.why = fmt::format("only {} of {} batches reach beyond it, {} are needed", beyond,
                               worst.size(), kBatchesBeyond)};
  return {.value = value, .at_least = censored_from && value >= *censored_from};
}

std::vector<Histogram> sections_of(std::span<const Histogram> windows) {
  if (windows.size() < kSections) return {};
  std::vector<Histogram> sections(kSections);
  for (size_t i = 0; i < windows.size(); ++i)
    sections[i * kSections / windows.size()].merge(windows[i]);
  return sections;
}

Estimate quantile_interval(double estimate, std::span<const Histogram> sections, double quantile) {
  Estimate e{.estimate = estimate,
             .n = int64_t(sections.size()),
             .method = "sections of the step, centred on the whole"};
  if (sections.size() < 2) {
    e.why = fmt::format("fewer than {} windows", kSections);
    return e;
  }
  double squares = 0;
  for (const auto& section : sections) {
    if (section.total() == 0) {
      e.why = "nothing was due in a section of the step";
      return e;
    }
    const double off = double(section.quantile(quantile)) - estimate;
    squares += off * off;
  }
  const double n = double(sections.size());
  const double half =
      student_t_quantile(0.5 + e.level / 2, n - 1) * std::sqrt(squares / (n * (n - 1)));
  e.low = std::max(estimate - half, 0.0);
  e.high = estimate + half;
  return e;
}

std::string to_text(const Reading& reading, int decimals) {
  if (!reading.value) return "-";
  return fmt::format("{}{:.{}f}", reading.at_least ? "> " : "", *reading.value, decimals);
}

}  // namespace weir::stats
