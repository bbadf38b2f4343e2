// Where progress is read from, and the bookkeeping of what it passed.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "weir/checkpoint/format.h"
#include "weir/lab/input_ages.h"
#include "weir/lab/progress_source.h"
#include "weir/sys/clock.h"

namespace weir::lab {
namespace {
namespace fs = std::filesystem;

const Nanos kDue = nanos_from_millis(1'700'000'000'000);

class ProgressTest : public testing::Test {
 protected:
  ProgressTest() {
    std::string name = (fs::temp_directory_path() / "weir-progress-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    context_.topic = "t";
    context_.partitions = 2;
    context_.environment["WEIR_CHECKPOINT"] = folder_ + "/checkpoint";
    context_.log = folder_ + "/progress.log";
  }
  ~ProgressTest() override { fs::remove_all(folder_); }
  void write(const std::string& name, const std::string& text) const {
    fs::create_directories(fs::path(folder_ + "/" + name).parent_path());
    std::ofstream(folder_ + "/" + name) << text;
  }
  void commit(int64_t batch, const checkpoint::Positions& ends, const std::string& topic = "t") {
    checkpoint::Plan plan;
    plan.topic = topic;
    plan.ends = ends;
    plan.timestamp_ms = 1000 * batch;
    write("checkpoint/offsets/" + std::to_string(batch), checkpoint::plan_text(plan));
    write("checkpoint/commits/" + std::to_string(batch), checkpoint::commit_text(0));
  }
  // Reads until `n` readings came, for a bounded time.
  static std::vector<ProgressReading> read(ProgressSource& source, size_t n) {
    SystemClock clock(Anchor::take());
    const Nanos end = clock.now() + nanos_from_seconds(20);
    std::vector<ProgressReading> all;
    while (all.size() < n && clock.now() < end) {
      if (auto some = source.read()) all.insert(all.end(), some->begin(), some->end());
      clock.sleep_until(clock.now() + nanos_from_millis(1));
    }
    return all;
  }
  std::string folder_;
  ProgressContext context_;
};

using Committed = std::map<int32_t, int64_t>;

TEST_F(ProgressTest, ACheckpointTellsEachBatchOnce) {
  auto source = open_progress("checkpoint:", context_).value();
  EXPECT_EQ(source->read()->size(), 0u);
  EXPECT_FALSE(*source->at_work());
  write("checkpoint/sources/0/0", "x");
  EXPECT_TRUE(*source->at_work());
  commit(0, {{0, 5}});
  commit(1, {{0, 7}, {1, 2}});
  write("checkpoint/commits/.2.crc", "x");
  const auto readings = source->read().value();
  ASSERT_EQ(readings.size(), 2u);
  EXPECT_EQ(readings[1].batch, 1);
  EXPECT_EQ(readings[1].committed, (Committed{{0, 7}, {1, 2}}));
  EXPECT_EQ(readings[1].planned, nanos_from_millis(1000));
  EXPECT_EQ(source->read()->size(), 0u);
  commit(2, {{0, 9}});
  EXPECT_EQ(source->read()->at(0).batch, 2);
}

TEST_F(ProgressTest, ACheckpointOfAnotherTopicIsRefused) {
  commit(0, {{0, 5}}, "other");
  const auto read = open_progress("checkpoint:${WEIR_CHECKPOINT}", context_).value()->read();
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::kUsage);
}

TEST_F(ProgressTest, ACommandTellsALineAtATimeAndIsStartedAgain) {
  auto source =
      open_progress("command:echo '{\"0\": 1}'; echo '{\"0\": 2, \"1\": 4}'", context_).value();
  const auto readings = read(*source, 3);
  ASSERT_GE(readings.size(), 3u);
  EXPECT_EQ(readings[1].committed, (Committed{{0, 2}, {1, 4}}));
  EXPECT_EQ(readings[2].committed, (Committed{{0, 1}}));
  EXPECT_TRUE(*source->at_work());
}

TEST_F(ProgressTest, OnlyKnownSourcesAreTaken) {
  for (const char* text : {"", "output", "group:", "command:", "topic:x"}) {
    const auto source = open_progress(text, context_);
    ASSERT_FALSE(source) << text;
    EXPECT_EQ(source.error().code, Code::kUsage);
  }
  EXPECT_TRUE(open_progress("group:orders", context_));
}

TEST(ProgressLine, IsAnObjectOfPartitions) {
  EXPECT_EQ(parse_progress_line(R"({"0": 12, "11": 9, "time": "x"})")->committed,
            (Committed{{0, 12}, {11, 9}}));
  for (const char* line : {"", "12", "[1]", R"({"0": "12"})", R"({"0": 1.5})", "{\"0\": 1"})
    EXPECT_EQ(parse_progress_line(line).error().code, Code::kCorrupt) << line;
}

TEST(Expand, ReplacesKnownNamesOnly) {
  const std::map<std::string, std::string> names{{"WEIR_A", "x"}, {"WEIR_AB", "y"}};
  EXPECT_EQ(expand("/$WEIR_A/${WEIR_AB}z/$WEIR_AB", names), "/x/yz/y");
  EXPECT_EQ(expand("$HOME ${WEIR_A $ $", names), "$HOME ${WEIR_A $ $");
}

TEST(InputAges, PassesEachOffsetOnceWithItsDueTime) {
  InputAges ages;
  for (int64_t i = 0; i < 10; ++i) ages.add(0, i, kDue + nanos_from_micros(i * 400));
  ages.add(1, 100, kDue);
  EXPECT_EQ(ages.read_up_to(0), 10);
  EXPECT_EQ(ages.read_up_to(2), 0);
  int64_t counted = 0;
  Nanos newest;
  const auto count = [&](Nanos due, int64_t n) { counted += n, newest = std::max(newest, due); };
  ages.pass(0, 4, count);
  EXPECT_EQ(counted, 4);
  ages.pass(0, 3, count);  // a commit that went back
  EXPECT_EQ(counted, 4);
  ages.pass(0, 100, count);
  EXPECT_EQ(counted, 10);
  EXPECT_LT(newest, kDue + nanos_from_millis(4));
  EXPECT_GE(newest, kDue + nanos_from_millis(3));
  ages.pass(1, 100, count);
  EXPECT_EQ(counted, 10);
  ages.pass(1, 101, count);
  EXPECT_EQ(counted, 11);
}

TEST(BatchesCsv, HasTheOriginsFigureFromBatchStartInWholeSeconds) {
  SeenBatch batch{4, kDue + nanos_from_millis(300), kDue + nanos_from_millis(1300), {}};
  batch.latency.record(2'000'000, 10);  // due 700 ms before the whole second of its start
  const std::string text = batches_csv({batch}, nanos_from_seconds(1), "");
  EXPECT_NE(text.find("\n4,1700000000,10,2000."), std::string::npos) << text;
  EXPECT_NE(text.find(",700."), std::string::npos) << text;
  EXPECT_TRUE(text.ends_with(",1000.000\n")) << text;
}

}  // namespace
}  // namespace weir::lab
