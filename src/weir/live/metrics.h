// The board in Prometheus' text exposition format, version 0.0.4:
// https://prometheus.io/docs/instrumenting/exposition_formats/. Pure functions.
#pragma once
#include <string>

#include "weir/live/board.h"

namespace weir::live {

inline constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

// Latency is a histogram with cumulative buckets, never quantiles made beforehand: those of several
// scrapes or runs could not be joined.
std::string metrics_text(const View& view);

}  // namespace weir::live
