// How the events of a load are spread over its time: the grammar of load.schedule and --schedule.
//
//   constant                 evenly
//   poisson                  as a Poisson process: gaps independent and exponential
//   ramp:A..B                the rate goes in a line from A to B
//   steps:A,B,C              the rate is A for a third of the load, then B, then C
//   burst:4x/200ms/2s        4 times the rate between bursts, for 200 ms at the start of every 2 s
//
// The numbers are relative to each other: the mean over the load (of a burst: over a period) is the
// load's rate, whatever the form, so that one rate means as many events under each of them. With
// poisson it is the expected mean. Immutable values.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"

namespace weir::load {

struct Arrivals {
  enum class Kind { kConstant, kPoisson, kRamp, kSteps, kBurst };
  Kind kind = Kind::kConstant;
  // In thousandths. Ramp: at its start and end. Steps: of each. Burst: how many times the rest.
  std::vector<int64_t> weights;
  Nanos burst, period;

  // kUsage in three parts; `key` is what the text was given for.
  static Result<Arrivals> parse(std::string_view text, const std::string& key);
  std::string text() const;
  // The expected rate is the same at any time.
  bool is_steady() const { return kind == Kind::kConstant || kind == Kind::kPoisson; }
  // The form stretches over the load, whose length must be known.
  bool needs_length() const { return kind == Kind::kRamp || kind == Kind::kSteps; }
  // No load with a form of its own is longer: 30 days.
  static constexpr Nanos kLengthMax = Nanos(int64_t{30} * 24 * 3600 * 1'000'000'000);
};

}  // namespace weir::load
