#include "weir/report/analyze.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "weir/report/analyze_correction.h"

namespace weir::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
const std::string kHeader =
    "batch_id,epoch_sec,batch_events,mean_latency_ms,p50_latency_ms,p95_latency_ms,"
    "p99_latency_ms\n";

BatchRecords read(const std::string& bytes) {
  BatchRecords records;
  read_batch_file(bytes, "f.csv", records);
  return records;
}

TEST(AnalyzedRows, AreReadByColumnName) {
  const auto r = read("p95_latency_ms,batch_events,epoch_sec\n4.5,10,100\n");
  ASSERT_EQ(r.rows.size(), 1u);
  EXPECT_EQ(r.rows[0].row.epoch_sec, 100);
  EXPECT_EQ(r.rows[0].row.batch_events, 10);
  EXPECT_EQ(r.rows[0].seed.p95_ms, 4.5);
  EXPECT_TRUE(std::isnan(r.rows[0].row.mean_ms));
  EXPECT_TRUE(r.problems.empty());
}

TEST(AnalyzedRows, TakeTheOriginsFormulaFromWeirsOwnColumns) {
  const auto r = read(
      "epoch_sec,batch_events,p95_latency_ms,seed_p95_latency_ms,committed_us\n"
      "100,10,700,500,100250000\n");
  ASSERT_EQ(r.rows.size(), 1u);
  EXPECT_EQ(r.rows[0].row.p95_ms, 700);
  EXPECT_EQ(r.rows[0].seed.p95_ms, 500);
  EXPECT_EQ(r.rows[0].committed_us, 100250000);
}

TEST(AnalyzedRows, ThatCannotBeReadAreNamed) {
  EXPECT_THAT(read("").problems, ElementsAre("f.csv: empty, skipped"));
  EXPECT_THAT(read("\n\r\n").problems, ElementsAre("f.csv: empty, skipped"));
  EXPECT_THAT(read("a,b\n1,2\n").problems, ElementsAre("f.csv: no column epoch_sec, skipped"));
  EXPECT_THAT(read(kHeader + "1,inf,3,4,5,6,7\n1,2\n").problems,
              ElementsAre(HasSubstr("2 rows without epoch_sec")));
  EXPECT_EQ(read(kHeader + " 1, +2 ,3e0,,5,6,7").rows.size(), 1u);
}

TEST(AnalyzedRows, SurviveAnyBytes) {
  std::mt19937 random(11);
  const std::string alphabet = "0123456789.,,,\n\"-e+n a\r";
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = i % 2 ? kHeader : "";
    for (size_t n = random() % 300; n > 0; --n) bytes += alphabet[random() % alphabet.size()];
    for (const BatchRecord& r : read(bytes).rows) EXPECT_TRUE(r.row.usable());
  }
}

TEST(AnalyzedTable, WritesNumbersAsPandas) {
  EXPECT_EQ(pandas_text(1000), "1000.0");
  EXPECT_EQ(pandas_text(1000.1428571428571), "1000.1428571428571");
  EXPECT_EQ(pandas_text(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(pandas_text(1e22), "1e+22");
  EXPECT_EQ(pandas_text(std::nan("")), "");
}

TEST(AnalyzedTable, QuotesInCsvAndHidesEmptyColumnsInText) {
  const AnalyzedTable table{"t",
                            "A table",
                            {"name", "value", "nothing"},
                            {{std::string("a, \"b\""), int64_t(7), std::nan("")}}};
  EXPECT_EQ(table.csv(), "name,value,nothing\n\"a, \"\"b\"\"\",7,\n");
  EXPECT_THAT(table.text(), HasSubstr("value"));
  EXPECT_THAT(table.text(), testing::Not(HasSubstr("nothing")));
}

BatchRecords every(double seconds, int rows, double events) {
  BatchRecords records;
  for (int i = 0; i < rows; ++i) {
    BatchRecord r;
    r.row = {.batch_id = double(i),
             .epoch_sec = 1000 + seconds * i,
             .batch_events = events,
             .mean_ms = 2500,
             .p50_ms = 2500,
             .p95_ms = 4750,
             .p99_ms = 4950};
    r.seed = r.row;
    records.rows.push_back(r);
  }
  return records;
}

TEST(Correction, DividesByTheClockAndKnowsItsUncertainty) {
  // Batches of 10 s under a configured trigger of 5 s: the origin reports twice the rate.
  const WindowedRun run = window_run(every(10, 12, 1000), {0, 240, 5});
  EXPECT_DOUBLE_EQ(run.seed.throughput_mean, 200);
  EXPECT_DOUBLE_EQ(run.eps, 100);
  EXPECT_DOUBLE_EQ(run.reported_over_measured, 2);
  EXPECT_DOUBLE_EQ(run.eps_low, 11000.0 / 111);
  EXPECT_DOUBLE_EQ(run.eps_high, 11000.0 / 109);
  EXPECT_EQ(run.interval_s, 10);
  EXPECT_EQ(run.late, 11);
  EXPECT_EQ(run.run_s, 110);
  EXPECT_FALSE(run.fell_back);
}

TEST(Correction, KnowsThePercentilesOfABareTrigger) {
  stats::SeedSummary s;
  s.p50_ms = 2480, s.p95_ms = 4700, s.p99_ms = 4990;
  EXPECT_EQ(p95_meaning(s, 5), "trigger only");
  EXPECT_EQ(p95_meaning(s, 2), "above the trigger");
  EXPECT_EQ(p95_meaning(s, 8), "below it");
  EXPECT_EQ(p95_meaning({}, 5), "");
}

TEST(Correction, ReadsAGapForWhatItWas) {
  BatchRecords records = every(5, 30, 1000);
  for (size_t i = 20; i < 30; ++i) records.rows[i].row.epoch_sec += 60;
  for (size_t i = 20; i < 23; ++i) records.rows[i].row.p95_ms = 60'000 / double(i - 18);
  for (BatchRecord& r : records.rows) r.seed = r.row;
  records.rows[20].row.batch_id = 19;
  const auto reading = read_recovery(records);
  ASSERT_TRUE(reading);
  EXPECT_EQ(reading->seed.gap_s, 65);
  EXPECT_EQ(reading->usual_gap_s, 5);
  EXPECT_EQ(reading->p95_before_ms, 4750);
  EXPECT_EQ(reading->caught_up_s, 65 + 3 * 5);
  EXPECT_EQ(reading->repeated_batches, 1);
  EXPECT_EQ(reading->missing_batches, 1);
  EXPECT_FALSE(read_recovery(every(5, 1, 1)));
}

TEST(Correction, SurvivesRowsThatSayNothing) {
  EXPECT_EQ(window_run({}, {}).seed.batches, 0);
  EXPECT_TRUE(std::isnan(window_run(every(0, 8, 5), {0, 240, 5}).eps));
}

}  // namespace
}  // namespace weir::report
