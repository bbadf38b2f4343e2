#include "weir/lab/stored_step.h"

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "weir/lab/json_words.h"
#include "weir/lab/ledgers.h"
#include "weir/lab/offered.h"
#include "weir/stats/hlog.h"
#include "weir/sys/disk.h"

namespace weir::lab {
namespace {

using nlohmann::json;

double number(const json& object, const char* key, double otherwise = 0) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number() ? found->get<double>() : otherwise;
}
int64_t integer(const json& object, const char* key, int64_t otherwise = 0) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<int64_t>() : otherwise;
}

// Spans of a step, in seconds, keep their nanoseconds in a double.
Nanos rounded(double seconds) { return Nanos(std::llround(seconds * 1e9)); }

std::optional<Nanos> instant(const json& object, const char* key, Nanos start) {
  const double at = number(object, key, NAN);
  if (!std::isfinite(at)) return std::nullopt;
  return start + rounded(at);
}

// Absent in a run of an earlier weir, whose load was constant.
Status read_schedule(const json& timeline, StepData& data) {
  constexpr double kRateMax = 1e9, kRateMin = 1e-3;
  if (!(data.spec.rate_eps >= kRateMin && data.spec.rate_eps <= kRateMax))
    return fail(Code::kCorrupt, "timeline.json is not one", "its offered_eps is no rate");
  const auto found = timeline.find("schedule");
  if (found == timeline.end() || !found->is_object()) return {};
  auto& schedule = data.spec.schedule;
  schedule.arrivals =
      WEIR_TRY(load::Arrivals::parse(words_in(*found, "form"), "timeline.json: schedule.form"));
  schedule.length = rounded(number(*found, "length_s"));
  if (const auto seed = found->find("seed"); seed != found->end() && seed->is_number_unsigned())
    schedule.seed = seed->get<uint64_t>();
  if (schedule.length.value <= 0 || schedule.length > load::Arrivals::kLengthMax)
    return fail(Code::kCorrupt, "timeline.json is not one", "its schedule has no length");
  return {};
}

Status read_timeline(const std::string& text, StepData& data) {
  const json timeline = json::parse(text, nullptr, false);
  if (!timeline.is_object() || integer(timeline, "start_ns") <= 0)
    return fail(Code::kCorrupt, "timeline.json is not one", "it has no start_ns");
  data.start = Nanos(integer(timeline, "start_ns"));
  data.end = data.start + rounded(number(timeline, "load_end_s"));
  data.drained = data.start + rounded(number(timeline, "drain_end_s"));
  data.window = rounded(number(timeline, "window_ms", 1000) / 1e3);
  data.spec.rate_eps = number(timeline, "offered_eps");
  data.spec.trigger = rounded(number(timeline, "trigger_ms") / 1e3);
  data.spec.warmup = rounded(number(timeline, "warmup_s"));
  data.spec.length = data.end - data.start;
  WEIR_TRY(read_schedule(timeline, data));
  data.spec.added_us = number(timeline, "added_us");
  data.cores = integer(timeline, "cores");
  data.target_cores = integer(timeline, "target_cores");
  const auto complete = timeline.find("drain_complete");
  data.drain_complete = complete != timeline.end() && *complete == true;
  data.trouble = words_in(timeline, "trouble");
  if (data.window.value <= 0)
    return fail(Code::kCorrupt, "timeline.json is not one", "its window_ms is not positive");
  if (const auto observer = timeline.find("observer");
      observer != timeline.end() && observer->is_object()) {
    data.observed.longest_turn_s = number(*observer, "longest_turn_s");
    data.observed.core_share = number(*observer, "core_share");
    data.observed.blind_s = number(*observer, "blind_s");
  }
  const auto faults = timeline.find("faults");
  if (faults == timeline.end() || !faults->is_array() || faults->empty() ||
      !(*faults)[0].is_object())
    return {};
  const json& fault = (*faults)[0];
  data.spec.fault.emplace();
  data.spec.fault->kind = words_in(fault, "kind");
  data.spec.fault->phase = number(fault, "phase");
  data.fault.injected = instant(fault, "injected_s", data.start);
  data.fault.death_proved = instant(fault, "death_proved_s", data.start);
  data.fault.noticed = instant(fault, "noticed_s", data.start);
  data.fault.restarted = instant(fault, "restarted_s", data.start);
  data.fault.undone = instant(fault, "undone_s", data.start);
  data.fault.attempt_before = integer(fault, "attempt_before");
  data.fault.poisoned = integer(fault, "poisoned");
  if (const double late = number(fault, "late_ms", NAN); std::isfinite(late))
    data.spec.fault->late_ms = late;
  if (const double capacity = number(fault, "capacity_eps", NAN); std::isfinite(capacity))
    data.spec.fault->capacity_eps = capacity;
  data.fault.proof = words_in(fault, "proof");
  data.fault.command = words_in(fault, "command");
  data.fault.problem = words_in(fault, "problem");
  return {};
}

