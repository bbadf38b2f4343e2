#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "weir/base/sha256.h"
#include "weir/report/sample_run.h"
#include "weir/stats/hlog.h"

namespace weir::report {
namespace {

constexpr int64_t kStart = 1'795'361'599;  // 2026-11-22T15:33:19Z
constexpr int kSeconds = 24, kFaultAt = 9, kSilent = 2;
constexpr int kRate = 100'000;

AuditReport audit_of(uint64_t events) {
  AuditReport audit;
  audit.guarantee = "exactly once";
  audit.complete = true;
  audit.sent = audit.acked = audit.processed = events;
  return audit;
}

run::Step step_of(double offered, double processed, const char* verdict) {
  run::Step step;
  step.label = fmt::format("{:.0f}", offered);
  step.started = "2026-11-22T15:33:19Z";
  step.folder = "steps/01-" + step.label;
  step.warmup_s = 1.2, step.measured_s = 4.8;
  step.partitions = 4, step.parallelism = 2;
  step.offered_eps = offered, step.sent_eps = offered * 0.9995, step.acked_eps = step.sent_eps;
  step.processed_eps = processed;
  step.send_lag_p50_ms = 0.1, step.send_lag_p99_ms = 1.2, step.send_lag_max_ms = 4;
  step.verdict = verdict;
  step.audit = audit_of(uint64_t(offered * 6));
  const double share = step.verdict == "falls_behind" ? 1.31 : 0.46;
  step.cadence = {24, 200.0, share * 200, share, share - 0.05, share + 0.05};
  const double growth = 1 - processed / offered;
  step.drift = {growth, growth - 0.01, growth + 0.012};
  step.intervals["processed_eps"] = {
      .estimate = step.processed_eps,
      .low = *step.processed_eps - 0.012 * offered,
      .high = std::min(*step.processed_eps + 0.01 * offered, offered),
      .level = 0.95,
      .n = 8};
  step.surroundings = {0.02, 0.0};
  step.cpu_seconds = {{"broker", 1.6}, {"engine", 2.0}, {"generator", 0.9}, {"observer", 0.09}};
  if (step.verdict == "falls_behind") {
    step.reason = "the mean batch takes 1.31 triggers";
    step.backlog_end = 401'233;
    return step;
  }
  step.reason = "the mean batch takes 0.42 to 0.51 triggers";
  step.backlog_end = offered / 5;
  run::Latency latency;
  latency.p50 = 110 + offered / 10'000, latency.p95 = 210 + offered / 8'000;
  latency.p99 = 240 + offered / 5'000;
  latency.max = 420 + offered / 4'000;
  latency.why["p999"] = "fewer than 10 batches reach beyond it";
  latency.events = int64_t(offered * step.measured_s), latency.batches = 24;
  step.latency = latency;
  step.intervals["p99_ms"] = {
      .estimate = latency.p99, .low = 0.9 * *latency.p99, .high = 1.2 * *latency.p99};
  step.stages = {0.1, 3.2 + offered / 100'000, 100, 20 + offered / 20'000, 2.1};
  return step;
}

run::Fault fault_of(const char* kind, const char* target) {
  run::Fault fault;
  fault.kind = kind, fault.target = target, fault.label = fmt::format("{}-1", target);
  fault.folder = "steps/05-" + fault.label;
  fault.started = "2026-11-22T15:33:19Z";
  fault.repetition = 1, fault.phase = 0.37, fault.offered_eps = kRate;
  fault.injected_at_s = kFaultAt;
  fault.silent_from_s = 0.21, fault.noticed_s = 0.05, fault.restarted_s = 0.06;
  fault.first_output_s = 0.74, fault.rate_regained_s = 0.9, fault.drained_s = 1.4;
  fault.in_band_s = 3.2, fault.gap_s = 0.9, fault.gap_minus_trigger_s = 0.7;
  fault.peak_backlog = 92'000;
  fault.proof = "process 4711 gone";
  fault.audit = audit_of(uint64_t(kRate) * kSeconds);
  return fault;
}

// The files that the report draws; with a fault, a silence of kSilent seconds from kFaultAt on.
void write_files(const run::Folder& folder, const std::string& step, bool fault) {
  std::string offered = "second,scheduled,handed_over,refused,late,acked,failed,unknown\n";
  std::string progress, log = hlog_header(nanos_from_seconds(kStart));
  for (int second = 0; second < kSeconds; ++second) {
    const int since = second - kFaultAt;
    const bool silent = fault && since >= 0 && since < kSilent;
    offered += fmt::format("{},{},{},0,0,{},0,0\n", kStart + second, kRate, kRate, kRate);
    for (int part = 1; part <= 5 && !silent; ++part)
      progress +=
          fmt::format("{{\"time_ns\":{},\"distinct\":{}}}\n",
                      (kStart + second) * 1'000'000'000 + part * 200'000'000,
                      kRate / 5 + (fault && since == kSilent && part == 1 ? kSilent * kRate : 0));
    HlogInterval interval{nanos_from_seconds(double(kStart + second)), nanos_from_seconds(1), {}};
    for (int i = 0; i < 100; ++i)
      interval.histogram.record((silent ? (kSilent - since) * 1'000'000 : 0) + 30'000 + i * 2'200,
                                kRate / 100);
    log += hlog_line(interval);
  }
  const std::string timeline = fmt::format(
      "{{\"schema\":\"weir.timeline/"
      "1\",\"start_ns\":{},\"trigger_ms\":200,\"warmup_s\":1.2,\"load_end_s\":{}}}",
      kStart * 1'000'000'000, kSeconds);
  EXPECT_TRUE(folder.write(step + "/offered.csv", offered));
  EXPECT_TRUE(folder.write(step + "/progress.jsonl", progress));
  EXPECT_TRUE(folder.write(step + "/latency.hlog", log));
  EXPECT_TRUE(folder.write(step + "/timeline.json", timeline));
}

}  // namespace

run::RunResult sample_result() {
  run::RunResult result;
  result.id = "20261122T153319Z-all-k3fq";
  result.experiment = "all";
  result.target = {"embedded",
                   "native",
                   "metrics",
                   "exactly once",
                   true,
                   {{"librdkafka", "2.0.2"}},
                   {{"enable.idempotence", "true"}}};
  result.command = "weir run all --quick";
  result.started = "2026-11-22T15:33:19Z";
  result.duration_s = 91.4, result.quick = true, result.trigger_ms = 200;
  result.exit_code = 0, result.exit_reason = "all objectives met";
  result.findings = {
      "This machine sustains about 620,000 events/s (p99 364 ms there); at 800,000 the "
      "backlog grows.",
      "Four partitions give 2.1 times one.",
      "After a killed engine, results are current again in 3.2 s; nothing was lost."};
  result.objectives = {{"p99_ms <= 1500", 364.0, true},
                       {"lost == 0", 0.0, true},
                       {"first_output_s <= 2", std::nullopt, std::nullopt}};
  result.warnings = {{"noisy-clock", "machine", "differences below 5% cannot be told apart",
                      "fix the CPU frequency"}};
  result.load.emplace();
  result.load->steps = {
      step_of(300'000, 299'800, "keeps_up"), step_of(620'000, 619'500, "keeps_up"),
      step_of(800'000, 688'000, "falls_behind"), step_of(700'000, 690'000, "undecided")};
  int number = 0;
  for (auto& step : result.load->steps)
    step.folder = fmt::format("steps/{:02}-{}", ++number, step.label);
  result.load->sustainable_eps = {620'000.0, 607'600.0, std::nullopt, 0, 4, "search", {}};
  result.load->limited_by = "engine";
  result.scale.emplace();
  for (int n : {1, 2, 4}) {
    result.scale->cells.push_back(
        step_of(300'000, 160'000 * std::min(n, 2) + 9'000 * n, "keeps_up"));
    auto& cell = result.scale->cells.back();
    cell.label = fmt::format("p{}-w{}", n, std::min(n, 2));
    cell.partitions = n, cell.parallelism = std::min(n, 2), cell.limited_by = "engine CPU";
  }
  result.faults.emplace();
  result.faults->faults = {fault_of("engine:kill", "engine"), fault_of("broker:kill", "broker")};
  result.faults->faults[1].in_band_s.reset();
  result.faults->faults[1].why["in_band_s"] = "not within the time observed";
  return result;
}

void write_load_files(const run::Folder& folder) {
  const run::RunResult result = sample_result();
  for (const auto& step : result.load->steps) {
    std::filesystem::create_directories(folder.path() + "/" + step.folder);
    write_files(folder, step.folder, false);
  }
}

run::Folder write_sample_run(const std::string& path) {
  auto folder = run::Folder::create(path, "all", Nanos(kStart * 1'000'000'000));
  EXPECT_TRUE(folder);
  run::RunResult result = sample_result();
  for (auto& fault : result.faults->faults) {
    fault.folder =
        "steps/" + std::filesystem::path(*folder->begin_step(fault.label)).filename().string();
    write_files(*folder, fault.folder, true);
    EXPECT_TRUE(folder->write(fault.folder + "/step.json", run::to_json(fault)));
  }
  const std::string plan = "schema = \"weir.plan/1\"\nexperiments = [\"load\"]\n";
  result.plan_sha256 = sha256_hex(plan);
  EXPECT_TRUE(folder->write("plan.toml", plan));
  EXPECT_TRUE(folder->write("result.json", run::to_json(result)));
  EXPECT_TRUE(folder->write("machine.json", run::machine_json("0.1.0", path)));
  EXPECT_TRUE(folder->seal());
  return *folder;
}

}  // namespace weir::report
