// The same stored topic through weir's engine and through Spark: the same keys and values, as
// often.
#include <gmock/gmock.h>

#include <map>

#include "tests/spark/spark_fixture.h"
#include "weir/engine/batch_row.h"
#include "weir/kafka/consumer.h"
#include "weir/kafka/producer.h"
#include "weir/spark/batch_files.h"

namespace weir::peer {
namespace {

const std::string kId = "01a204a0-afcb-70d2-85f7-00000000000";

// Events as they come, and what else a topic may hold.
std::vector<std::optional<std::string>> stored_values() {
  const auto event = [](const std::string& id, const std::string& rest) {
    return R"({"event_id": ")" + id + "\"" + rest + "}";
  };
  const std::string usual =
      R"(, "created_ts": 1700000012468, "user_id": 2345, "event_type": "view", "value": 34.5)";
  return {
      event(kId + "0", usual),
      event(kId + "1", usual + R"(, "payload": "xxx")"),
      event(kId + "1", usual),  // a duplicate
      event("an id of somebody else", usual),
      event("", usual),
      event("ключ-鍵-🔑", R"(, "event_type": "Ä\"\\\n\u0007\u00e9é")"),
      event("\\u006b\\u0065y", R"(, "value": 100)"),
      event(kId + "2", R"(, "user_id": null, "value": 0.1)"),
      event(kId + "3", R"(, "user_id": "text", "value": 7.25)"),
      event(kId + "4", R"(, "user_id": 3000000000, "created_ts": 12.5)"),
      event(kId + "5", R"(, "unknown": {"nested": [1, {"event_id": "x"}]})"),
      event(kId + "6", R"(, "value": 1e300, "event_type": "")"),
      event(kId + "7", R"(, "user_id": 1, "user_id": 2)"),
      " \t" + event(kId + "8", usual) + "\r\n ",
      R"({"user_id": 5, "event_id" :  "late and spaced"})",
      std::nullopt,
      "",
      "null",
      "not json",
      "[]",
      "7",
      "\"text\"",
      "{}",
      event(kId + "9", usual) + " and more",
      event(kId + "9", usual) + "}",
      event(kId + "9", usual) + event(kId + "9", usual),
      "[" + event(kId + "9", usual) + "]",
      event(kId + "9", usual).substr(0, 60),
      R"({"event_id": null, "user_id": 1})",
      R"({"event_id": 7, "user_id": 1})",
      R"({"event_id": true})",
      R"({"event_id": {"a": 1}})",
      R"({"event_id": ["a"]})",
      R"({"created_ts": 1700000012468, "user_id": 2345})",
  };
}

void store(const lab::Query& query, const std::vector<std::optional<std::string>>& values) {
  auto producer = kafka::Producer::open(query.client, query.topic, {});
  ASSERT_TRUE(producer);
  uint64_t tag = 0;
  for (const auto& value : values) {
    kafka::Record record;
    if (value) record.value = *value;
    if (value && value->empty()) record.value = std::string_view("", 0);
    const PartitionId partition(int32_t(tag) % query.partitions);
    ASSERT_EQ((*producer)->send(partition, {&record, 1}, tag++), 1u);
  }
  uint64_t acked = 0;
  const auto turn = [&] {
    (*producer)->poll(nanos_from_millis(20), [&](const kafka::DeliveryReport& report) {
      if (report.delivery == kafka::Delivery::kAcked) acked += report.count;
    });
    return acked == values.size();
  };
  ASSERT_TRUE(wait_until(turn, nanos_from_seconds(30)));
}

using Outputs = std::map<std::pair<std::string, std::string>, int>;

Outputs read_events(const lab::Query& query, const std::string& topic, size_t expected) {
  Outputs found;
  auto consumer = kafka::Consumer::open(query.client, topic, {});
  EXPECT_TRUE(consumer);
  for (int32_t p = 0; p < query.partitions; ++p)
    EXPECT_TRUE((*consumer)->assign(PartitionId(p), Offset(0)));
  size_t events = 0;
  const auto turn = [&] {
    auto runs = (*consumer)->poll(nanos_from_millis(100), 10'000);
    EXPECT_TRUE(runs);
    for (const auto& run : *runs)
      for (size_t i = 0; i < run.records.size(); ++i) {
        const auto& record = run.records[i];
        if (record.value.data() == nullptr) continue;  // a fence
        ++found[{std::string(record.key), std::string(record.value)}];
        ++events;
      }
    return runs->empty() && events >= expected;
  };
  EXPECT_TRUE(wait_until(turn, nanos_from_seconds(60))) << events << " of " << expected;
  return found;
}

TEST_F(Spark, ForwardGivesWhatTheNativeEngineGives) {
  auto query = this->query("differential", "forward");
  const auto where = place("differential");
  store(query, stored_values());
  constexpr size_t kEvents = 15;

  auto observer = start(*world_.spark, query, where);
  ASSERT_TRUE(observer) << to_text(observer.error());
  const auto spark = read_events(query, query.output_topic, kEvents);
  world_.spark->stop_query();
  (*observer)->stop();

  query.output_topic = "differential.native";
  ASSERT_EQ(run_weir({"topic", "create", "-b", query.client.brokers, "-t", query.output_topic, "-p",
                      std::to_string(query.partitions)}),
            0);
  Spawn spawn;
  spawn.arguments = {WEIR_PROGRAM,
                     "stream",
                     "-b",
                     query.client.brokers,
                     "--topic",
                     query.topic,
                     "--output-topic",
                     query.output_topic,
                     "--checkpoint",
                     where.data + "/native",
                     "--workload",
                     "forward",
                     "--trigger",
                     "100 ms",
                     "--starting-offsets",
                     "earliest",
                     "--quiet",
                     "--outdir",
                     where.data + "/native-out"};
  auto native_engine = Child::start(spawn);
  ASSERT_TRUE(native_engine);
  const auto native = read_events(query, query.output_topic, kEvents);
  native_engine->stop(nanos_from_seconds(5));

  EXPECT_EQ(native.size(), kEvents - 1) << "one event came twice";
  EXPECT_THAT(spark, testing::ContainerEq(native));
}

TEST(BatchesCsv, HasTheSameColumnsFromBothEngines) {
  EXPECT_STREQ(spark::batch_header(), engine::BatchRow::header());
}

}  // namespace
}  // namespace weir::peer
