// Which percentiles may be printed, and how. Pure functions.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace weir::stats {

// A percentile as it is printed: "12.5", "> 12.5" (at_least), or null with a reason.
struct Reading {
  std::optional<double> value;
  bool at_least = false;  // events still invisible at the end of the drain reach it
  std::string why;        // set when value is empty
};

inline constexpr int kBatchesBeyond = 10;

// `value` is the percentile of the merged histogram, `worst` the largest latency of each batch
// (without batches: of each one-second block), in the same unit. All events of a batch share its
// fate, so the percentile is given only when at least 10 batches reach beyond it. `censored_from`
// is the smallest (drain end - due) of the events that never became visible; they are in the
// histogram at that latency, so any percentile at or above it is a lower bound.
Reading read_percentile(double value, std::span<const double> worst,
                        std::optional<double> censored_from = {});

// "12.5", "> 12.5" or "-", with `decimals`.
std::string to_text(const Reading& reading, int decimals = 1);

}  // namespace weir::stats
