// Load on Spark as a step has it: observed, audited, and with its driver killed under load.
#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/spark/spark_fixture.h"
#include "weir/lab/ledgers.h"
#include "weir/run/table.h"

namespace weir::peer {
namespace {

using testing::HasSubstr;

// weir produce to the query's topic, at a rate; ledgers in the query's folder.
Result<Child> start_load(const lab::Query& query, const lab::StepPlace& where, int rate,
                         int events) {
  Spawn spawn;
  spawn.arguments = {WEIR_PROGRAM, "produce",
                     "-b",         query.client.brokers,
                     "-t",         query.topic,
                     "--rate",     std::to_string(rate),
                     "--events",   std::to_string(events),
                     "--quiet",    "--out",
                     where.outdir};
  return Child::start(spawn);
}

class SparkLoad : public Spark {
 protected:
  // Kills the driver under load and starts it again; all must be seen in the end.
  void kill_under_load(const std::string& workload);
  void expect_audit(const std::string& level, uint64_t events) {
    const auto ledgers = lab::read_ledgers(where_.outdir);
    ASSERT_TRUE(ledgers);
    const AuditReport audit = observer_->judge(*ledgers, true);
    EXPECT_EQ(audit.level, level);
    EXPECT_EQ(audit.acked, events);
    EXPECT_EQ(audit.processed, events);
    EXPECT_EQ(audit.lost, 0u);
    EXPECT_EQ(audit.foreign, 0u);
  }

  lab::StepPlace where_;
  std::unique_ptr<lab::Observer> observer_;
};

TEST_F(SparkLoad, MetricsIsAuditedByChecksums) {
  lab::EngineHost& spark = *world_.spark;
  const auto query = this->query("metrics", "metrics");
  where_ = place("metrics");
  auto started = start(spark, query, where_);
  ASSERT_TRUE(started) << to_text(started.error());
  observer_ = std::move(*started);
  observer_->set_origin(world_.clock.now());
  auto load = start_load(query, where_, 1'000, 4'000);
  ASSERT_TRUE(load);
  EXPECT_TRUE(wait_until([&] { return observer_->distinct() >= 4'000; }));
  EXPECT_EQ(spark.trouble(), "");
  spark.stop_query();
  observer_->stop();
  expect_audit("checksum", 4'000);

  const auto seen = observer_->snapshot();
  EXPECT_EQ(seen.error, "");
  EXPECT_EQ(seen.distinct, 4'000u);
  int64_t timed = 0;
  for (const auto& window : seen.windows) timed += window.total();
  EXPECT_EQ(timed, 4'000);
  const auto rows = run::Table::read(where_.outdir + "/batches.csv");
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->rows(), seen.results.size());
  const size_t last = rows->rows() - 1;
  EXPECT_EQ(rows->integer(last, "batch_id"), int64_t(last));
  EXPECT_GT(rows->number(last, "p95_latency_ms").value_or(0), 0);
  EXPECT_EQ(rows->integer(last, "trigger_ms"), 200);
  std::ifstream records(where_.outdir + "/spark-progress.jsonl");
  EXPECT_THAT(std::string((std::istreambuf_iterator<char>(records)), {}),
              HasSubstr("\"observedMetrics\""));
}

void SparkLoad::kill_under_load(const std::string& workload) {
  constexpr uint64_t kEvents = 10'000;
  lab::EngineHost& spark = *world_.spark;
  const auto query = this->query(workload + "-kill", workload);
  where_ = place(workload + "-kill");
  auto started = start(spark, query, where_);
  ASSERT_TRUE(started) << to_text(started.error());
  observer_ = std::move(*started);
  auto load = start_load(query, where_, 1'000, kEvents);
  ASSERT_TRUE(load);
  ASSERT_TRUE(wait_until([&] { return observer_->distinct() > 1'000; }));
  spark.process()->signal(SIGKILL);
  ASSERT_TRUE(wait_until([&] { return spark.process()->poll().has_value(); }));
  EXPECT_THAT(spark.trouble(), HasSubstr("ended with status 137"));
  ASSERT_TRUE(spark.restart());
  Result<bool> ready = false;
  ASSERT_TRUE(wait_until([&] { return !(ready = spark.ready(*observer_)) || *ready; }));
  ASSERT_TRUE(ready) << to_text(ready.error());
  EXPECT_EQ(spark.attempt(*observer_), 2);
  EXPECT_TRUE(wait_until([&] { return observer_->distinct() >= kEvents; }));
  spark.stop_query();
  observer_->stop();
  const auto seen = observer_->snapshot();
  EXPECT_EQ(seen.distinct, kEvents);
  EXPECT_EQ(seen.error, "");
  EXPECT_EQ(seen.results.back().attempt, 2);
  expect_audit(workload == "metrics" ? "checksum" : "identity", kEvents);
}

TEST_F(SparkLoad, ForwardLosesNothingWhenItsDriverIsKilled) { kill_under_load("forward"); }

TEST_F(SparkLoad, MetricsGoesOnFromItsCheckpointAfterAKill) { kill_under_load("metrics"); }

}  // namespace
}  // namespace weir::peer