Status read_progress(const std::string& text, StepData& data) {
  int number_of_line = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.find('\n', at);
    if (end == std::string::npos) break;  // its writer died within the line
    ++number_of_line;
    const json line = json::parse(text.data() + at, text.data() + end, nullptr, false);
    at = end + 1;
    if (!line.is_object() || integer(line, "time_ns") <= 0)
      return fail(Code::kCorrupt, "line " + std::to_string(number_of_line) + " of progress.jsonl",
                  "it is no reading");
    Visible seen;
    seen.at = Nanos(integer(line, "time_ns"));
    seen.batch = integer(line, "batch", -1);
    seen.attempt = integer(line, "attempt");
    seen.distinct = integer(line, "distinct");
    seen.newest_due = Nanos(integer(line, "newest_due_ns"));
    seen.mean_age_ms = number(line, "mean_age_ms");
    seen.worst_ms = number(line, "worst_ms");
    data.observed.results.push_back(std::move(seen));
  }
  return {};
}

Status read_latency(const std::string& text, StepData& data) {
  const Hlog log = WEIR_TRY_IN("latency.hlog", parse_hlog(text));
  auto& windows = data.observed.windows;
  for (const auto& interval : log.intervals) {
    const double index =
        std::round(double((interval.start - data.start).value) / double(data.window.value));
    if (!(index >= 0 && index < double(kWindowsMax)))
      return fail(Code::kCorrupt, "latency.hlog", "an interval lies outside its step");
    if (windows.size() <= size_t(index)) windows.resize(size_t(index) + 1);
    windows[size_t(index)].merge(interval.histogram);
  }
  return {};
}

}  // namespace

Result<StepData> read_stored_step(const std::string& folder) {
  const auto disk = real_disk();
  StepData data;
  data.folder = folder;
  WEIR_TRY(read_timeline(WEIR_TRY(disk->read(folder + "/timeline.json")), data));
  WEIR_TRY(read_progress(WEIR_TRY(disk->read(folder + "/progress.jsonl")), data));
  WEIR_TRY(read_latency(WEIR_TRY(disk->read(folder + "/latency.hlog")), data));
  if (auto table = run::Table::read(folder + "/offered.csv")) data.offered = std::move(*table);
  data.send_lag = send_lags(folder);
  if (auto table = run::Table::read(folder + "/batches.csv")) data.batches = std::move(*table);
  if (auto table = run::Table::read(folder + "/resources.csv")) data.resources = std::move(*table);
  data.ledgers = WEIR_TRY(read_ledgers(folder));
  if (const std::string seen = folder + "/observed.bin"; std::filesystem::exists(seen)) {
    const AuditSet ids = WEIR_TRY_IN("observed.bin", AuditSet::read(seen));
    data.audit = ids.judge(data.ledgers, data.drain_complete);
    // What the target claims, and how its ids were learnt, is no result of the ids; a step that
    // broke off has no audit.json.
    if (const auto text = disk->read(folder + "/audit.json")) {
      AuditReport told = WEIR_TRY_IN("audit.json", audit_from_json(*text));
      data.audit.guarantee = told.guarantee;
      if (told.level == "checksum") {
        data.audit.level = told.level;
        data.audit.receipt_lost = told.receipt_lost;
      }
      // Numbers were counted that no id stands behind: they are all there is.
      if (told.level == "count") data.audit = std::move(told);
      judge_guarantee(data.audit);
    }
  } else {
    // Of a target whose results carry no ids: what was counted is all there is.
    data.audit =
        WEIR_TRY_IN("audit.json", audit_from_json(WEIR_TRY(disk->read(folder + "/audit.json"))));
  }
  return data;
}

}  // namespace weir::lab
