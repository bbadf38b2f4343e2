#include "weir/report/scale.h"

#include <algorithm>
#include <cmath>

namespace weir::report {
namespace {

// Tick counts stay below this whatever the data are.
constexpr int kTicksMax = 40;

}  // namespace

double round_up(double value) {
  const double power = std::pow(10.0, std::floor(std::log10(value)));
  for (double step : {1.0, 2.0, 2.5, 5.0})
    if (step * power >= value * (1 - 1e-9)) return step * power;
  return 10 * power;
}

Scale Scale::over(std::span<const double> values, bool logarithmic, std::optional<double> low,
                  std::optional<double> high, bool exact) {
  Scale scale;
  scale.logarithmic_ = logarithmic;
  double least = HUGE_VAL, most = -HUGE_VAL;
  for (double value : values) {
    if (!std::isfinite(value) || (logarithmic && value <= 0)) continue;
    least = std::min(least, value), most = std::max(most, value);
  }
  if (least > most) least = logarithmic ? 1 : 0, most = logarithmic ? 10 : 1;
  if (logarithmic) {
    scale.low_ = low.value_or(std::pow(10, std::floor(std::log10(least) + 1e-9)));
    scale.high_ = high.value_or(std::pow(10, std::ceil(std::log10(most) - 1e-9)));
    if (!(scale.high_ > scale.low_)) scale.high_ = scale.low_ * 10;
    return scale;
  }
  scale.low_ = low.value_or(exact || least < 0 ? least : 0);
  scale.high_ = high.value_or(most);
  if (!(scale.high_ > scale.low_)) scale.high_ = scale.low_ + 1;
  if (!exact) {
    const double step = round_up((scale.high_ - scale.low_) / 5);
    if (!high) scale.high_ = std::ceil(scale.high_ / step - 1e-9) * step;
    if (!low) scale.low_ = std::floor(scale.low_ / step + 1e-9) * step;
  }
  return scale;
}

double Scale::position(double value, double from, double to) const {
  const double share = logarithmic_ ? std::log(value / low_) / std::log(high_ / low_)
                                    : (value - low_) / (high_ - low_);
  return from + share * (to - from);
}

std::vector<double> Scale::ticks(double length, double spacing) const {
  std::vector<double> ticks;
  if (logarithmic_) {
    // Whole powers of ten, and 2 and 5 between them where there is room.
    const double per_decade = length / std::log10(high_ / low_);
    for (double power = std::pow(10, std::floor(std::log10(low_))); power <= high_ * (1 + 1e-9);
         power *= 10)
      for (double step : {1.0, 2.0, 5.0}) {
        if (step != 1 && per_decade * 0.3 < spacing / 2) continue;
        const double value = step * power;
        if (value >= low_ * (1 - 1e-9) && value <= high_ * (1 + 1e-9)) ticks.push_back(value);
        if (ticks.size() >= kTicksMax) return ticks;
      }
    return ticks;
  }
  const double step = round_up((high_ - low_) / std::max(1.0, length / spacing));
  for (double n = std::ceil(low_ / step - 1e-9); n * step <= high_ + step * 1e-9; ++n) {
    ticks.push_back(n * step);
    if (ticks.size() >= kTicksMax) break;
  }
  return ticks;
}

}  // namespace weir::report
