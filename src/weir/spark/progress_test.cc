// Records as Spark 3.5.7 gave them (testdata/), and what is made of them.
#include "weir/spark/progress.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "weir/spark/batch_files.h"
#include "weir/spark/stream_plan.h"

namespace weir::spark {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

std::string stored(const std::string& name) {
  std::ifstream in(std::filesystem::path(__FILE__).parent_path() / "testdata" / name);
  return std::string((std::istreambuf_iterator<char>(in)), {});
}

TEST(Progress, ReadsTheRecordsOfConnect) {
  const auto progress = parse_progress(stored("progress_metrics.json"));
  ASSERT_TRUE(progress);
  EXPECT_EQ(progress->query, "052156cb-70e1-4d9b-86c5-b075e50708b4");
  EXPECT_EQ(progress->batch, 0);
  EXPECT_TRUE(progress->executed);
  EXPECT_EQ(progress->rows, 400);
  EXPECT_EQ(progress->timestamp_ms, 1795374261824);
  EXPECT_EQ(progress->took_ms.trigger_execution, 2243);
  EXPECT_EQ(progress->took_ms.commit_offsets, 141);
  EXPECT_EQ(progress->done_ms(), 1795374261824 + 2243 - 141);
  EXPECT_THAT(progress->start, IsEmpty());
  EXPECT_THAT(progress->end, UnorderedElementsAre(Pair(0, 200), Pair(1, 200)));
  ASSERT_TRUE(progress->observed);
  EXPECT_EQ(progress->observed->rows, 400);
  EXPECT_EQ(progress->observed->malformed, 0);
  EXPECT_EQ(progress->observed->reference_ms, 1795374261895);
  EXPECT_DOUBLE_EQ(progress->observed->age_mean_ms, 1778.5);
  EXPECT_EQ(progress->observed->ages.size(), 60u);
  ASSERT_EQ(progress->observed->lanes.size(), 2u);
  EXPECT_EQ(progress->observed->lanes[0].count, 200);
  EXPECT_EQ(progress->observed->lanes[1].count, 200);
}

TEST(Progress, ReadsTheSameBatchInBothShapes) {
  const auto connect = parse_progress(stored("progress_connect.json"));
  const auto classic = parse_progress(stored("progress_classic.json"));
  ASSERT_TRUE(connect);
  ASSERT_TRUE(classic);
  EXPECT_EQ(classic->query, connect->query);
  EXPECT_EQ(classic->run, connect->run);
  EXPECT_EQ(classic->batch, connect->batch);
  EXPECT_EQ(classic->timestamp_ms, connect->timestamp_ms);
  EXPECT_EQ(classic->rows, connect->rows);
  EXPECT_EQ(classic->start, connect->start);
  EXPECT_EQ(classic->end, connect->end);
  EXPECT_EQ(classic->latest, connect->latest);
  EXPECT_EQ(classic->committed_ms(), connect->committed_ms());
  ASSERT_TRUE(classic->observed);
  ASSERT_TRUE(connect->observed);
  EXPECT_EQ(classic->observed->rows, 300'000);
  EXPECT_EQ(classic->observed->rows, connect->observed->rows);
  EXPECT_EQ(classic->observed->reference_ms, connect->observed->reference_ms);
  EXPECT_DOUBLE_EQ(classic->observed->age_mean_ms, connect->observed->age_mean_ms);
  EXPECT_THAT(classic->observed->lanes, IsEmpty());
}

TEST(Progress, KnowsAnIdleTriggerFromABatch) {
  const auto progress = parse_progress(stored("progress_idle.json"));
  ASSERT_TRUE(progress);
  EXPECT_FALSE(progress->executed);
  EXPECT_EQ(progress->batch, 1) << "the number of the batch to come";
  EXPECT_FALSE(progress->observed);
}

TEST(Progress, GivesEachRecordOnce) {
  ProgressFilter filter;
  auto progress = parse_progress(stored("progress_connect.json")).value();
  EXPECT_TRUE(filter.is_new(progress));
  EXPECT_FALSE(filter.is_new(progress));
  progress.run = "another run of the same batch";
  EXPECT_TRUE(filter.is_new(progress));
}

TEST(Progress, RefusesWhatIsNoRecord) {
  EXPECT_FALSE(parse_progress(""));
  EXPECT_FALSE(parse_progress("[]"));
  EXPECT_FALSE(parse_progress("{}"));
  EXPECT_FALSE(
      parse_progress(R"({"runId":"r","timestamp":"yesterday","batchId":1,"durationMs":{}})"));
  const std::string whole = stored("progress_metrics.json");
  for (size_t size = 0; size < whole.size() - 2; size += 7)
    EXPECT_FALSE(parse_progress(std::string_view(whole).substr(0, size)));
}

TEST(Progress, SurvivesFieldsOfOtherTypes) {
  const auto progress = parse_progress(
      R"({"id":7,"runId":"r","timestamp":"2026-11-22T19:04:21.824Z","batchId":3,)"
      R"("durationMs":{"addBatch":"x"},"sources":[{"endOffset":"{not json","numInputRows":"Infinity"},4],)"
      R"("observedMetrics":{"weir":{"values":[1],"schema":{"fields":[{"name":"rows"},{"name":"b0"}]}}}})");
  ASSERT_TRUE(progress);
  EXPECT_TRUE(progress->executed);
  EXPECT_EQ(progress->rows, 0);
  EXPECT_THAT(progress->end, IsEmpty());
  EXPECT_EQ(progress->observed->rows, 1);
}

TEST(Progress, ReadsTimestampsOfUtc) {
  EXPECT_EQ(parse_timestamp("1970-01-01T00:00:00.001Z"), 1);
  EXPECT_EQ(parse_timestamp("2024-02-29T12:34:56.789Z"), 1709210096789);
  EXPECT_FALSE(parse_timestamp("2023-02-29T12:34:56.789Z"));
  EXPECT_FALSE(parse_timestamp("2024-02-29T12:34:56Z"));
  EXPECT_FALSE(parse_timestamp(""));
}

TEST(BatchRow, TellsTrueAndTheOriginsLatency) {
  const auto progress = parse_progress(stored("progress_connect.json")).value();
  // Without buckets the mean alone is known. Reference 104295, done 109377, second 104000.
  EXPECT_EQ(batch_row(progress, 2, nanos_from_seconds(1), Nanos(0)),
            "2,1795374104,300000,139715.358,,,,134338.358,,,,2,1000,1795374104271000,"
            "1795374104294000,1795374109377000,1795374109377000,1795374109444000,5173.000,0,0,"
            "1100000,23000,81000,0,0,67000,714b22b9-0e70-42a4-a1ec-189d944be1cd");
}

TEST(BatchRow, GivesQuantilesAsBounds) {
  const std::vector<int64_t> bounds = {0, 10, 20, 40};
  EXPECT_EQ(age_quantile({0, 0, 0}, bounds, 0.5), 0);
  EXPECT_EQ(age_quantile({1, 0, 0}, bounds, 0.5), 10);
  EXPECT_EQ(age_quantile({50, 49, 1}, bounds, 0.5), 10);
  EXPECT_EQ(age_quantile({50, 49, 1}, bounds, 0.99), 20);
  EXPECT_EQ(age_quantile({50, 49, 1}, bounds, 1), 40);
}

TEST(BatchFiles, KeepOneLinePerBatchAndEveryRecord) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("weir-batch-files-" + checkpoint::random_uuid());
  std::filesystem::create_directories(folder);
  auto disk = real_disk();
  const std::string json = stored("progress_connect.json");
  const auto progress = parse_progress(json).value();
  auto idle = parse_progress(stored("progress_idle.json")).value();
  auto files = BatchFiles::create(*disk, folder.string(), nanos_from_seconds(1));
  ASSERT_TRUE(files);
  files->add(json, progress, Nanos(5), 1, Nanos(0));
  files->add(json, progress, Nanos(6), 2, Nanos(0));
  files->add(stored("progress_idle.json"), idle, Nanos(7), 2, Nanos(0));
  EXPECT_EQ(files->error(), "");
  const std::string rows = disk->read(folder.string() + "/batches.csv").value();
  EXPECT_EQ(std::count(rows.begin(), rows.end(), '\n'), 2);
  EXPECT_THAT(rows, HasSubstr("\n2,1795374104,300000,"));
  const std::string records = disk->read(folder.string() + "/spark-progress.jsonl").value();
  EXPECT_EQ(std::count(records.begin(), records.end(), '\n'), 3);
  EXPECT_THAT(records, HasSubstr("{\"time_ns\":6,\"attempt\":2,\"record\":{"));
  std::filesystem::remove_all(folder);
}

TEST(AgeBounds, CoverADayInSixtyBuckets) {
  for (const Nanos trigger : {Nanos(0), nanos_from_millis(200), nanos_from_seconds(1),
                              nanos_from_seconds(5), nanos_from_seconds(3600)}) {
    const auto bounds = age_bounds(trigger);
    ASSERT_EQ(bounds.size(), 61u);
    EXPECT_EQ(bounds.front(), 0);
    EXPECT_NEAR(double(bounds.back()), 86'400'000, 60'000);
    for (size_t i = 1; i < bounds.size(); ++i) EXPECT_GT(bounds[i], bounds[i - 1]);
  }
  EXPECT_EQ(age_bounds(nanos_from_seconds(1))[30], 1000);
}

}  // namespace
}  // namespace weir::spark
