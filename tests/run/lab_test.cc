// Whole steps: a real broker, engine and generator, observed, stopped, killed and judged.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "weir/lab/experiments.h"
#include "weir/lab/guard.h"
#include "weir/lab/judge.h"

namespace weir::lab {
namespace {
namespace fs = std::filesystem;

constexpr double kRate = 20'000;

class WholeStep : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "weir-step-XXXXXX").string();
    base_ = mkdtemp(pattern.data());
    auto folder = run::Folder::create(base_ + "/run", "test", clock_.now());
    ASSERT_TRUE(folder) << to_text(folder.error());
    folder_.emplace(std::move(*folder));
    auto guard = Guard::start(WEIR_PROGRAM);
    ASSERT_TRUE(guard) << to_text(guard.error());
    guard_.emplace(std::move(*guard));
    fs::create_directories(folder_->data_path());
    const HostContext host{WEIR_PROGRAM,
                           plan_,
                           *guard_,
                           clock_.anchor(),
                           "test",
                           folder_->data_path(),
                           folder_->path() + "/log"};
    auto broker = open_broker(host);
    auto engine = open_engine(host);
    ASSERT_TRUE(broker && engine);
    broker_ = std::move(*broker);
    engine_ = std::move(*engine);
    lab_.emplace(Lab{plan_,
                     *folder_,
                     clock_,
                     host,
                     *broker_,
                     *engine_,
                     true,
                     false,
                     100,
                     [] { return false; },
                     {}});
  }
  void TearDown() override { fs::remove_all(base_); }

  StepSpec spec(const std::string& workload, std::optional<FaultSpec> fault) {
    StepSpec spec;
    spec.label = "test";
    spec.workload = workload;
    spec.rate_eps = kRate;
    spec.warmup = nanos_from_seconds(1);
    spec.length = nanos_from_seconds(fault ? 9 : 6);
    spec.trigger = nanos_from_millis(200);
    spec.fault = std::move(fault);
    return spec;
  }
  StepData run(const std::string& workload, std::optional<FaultSpec> fault) {
    auto data = run_step(*lab_, spec(workload, std::move(fault)));
    if (!data) ADD_FAILURE() << to_text(data.error());
    return data ? std::move(*data) : StepData{};
  }
  static void expect_clean(const AuditReport& audit) {
    EXPECT_EQ(audit.level, "identity");
    EXPECT_TRUE(audit.complete);
    EXPECT_EQ(audit.lost, 0u);
    EXPECT_EQ(audit.duplicated, 0u);
    EXPECT_EQ(audit.foreign, 0u);
    EXPECT_LE(audit.acked, audit.processed);
    EXPECT_LE(audit.processed, audit.acked + audit.unknown);
    EXPECT_GT(audit.acked, uint64_t(kRate));
  }

  std::string base_;
  Plan plan_;
  SystemClock clock_{Anchor::take()};
  std::optional<run::Folder> folder_;
  std::optional<Guard> guard_;
  std::unique_ptr<BrokerHost> broker_;
  std::unique_ptr<EngineHost> engine_;
  std::optional<Lab> lab_;
};

TEST_F(WholeStep, KeepsUpAtALowRateAndLeavesAReadableFolder) {
  const StepData data = run("metrics", {});
  EXPECT_EQ(data.trouble, "");
  expect_clean(data.audit);
  const auto step = judge_step(data, true);
  EXPECT_NEAR(*step.sent_eps, kRate, kRate / 100);
  ASSERT_TRUE(write_step_files(data));
  for (const char* name : {"offered.csv", "batches.csv", "latency.hlog", "resources.csv",
                           "timeline.json", "observed.bin", "audit.json", "progress.jsonl"})
    EXPECT_TRUE(fs::exists(fs::path(data.folder) / name)) << name;
}

TEST_F(WholeStep, ForwardsEachEventOnce) { expect_clean(run("forward", {}).audit); }

// Events that become due during a stop of S seconds wait for its end. Of M measured seconds the
// share (S - x) / M waits longer than x, so p99 is S - M / 100, and the next batch may be one
// trigger away.
TEST_F(WholeStep, AStoppedEngineShowsInDueTimeAsTheClosedFormSays) {
  FaultSpec pause{"engine:pause", nanos_from_seconds(4), 0.5};
  const StepData data = run("metrics", pause);
  expect_clean(data.audit);
  ASSERT_TRUE(data.fault.injected && data.fault.undone);
  Histogram all;
  for (const auto& window : data.observed.windows) all.merge(window);
  const double stopped = (*data.fault.undone - *data.fault.injected).seconds();
  const double expected = stopped - (data.end - data.start).seconds() / 100;
  EXPECT_NEAR(double(all.quantile(0.99)) / 1e6, expected, data.spec.trigger.seconds());
}

TEST_F(WholeStep, AKilledEngineLosesAndRepeatsNothing) {
  const StepData data = run("metrics", FaultSpec{"engine:kill", nanos_from_seconds(4), 0.3});
  expect_clean(data.audit);
  const auto fault = judge_fault(data, 1, true);
  EXPECT_TRUE(fault.valid) << fault.reason;
  EXPECT_TRUE(fault.first_output_s);
}

TEST_F(WholeStep, AKilledBrokerLosesAndRepeatsNothing) {
  const StepData data = run("forward", FaultSpec{"broker:kill", nanos_from_seconds(4), 0.7});
  expect_clean(data.audit);
  EXPECT_TRUE(judge_fault(data, 1, true).first_output_s);
}

TEST_F(WholeStep, AWokenZombieDoesNoHarmAndEnds) {
  const StepData data = run("forward", FaultSpec{"engine:zombie", nanos_from_seconds(4), 0.1});
  expect_clean(data.audit);
  EXPECT_TRUE(data.fault.undone);
  ASSERT_TRUE(data.fault.old_exit) << "the zombie still runs";
  EXPECT_NE(*data.fault.old_exit, 0);
}

}  // namespace
}  // namespace weir::lab
