// How values map onto a line: a range that ends on round numbers, and the ticks to write on it.
#pragma once
#include <optional>
#include <span>
#include <vector>

namespace weir::report {

class Scale {
 public:
  Scale() = default;
  // A scale that shows all of `values` (those not finite, and with `logarithmic` those not
  // positive, aside). Linear ones start at 0 unless a value is negative or `low` says otherwise;
  // `exact` takes the range as it is, without rounding it outwards.
  static Scale over(std::span<const double> values, bool logarithmic, std::optional<double> low,
                    std::optional<double> high, bool exact);

  // Where `value` lies between the positions `from` (of low()) and `to` (of high()).
  double position(double value, double from, double to) const;
  // Round values within the range, at least `spacing` apart when it is drawn over `length`.
  std::vector<double> ticks(double length, double spacing) const;
  double low() const { return low_; }
  double high() const { return high_; }

 private:
  double low_ = 0, high_ = 1;
  bool logarithmic_ = false;
};

// The smallest of 1, 2, 2.5, 5 times a power of ten that is not below `value` (> 0).
double round_up(double value);

}  // namespace weir::report
