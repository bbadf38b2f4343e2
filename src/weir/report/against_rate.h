// What all figures against the offered rate share: their axis, what stands behind their points, and
// the percentiles they speak of.
#pragma once
#include <string>
#include <vector>

#include "weir/report/figures.h"

namespace weir::report {

struct Percentile {
  const char* name;
  run::Figure run::Latency::*value;
};
inline constexpr Percentile kPercentiles[] = {{"p50", &run::Latency::p50},
                                              {"p95", &run::Latency::p95},
                                              {"p99", &run::Latency::p99},
                                              {"p99.9", &run::Latency::p999},
                                              {"max", &run::Latency::max}};

bool keeps_up(const run::Step& step);
// What the generator alone sends into a broker that stores nothing; empty when not measured.
run::Figure ceiling_of(const run::RunResult& result);
// Without panels: axis, samples, window, and the warnings about the load.
Figure against_rate(const run::RunResult& result, const char* id, const char* title);
// "n = 24 to 31 batches at each load", "window: 4.8 s of each step after warm-up".
std::string batches_of(const std::vector<const run::Step*>& steps);
std::string window_of(const std::vector<const run::Step*>& steps);
// The percentiles of the highest rate that keeps up, as a sentence. `steps` by rate.
std::string latency_summary(const std::vector<const run::Step*>& steps);

}  // namespace weir::report
