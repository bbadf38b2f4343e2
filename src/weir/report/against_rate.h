// What all figures against the offered rate share: their axis, what stands behind their points, and
// the percentiles they speak of.
#pragma once
#include <string>
#include <vector>

#include "weir/report/figures.h"

namespace weir::report {

struct Percentile {
  const char* name;
  const char* figure;  // its key in a step's intervals
  run::Figure run::Latency::*value;
};
inline constexpr Percentile kPercentiles[] = {{"p50", "p50_ms", &run::Latency::p50},
                                              {"p95", "p95_ms", &run::Latency::p95},
                                              {"p99", "p99_ms", &run::Latency::p99},
                                              {"p99.9", "p999_ms", &run::Latency::p999},
                                              {"max", "max_ms", &run::Latency::max}};
// The interval of a figure of a step; kMissing where there is none.
struct Ends {
  double low, high;
};
Ends ends_of(const run::Step& step, const char* figure);

bool keeps_up(const run::Step& step);
// What the generator alone sends into a broker that stores nothing; empty when not measured.
run::Figure ceiling_of(const run::RunResult& result);
// Without panels: axis, samples, window, and the warnings about the load.
Figure against_rate(const run::RunResult& result, const char* id, const char* title);
// "n = 24 to 31 batches at each load", "window: 4.8 s of each step after warm-up".
std::string batches_of(const std::vector<const run::Step*>& steps);
std::string window_of(const std::vector<const run::Step*>& steps);
// The percentiles of the highest rate that keeps up, as a sentence.
std::string latency_summary(const run::Load& load);

}  // namespace weir::report
