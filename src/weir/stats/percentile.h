// Which percentiles may be printed, and how. Pure functions.
#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "weir/stats/histogram.h"
#include "weir/stats/interval.h"

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

// Windows of a step, in their order, as 10 sections of consecutive ones whose numbers differ by one
// at most. Empty with fewer than 10 windows.
std::vector<Histogram> sections_of(std::span<const Histogram> windows);

// An interval for the quantile `estimate` (0..1: `quantile`) of all the sections together, in the
// unit of the histograms: estimate +/- t(n - 1) sqrt(sum of (q_i - estimate)^2 / (n (n - 1))), q_i
// the quantiles of the n sections. Centred on the whole, not on the mean of the sections, which
// would be a mean of percentiles and off by their bias (sectioning: Asmussen & Glynn, Stochastic
// Simulation, 2007, III.5; for quantiles Nakayama, ACM TOMACS 24(4), 2014). No bound where a
// section is empty or there are none.
Estimate quantile_interval(double estimate, std::span<const Histogram> sections, double quantile);

// "12.5", "> 12.5" or "-", with `decimals`.
std::string to_text(const Reading& reading, int decimals = 1);

}  // namespace weir::stats
