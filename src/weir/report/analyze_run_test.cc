#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "weir/report/analyze.h"
#include "weir/run/results.h"
#include "weir/stats/hlog.h"
#include "weir/sys/disk.h"

namespace weir::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
constexpr int64_t kFirstSecond = 1'795'361'600;
constexpr int kRunSeconds = 30;

// Batches of half a second: 1 s of warm-up, 300 ms of true latency, 250 ms by the origin's formula.
std::string batches(int64_t missing_from_s = -1) {
  std::string text =
      "batch_id,epoch_sec,batch_events,mean_latency_ms,p50_latency_ms,p95_latency_ms,"
      "p99_latency_ms,seed_mean_latency_ms,seed_p50_latency_ms,seed_p95_latency_ms,"
      "seed_p99_latency_ms,attempt,trigger_ms,planned_us,committed_us\n";
  for (int i = 0; i < 2 * kRunSeconds; ++i) {
    const int64_t planned = kFirstSecond * 1'000'000 + i * 500'000LL;
    if (missing_from_s >= 0 && i / 2 >= missing_from_s && i / 2 < missing_from_s + 4) continue;
    text += fmt::format("{},{},5000,300,300,500,520,250,250,475,495,1,500,{},{}\n", i,
                        planned / 1'000'000, planned, planned + 50'000);
  }
  return text;
}

std::string histograms() {
  std::string log = hlog_header(nanos_from_seconds(double(kFirstSecond)));
  for (int i = 0; i < kRunSeconds; ++i) {
    HlogInterval interval{nanos_from_seconds(double(kFirstSecond + i)), nanos_from_seconds(1), {}};
    interval.histogram.record(300'000, 10'000);
    log += hlog_line(interval);
  }
  return log;
}

class RunFolder : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "weir-analyze-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& bytes) {
    const auto path = std::filesystem::path(folder_) / name;
    ASSERT_TRUE(disk_->make_folders(path.parent_path()));
    ASSERT_TRUE(disk_->write_whole(path, bytes));
  }

  // One step, one cell and one fault.
  run::RunResult result() {
    run::RunResult result;
    result.trigger_ms = 500;
    run::Step step;
    step.folder = "steps/01-10000";
    step.warmup_s = 5, step.measured_s = 20, step.offered_eps = 10'000;
    result.load.emplace().steps.push_back(step);
    step.folder = "steps/02-cell";
    step.partitions = 4, step.parallelism = 2;
    result.scale.emplace().cells.push_back(step);
    run::Fault fault;
    fault.folder = "steps/03-engine", fault.kind = "engine:kill", fault.repetition = 1;
    result.faults.emplace().faults.push_back(fault);
    return result;
  }
  std::string cell(const AnalyzedTable& table, const std::string& column) {
    for (size_t i = 0; i < table.columns.size(); ++i) {
      if (table.columns[i] != column) continue;
      const auto& value = table.rows.at(0).at(i);
      if (const auto* number = std::get_if<double>(&value)) return pandas_text(*number);
      if (const auto* whole = std::get_if<int64_t>(&value)) return std::to_string(*whole);
      return std::get<std::string>(value);
    }
    return "no such column";
  }

  std::unique_ptr<Disk> disk_ = real_disk();
  std::string folder_;
};

TEST_F(RunFolder, GivesAllThreeExperimentsWithEachStepsOwnWindow) {
  write("result.json", run::to_json(result()));
  for (const char* step : {"01-10000", "02-cell"}) {
    write(fmt::format("steps/{}/batches.csv", step), batches());
    write(fmt::format("steps/{}/latency.hlog", step), histograms());
    write(fmt::format("steps/{}/offered.csv", step), "second,scheduled\n1,2\n");
  }
  write("steps/03-engine/batches.csv", batches(12));
  const auto analysis = analyze(folder_, {});
  ASSERT_TRUE(analysis) << to_text(analysis.error());
  EXPECT_TRUE(analysis->problems.empty()) << analysis->problems.front();
  EXPECT_TRUE(analysis->of_run_folder);
  ASSERT_EQ(analysis->tables.size(), 6u);
  const auto& load = analysis->tables[0];
  EXPECT_EQ(cell(load, "rate_eps_input"), "10000");
  EXPECT_EQ(cell(load, "batches_used"), "40");  // 20 s of half-second batches
  EXPECT_EQ(cell(load, "throughput_eps_mean"), "10000.0");
  EXPECT_EQ(cell(load, "lat_p95_ms_avg"), "475.0");
  const auto& corrected = analysis->tables[1];
  EXPECT_EQ(cell(corrected, "throughput_eps_by_time"), "10000.0");
  EXPECT_EQ(cell(corrected, "p95_shows"), "trigger only");
  EXPECT_EQ(cell(corrected, "true_mean_ms"), "300.0");
  // Within the histogram's three digits.
  EXPECT_NEAR(std::stod(cell(corrected, "true_p99_ms")), 300, 0.3);
  EXPECT_EQ(cell(analysis->tables[2], "configuration"), "Partitions=4 + parallelism 2");
  EXPECT_EQ(cell(analysis->tables[2], "batches_used"), "50");  // no upper limit
  EXPECT_EQ(cell(analysis->tables[4], "run"), "engine:kill 1");
  EXPECT_EQ(cell(analysis->tables[4], "gap_sec"), "5.0");
  EXPECT_EQ(cell(analysis->tables[5], "batches_missing"), "8");
}

TEST_F(RunFolder, TakesFlagsBeforeWhatTheStepSays) {
  write("result.json", run::to_json(result()));
  write("steps/01-10000/batches.csv", batches());
  const auto analysis = analyze(folder_, {.warmup_s = 10, .measure_s = 5, .trigger_s = 1});
  ASSERT_TRUE(analysis);
  EXPECT_EQ(cell(analysis->tables[0], "batches_used"), "10");
  EXPECT_EQ(cell(analysis->tables[0], "throughput_eps_mean"), "5000.0");
  EXPECT_THAT(analysis->problems, testing::Contains(HasSubstr("steps/02-cell/batches.csv")));
}

TEST_F(RunFolder, IsReadAsFarAsItGoesWhenTheRunWasCutShort) {
  write("steps/01-a/batches.csv", batches());
  write("steps/02-b/batches.csv", "batch_id,epo");
  const auto analysis = analyze(folder_, {});
  ASSERT_TRUE(analysis) << to_text(analysis.error());
  EXPECT_EQ(cell(analysis->tables[0], "batches_used"), "60");
  EXPECT_THAT(analysis->problems,
              ElementsAre(HasSubstr("result.json: missing"), HasSubstr("no column epoch_sec")));
}

TEST_F(RunFolder, WithoutAnyBatchIsAnErrorInThreeParts) {
  write("steps/01-a/step.json", "{}");
  const auto analysis = analyze(folder_, {});
  ASSERT_FALSE(analysis);
  EXPECT_EQ(analysis.error().code, Code::kUsage);
  EXPECT_FALSE(analysis.error().why.empty() || analysis.error().remedy.empty());
}

}  // namespace
}  // namespace weir::report
