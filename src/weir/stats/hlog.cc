#include "weir/stats/hlog.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <ctime>
#include <optional>

namespace weir {
namespace {
constexpr std::string_view kStartTime = "#[StartTime: ", kBaseTime = "#[BaseTime: ";
constexpr std::string_view kBesides = "#[Besides: ";
constexpr int kBestCompression = 9;
constexpr double kYearSeconds = 365 * 24 * 3600.0;
constexpr double kSecondsMax = 9e9;  // Nanos ends in 2262

// Seconds since the epoch with the three decimals the format has, without rounding through a
// double.
std::string seconds_text(Nanos time) {
  const int64_t millis = time.millis();
  return fmt::format("{}{}.{:03}", millis < 0 ? "-" : "", std::abs(millis / 1000),
                     std::abs(millis % 1000));
}

std::optional<double> take_seconds(std::string_view text) {
  double seconds = 0;
  const char* end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, seconds);
  if (error != std::errc() || at == text.data() || !(std::abs(seconds) < kSecondsMax))
    return std::nullopt;
  return seconds;
}

Nanos to_nanos(double seconds) { return nanos_from_millis(std::llround(seconds * 1000)); }

std::string_view take_field(std::string_view& line) {
  const size_t comma = line.find(',');
  const std::string_view field = line.substr(0, comma);
  line.remove_prefix(comma == line.npos ? line.size() : comma + 1);
  return field;
}

// What a comment of ours says about the interval behind it.
struct Besides {
  int64_t overflow = 0, negatives = 0, min = -1;
};

struct Reader {
  Hlog log;
  std::optional<double> start, base;
  Besides besides;

  bool comment(std::string_view line);
  Result<HlogInterval> interval(std::string_view line);
};

bool Reader::comment(std::string_view line) {
  if (line.starts_with(kStartTime)) {
    start = take_seconds(line.substr(kStartTime.size()));
    if (start) log.start = to_nanos(*start);
    return start.has_value();
  }
  if (line.starts_with(kBaseTime)) {
    base = take_seconds(line.substr(kBaseTime.size()));
    return base.has_value();
  }
  if (line.starts_with(kBesides)) {
    const std::string text(line);
    long long overflow = 0, negatives = 0, min = 0;
    if (sscanf(text.c_str() + kBesides.size(), "overflow %lld, negatives %lld, min %lld", &overflow,
               &negatives, &min) != 3)
      return false;
    besides = {overflow, negatives, min};
  }
  return true;
}

Result<HlogInterval> Reader::interval(std::string_view line) {
  if (line.starts_with("Tag=")) take_field(line);
  const auto from = take_seconds(take_field(line));
  const auto length = take_seconds(take_field(line));
  const auto max_millis = take_seconds(take_field(line));
  if (!from || !length || !max_millis)
    return fail(Code::kCorrupt, "not an interval", "its first three columns are not all numbers");
  HlogInterval interval;
  // As HistogramLogReader decides: without a base time, stamps far before the start are relative to
  // it.
  double origin = base.value_or(0);
  if (!base && start && *from < *start - kYearSeconds) origin = *start;
  interval.start = to_nanos(origin + *from);
  interval.length = to_nanos(*length);
  interval.histogram = WEIR_TRY(Histogram::decode_base64(line));
  interval.histogram.restore(besides.min, std::llround(*max_millis * 1000), besides.overflow,
                             besides.negatives);
  besides = {};
  return interval;
}
}  // namespace

std::string hlog_header(Nanos start) {
  const time_t seconds = time_t(start.second());
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char date[64];
  // java.util.Date's form; weir's programs never leave the C locale, so the names are English.
  const size_t size = std::strftime(date, sizeof date, "%a %b %d %H:%M:%S UTC %Y", &utc);
  return fmt::format(
      "#[Histogram log format version 1.3]\n"
      "{}{} (seconds since epoch), {}]\n"
      "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
      kStartTime, seconds_text(start), std::string_view(date, size));
}

std::string hlog_line(const HlogInterval& interval) {
  const Histogram& histogram = interval.histogram;
  std::string line;
  if (histogram.overflow() > 0 || histogram.negatives() > 0)
    line = fmt::format("{}overflow {}, negatives {}, min {}]\n", kBesides, histogram.overflow(),
                       histogram.negatives(), histogram.min());
  line += fmt::format("{},{},{}.{:03},{}\n", seconds_text(interval.start),
                      seconds_text(interval.length), histogram.max() / 1000, histogram.max() % 1000,
                      histogram.encode_base64(kBestCompression));
  return line;
}

Result<Hlog> parse_hlog(std::string_view text) {
  Reader reader;
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    if (end == text.npos) break;
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with("\"StartTimestamp\"")) continue;
    if (line.starts_with('#')) {
      if (!reader.comment(line))
        return fail(Code::kCorrupt, fmt::format("line {} of a histogram log is damaged", number),
                    "its comment is not as weir or HdrHistogram writes it");
      continue;
    }
    auto interval = reader.interval(line);
    if (!interval)
      return tl::unexpected(
          std::move(interval).error().in(fmt::format("line {} of a histogram log", number)));
    reader.log.intervals.push_back(std::move(*interval));
  }
  return std::move(reader.log);
}

}  // namespace weir
