#include "weir/stats/interval.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "weir/base/check.h"
#include "weir/stats/student.h"

namespace weir::stats {

double Moments::deviation() const { return std::sqrt(variance); }

Moments moments(std::span<const double> values) {
  Moments m;
  double squares = 0;
  for (const double value : values) {
    const double from_old = value - m.mean;
    m.mean += from_old / double(++m.n);
    squares += from_old * (value - m.mean);
  }
  if (m.n > 1) m.variance = squares / double(m.n - 1);
  return m;
}

std::optional<double> quantile(std::vector<double> values, double quantile) {
  if (values.empty()) return std::nullopt;
  const double place = double(values.size() - 1) * std::clamp(quantile, 0.0, 1.0);
  const size_t below = size_t(place);
  std::nth_element(values.begin(), values.begin() + long(below), values.end());
  const double low = values[below];
  if (below + 1 == values.size()) return low;
  const double high = *std::min_element(values.begin() + long(below) + 1, values.end());
  // numpy's order of operations, which differs in the last bit from the naive one above one half.
  const double share = place - double(below), span = high - low;
  return share >= 0.5 ? high - span * (1 - share) : low + span * share;
}

Estimate mean_interval(std::span<const double> values, double level) {
  Estimate e{.level = level, .n = int64_t(values.size()), .method = "t interval of the mean"};
  if (values.empty()) {
    e.why = "no values";
    return e;
  }
  const Moments m = moments(values);
  e.estimate = m.mean;
  if (m.n < 2) {
    e.why = "one value has no interval";
    return e;
  }
  const double half =
      student_t_quantile(0.5 + level / 2, double(m.n - 1)) * m.deviation() / std::sqrt(double(m.n));
  e.low = m.mean - half;
  e.high = m.mean + half;
  return e;
}

Estimate log_interval(std::span<const double> values, double level) {
  Estimate e{.level = level, .n = int64_t(values.size()), .method = "t interval of the mean log"};
  std::vector<double> logs;
  for (const double value : values) {
    if (!(value > 0) || !std::isfinite(value)) {
      e.why = fmt::format("{} is not a positive number", value);
      return e;
    }
    logs.push_back(std::log(value));
  }
  const Estimate inner = mean_interval(logs, level);
  e.why = inner.why;
  if (inner.estimate) e.estimate = std::exp(*inner.estimate);
  if (e.n < 3) {
    if (e.why.empty()) e.why = "fewer than 3 values";
    return e;
  }
  e.low = std::exp(*inner.low);
  e.high = std::exp(*inner.high);
  return e;
}

std::vector<double> block_means(std::span<const double> values, int blocks) {
  WEIR_CHECK_LT(0, blocks);
  const size_t size = values.size() / size_t(blocks);
  if (size == 0) return {};
  std::vector<double> means;
  for (size_t at = values.size() % size_t(blocks); at < values.size(); at += size)
    means.push_back(moments(values.subspan(at, size)).mean);
  return means;
}

}  // namespace weir::stats
