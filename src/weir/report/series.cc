#include "weir/report/series.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "weir/report/figure.h"
#include "weir/run/table.h"
#include "weir/stats/hlog.h"
#include "weir/sys/disk.h"

namespace weir::report {
namespace {

// A step is drawn up to this length: a broken time stamp must not size anything.
constexpr double kSecondsMax = 100'000;

double json_number(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : kMissing;
}

// One result as the observer saw it.
struct Seen {
  double at_s, distinct;
};

std::vector<Seen> read_progress(const std::string& text, double start_ns) {
  std::vector<Seen> seen;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const auto line = nlohmann::json::parse(text.data() + at, text.data() + end, nullptr, false);
    at = end + 1;
    if (!line.is_object()) continue;
    const double when = (json_number(line, "time_ns") - start_ns) / 1e9,
                 distinct = json_number(line, "distinct");
    if (std::abs(when) < kSecondsMax && distinct >= 0) seen.push_back({when, distinct});
  }
  std::stable_sort(seen.begin(), seen.end(), [](auto& a, auto& b) { return a.at_s < b.at_s; });
  return seen;
}

// Events per second in bins of half a second or more, of whole triggers, so that each holds as many
// batches; the last one that is not whole is left out.
Curve binned(const std::vector<Seen>& seen, double trigger_s) {
  Curve rate;
  if (seen.empty()) return rate;
  const double width_s = trigger_s > 0 ? std::ceil(0.5 / trigger_s - 1e-9) * trigger_s : 0.5;
  std::vector<double> bins(size_t(std::max(0.0, seen.back().at_s) / width_s) + 1, 0.0);
  for (const auto& result : seen)
    bins[size_t(std::max(0.0, result.at_s) / width_s)] += result.distinct;
  if (bins.size() > 1) bins.pop_back();
  for (size_t i = 0; i < bins.size(); ++i) rate.add(double(i) * width_s, bins[i] / width_s);
  rate.add(double(bins.size()) * width_s, bins.back() / width_s);
  return rate;
}

// Events handed over, second by second, as a curve of the total at each second's end.
struct Sent {
  Curve rate, total;
};
Sent read_offered(const std::string& folder, double start_s, double end_s) {
  Sent sent;
  const auto table = run::Table::read(folder + "/offered.csv").value_or(run::Table());
  double total = 0;
  for (size_t row = 0; row < table.rows(); ++row) {
    const auto second = table.number(row, "second"), count = table.number(row, "handed_over");
    if (!second || !count) continue;
    const double from = std::max(0.0, *second - start_s);
    // The first and the last second of a load are not whole.
    const double to = std::min(*second + 1 - start_s, std::isfinite(end_s) ? end_s : kSecondsMax);
    if (!(to > from + 1e-3) || to > kSecondsMax) continue;
    if (sent.total.x.empty()) sent.total.add(from, 0);
    sent.rate.add(from, *count / (to - from));
    sent.total.add(to, total += *count);
  }
  if (!sent.rate.x.empty()) sent.rate.add(sent.total.x.back(), sent.rate.y.back());
  return sent;
}

double value_at(const Curve& curve, double x) {
  const auto right = std::lower_bound(curve.x.begin(), curve.x.end(), x) - curve.x.begin();
  if (right == 0) return curve.y.front();
  if (right == ptrdiff_t(curve.x.size())) return curve.y.back();
  const size_t i = size_t(right);
  const double share = (x - curve.x[i - 1]) / (curve.x[i] - curve.x[i - 1]);
  return curve.y[i - 1] + share * (curve.y[i] - curve.y[i - 1]);
}

// A saw: it rises with what is sent and falls at every result.
Curve backlog_of(const Curve& sent_total, const std::vector<Seen>& seen) {
  Curve backlog;
  if (sent_total.x.empty()) return backlog;
  double processed = 0;
  backlog.add(0, 0);
  for (const auto& result : seen) {
    const double sent = value_at(sent_total, result.at_s);
    backlog.add(result.at_s, std::max(0.0, sent - processed));
    processed += result.distinct;
    backlog.add(result.at_s, std::max(0.0, sent - processed));
  }
  return backlog;
}

void read_latency(const std::string& folder, double start_s, StepSeries& series) {
  const auto log = parse_hlog(real_disk()->read(folder + "/latency.hlog").value_or(""));
  if (!log) return;
  for (const auto& interval : log->intervals) {
    const Histogram& latency = interval.histogram;
    const double at = interval.start.seconds() - start_s;
    if (latency.total() + latency.overflow() == 0 || !(std::abs(at) < kSecondsMax)) continue;
    const auto add = [&](Curve& curve, int64_t micros) {
      if (!curve.x.empty() && at > curve.x.back() + 0.002) curve.add(curve.x.back(), kMissing);
      if (!curve.x.empty()) curve.x.pop_back(), curve.y.pop_back();
      curve.add(at, double(micros) / 1e3);
      curve.add(at + interval.length.seconds(), double(micros) / 1e3);
    };
    add(series.p50_ms, latency.quantile(0.5));
    add(series.p99_ms, latency.quantile(0.99));
    add(series.max_ms, latency.max());
    series.windows.push_back({at, interval.length.seconds(), latency});
  }
}

}  // namespace

StepSeries read_step(const std::string& folder) {
  const auto disk = real_disk();
  const auto timeline =
      nlohmann::json::parse(disk->read(folder + "/timeline.json").value_or(""), nullptr, false);
  StepSeries series;
  if (!timeline.is_object()) return series;
  const double start_s = json_number(timeline, "start_ns") / 1e9;
  const double trigger_ms = json_number(timeline, "trigger_ms"),
               end_s = json_number(timeline, "load_end_s");
  if (!std::isfinite(start_s)) return series;
  const double warmup_s = json_number(timeline, "warmup_s");
  series.trigger_s = std::isfinite(trigger_ms) ? trigger_ms / 1e3 : 0;
  series.warmup_s = std::isfinite(warmup_s) ? warmup_s : 0;
  const auto seen =
      read_progress(disk->read(folder + "/progress.jsonl").value_or(""), start_s * 1e9);
  series.processed = binned(seen, series.trigger_s);
  Sent sent = read_offered(folder, start_s, end_s);
  series.sent = std::move(sent.rate);
  series.backlog = backlog_of(sent.total, seen);
  read_latency(folder, start_s, series);
  series.end_s = std::isfinite(end_s) ? end_s : seen.empty() ? 0 : seen.back().at_s;
  return series;
}

}  // namespace weir::report
