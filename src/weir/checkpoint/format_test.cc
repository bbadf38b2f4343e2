#include "weir/checkpoint/format.h"

#include <gtest/gtest.h>

namespace weir::checkpoint {
namespace {

TEST(ScalaOrder, IsThatOfScala212ForTheKnownSizes) {
  EXPECT_EQ(scala_order({0, 1, 2}), (std::vector<int32_t>{2, 1, 0}));
  EXPECT_EQ(scala_order({0, 1, 2, 3, 4, 5}), (std::vector<int32_t>{2, 5, 4, 1, 3, 0}));
  EXPECT_EQ(scala_order({0, 1, 2, 3, 4, 5, 6, 7, 8, 9}),
            (std::vector<int32_t>{8, 2, 5, 4, 7, 1, 9, 3, 6, 0}));
}

TEST(ScalaOrder, KeepsEveryKeyWhenTheTableGrows) {
  std::vector<int32_t> keys;
  for (int32_t i = 0; i < 100; ++i) keys.push_back(i);
  auto order = scala_order(keys);
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, keys);
}

TEST(PlanText, IsWhatSparkWrites) {
  Plan plan{"events_topic", {{0, 12}, {1, 9}, {2, 7}}, 0, 1700000000000, {{"spark.a", "1"}}};
  EXPECT_EQ(plan_text(plan),
            "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1700000000000,"
            "\"conf\":{\"spark.a\":\"1\"}}\n{\"events_topic\":{\"2\":7,\"1\":9,\"0\":12}}");
}

TEST(PlanText, ReadsBackWithSparksConfigurationByDefault) {
  const auto plan = parse_plan(plan_text({"t", {{0, 1}, {11, 5}}, 3, 4, {}}), "offsets/0");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->topic, "t");
  EXPECT_EQ(plan->ends, (Positions{{0, 1}, {11, 5}}));
  EXPECT_EQ(plan->watermark_ms, 3);
  EXPECT_EQ(plan->timestamp_ms, 4);
  EXPECT_EQ(plan->conf.at("spark.sql.shuffle.partitions"), "200");
}

TEST(PlanText, ReadsAFileOfSpark) {
  const auto plan = parse_plan(
      "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1732280000123,\"conf\":"
      "{\"spark.sql.streaming.stateStore.providerClass\":\"org.apache.spark.sql.execution."
      "streaming."
      "state.HDFSBackedStateStoreProvider\",\"spark.sql.shuffle.partitions\":\"200\"}}\n"
      "{\"events_topic\":{\"2\":332,\"1\":333,\"0\":335}}",
      "offsets/3");
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->ends, (Positions{{0, 335}, {1, 333}, {2, 332}}));
}

TEST(PlanText, SaysWhatIsWrongWithEveryCutOfAFile) {
  const std::string whole = plan_text({"t", {{0, 10}, {1, 20}}, 0, 5, {}});
  for (size_t size = 0; size < whole.size(); ++size) {
    const auto plan = parse_plan(whole.substr(0, size), "offsets/7");
    ASSERT_FALSE(plan) << size;
    EXPECT_EQ(plan.error().code, Code::kCorrupt);
    EXPECT_FALSE(plan.error().why.empty());
  }
}

TEST(PlanText, RefusesOffsetsThatAreNone) {
  for (const char* offsets : {"{\"t\":{\"0\":-5}}", "{\"t\":{\"x\":5}}", "{\"t\":{\"0\":\"5\"}}",
                              "-", "{\"t\":{},\"u\":{}}", "[]"})
    EXPECT_FALSE(parse_plan(std::string("v1\n{}\n") + offsets, "offsets/0")) << offsets;
}

TEST(CommitText, Is29BytesAndOldOnesAreRead) {
  EXPECT_EQ(commit_text(0), "v1\n{\"nextBatchWatermarkMs\":0}");
  EXPECT_EQ(commit_text(0).size(), 29u);
  EXPECT_TRUE(check_commit("v1\n{}", "commits/0"));
  EXPECT_FALSE(check_commit("", "commits/0"));
  EXPECT_FALSE(check_commit("v1\n{\"next", "commits/0"));
}

TEST(InitialText, StartsWithAZeroByte) {
  const std::string text = initial_text("t", {{0, 3}});
  EXPECT_EQ(text, std::string("\0v1\n{\"t\":{\"0\":3}}", 17));
  const auto back = parse_initial(text, "sources/0/0");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->second, (Positions{{0, 3}}));
}

TEST(Sidecar, IsHadoopsChecksumFile) {
  // CRC-32 of "123456789" is cbf43926.
  EXPECT_EQ(sidecar_of("123456789"), std::string("crc\0\0\0\2\0\xcb\xf4\x39\x26", 12));
  EXPECT_EQ(sidecar_of(std::string(513, 'x')).size(), 8u + 2 * 4);
}

TEST(Uuid, IsVersion4AndNew) {
  const auto a = random_uuid(), b = random_uuid();
  EXPECT_TRUE(is_uuid(a));
  EXPECT_EQ(a[14], '4');
  EXPECT_NE(a, b);
  EXPECT_FALSE(is_uuid("not-a-uuid"));
}

}  // namespace
}  // namespace weir::checkpoint
