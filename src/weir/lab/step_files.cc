// The files of a step that weir run itself writes.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "weir/lab/judge.h"
#include "weir/stats/hlog.h"
#include "weir/sys/disk.h"

namespace weir::lab {
namespace {

using Json = nlohmann::ordered_json;

// Histograms in due time, of one second each or of the observer's windows where those are narrower:
// then the measured time begins and ends between windows, and can be cut out again.
std::string hlog_of(const StepData& data) {
  std::string text = hlog_header(data.start);
  const auto& windows = data.observed.windows;
  const int64_t width = std::min<int64_t>(1'000'000'000, data.window.value);
  HlogInterval interval{data.start, Nanos(width), {}};
  const auto flush = [&] {
    if (interval.histogram.total() + interval.histogram.overflow() > 0) text += hlog_line(interval);
    interval.histogram.clear();
  };
  for (size_t i = 0; i < windows.size(); ++i) {
    const Nanos from = data.start + Nanos((data.window.value * int64_t(i)) / width * width);
    if (from != interval.start) flush(), interval.start = from;
    interval.histogram.merge(windows[i]);
  }
  flush();
  return text;
}

std::string progress_of(const StepData& data) {
  std::string text;
  for (const auto& seen : data.observed.results) {
    Json line{{"time_ns", seen.at.value},
              {"source", data.observed.source},
              {"batch", seen.batch},
              {"attempt", seen.attempt},
              {"distinct", seen.distinct},
              {"newest_due_ns", seen.newest_due.value},
              {"mean_age_ms", seen.mean_age_ms},
              {"worst_ms", seen.worst_ms},
              {"committed", Json::object()}};
    for (const auto& [partition, next] : seen.input_end)
      line["committed"][std::to_string(partition)] = next;
    text += line.dump() + "\n";
  }
  return text;
}

Json instant(const std::optional<Nanos>& at, Nanos origin) {
  return at ? Json((*at - origin).seconds()) : Json(nullptr);
}

Json optional_number(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::string timeline_of(const StepData& data) {
  Json line;
  line["schema"] = "weir.timeline/1";
  line["start_ns"] = data.start.value;
  line["offered_eps"] = data.spec.rate_eps;
  line["trigger_ms"] = double(data.spec.trigger.value) / 1e6;
  line["window_ms"] = double(data.window.value) / 1e6;
  line["warmup_s"] = data.spec.warmup.seconds();
  line["load_end_s"] = (data.end - data.start).seconds();
  line["drain_end_s"] = (data.drained - data.start).seconds();
  line["drain_complete"] = data.drain_complete;
  line["cores"] = data.cores;
  line["target_cores"] = data.target_cores;
  line["added_us"] = data.spec.added_us;
  line["schedule"] = {{"form", data.spec.schedule.arrivals.text()},
                      {"length_s", data.spec.schedule.length.seconds()},
                      {"seed", data.spec.schedule.seed}};
  line["faults"] = Json::array();
  if (data.spec.fault) {
    const auto& times = data.fault;
    line["faults"].push_back(
        {{"kind", data.spec.fault->kind},
         {"phase", data.spec.fault->phase},
         {"injected_s", instant(times.injected, data.start)},
         {"death_proved_s", instant(times.death_proved, data.start)},
         {"noticed_s", instant(times.noticed, data.start)},
         {"restarted_s", instant(times.restarted, data.start)},
         {"undone_s", instant(times.undone, data.start)},
         {"attempt_before", times.attempt_before},
         {"poisoned", times.poisoned},
         {"late_ms", optional_number(data.spec.fault->late_ms)},
         {"capacity_eps", optional_number(data.spec.fault->capacity_eps)},
         {"proof", times.proof},
         {"command", times.command},
         {"problem", times.problem},
         {"exit_status", times.old_exit ? Json(*times.old_exit) : Json(nullptr)}});
  }
  line["fences"] = Json::array();
  for (const auto& fence : data.observed.fences)
    line["fences"].push_back(
        {{"attempt", fence.attempt}, {"seen_s", (fence.at - data.start).seconds()}});
  line["observer"] = {{"longest_turn_s", data.observed.longest_turn_s},
                      {"core_share", data.observed.core_share},
                      {"blind_s", data.observed.blind_s},
                      {"dropped_by_fence", data.observed.dropped_by_fence},
                      {"unreadable", data.observed.unreadable}};
  line["trouble"] = data.trouble;
  return line.dump(1) + "\n";
}

}  // namespace

Status write_step_files(const StepData& data) {
  auto disk = real_disk();
  WEIR_TRY(disk->write_whole(data.folder + "/latency.hlog", hlog_of(data)));
  WEIR_TRY(disk->write_whole(data.folder + "/progress.jsonl", progress_of(data)));
  WEIR_TRY(disk->write_whole(data.folder + "/timeline.json", timeline_of(data)));
  WEIR_TRY(disk->write_whole(data.folder + "/audit.json", to_json(data.audit)));
  return {};
}

}  // namespace weir::lab
