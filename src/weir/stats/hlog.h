// HdrHistogram's log format (.hlog, version 1.3): one line per interval with a V2 histogram in
// base64, as org.HdrHistogram.HistogramLogWriter 2.2.2 writes it and its tools read it.
// docs/formats/hlog.md.
//
// Values are microseconds; the column Interval_Max is milliseconds with three decimals, which is
// the exact maximum. Time stamps are seconds since the epoch. Lines that begin with # are comments
// to foreign readers; one of ours before an interval tells what the encoding leaves out. Pure
// functions.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/stats/histogram.h"

namespace weir {

struct HlogInterval {
  Nanos start, length;  // written to the millisecond
  Histogram histogram;
};

struct Hlog {
  Nanos start;  // of the log, to the millisecond; 0 when it does not say
  std::vector<HlogInterval> intervals;
};

// The lines before the first interval, which must not start before `start`: foreign tools would
// leave it out.
std::string hlog_header(Nanos start);
// One interval with its line end, preceded by a comment when it has negatives or overflow.
std::string hlog_line(const HlogInterval& interval);

// Reads a log, also one of HdrHistogram's own writer: #[BaseTime], start times relative to it and
// tags (dropped) are understood. kCorrupt names the first line that is not understood. An
// incomplete last line (no line end), as a killed writer leaves it, is dropped.
Result<Hlog> parse_hlog(std::string_view text);

}  // namespace weir
