// Producer, consumer and admin against a mock cluster: what the contracts in the headers say.
#include <gtest/gtest.h>

#include <chrono>

#include "weir/kafka/admin.h"
#include "weir/kafka/consumer.h"
#include "weir/kafka/mock_cluster_test.h"
#include "weir/kafka/patience_test.h"
#include "weir/kafka/producer.h"

namespace weir::kafka {
namespace {

using std::chrono::steady_clock;
const Nanos kPollLimit = nanos_from_millis(50);

struct Fate {
  uint64_t acked = 0, failed = 0, unknown = 0;
  uint64_t total() const { return acked + failed + unknown; }
};

class ClientTest : public testing::TestWithParam<std::string> {
 protected:
  ClientTest() { cluster_.create_topic("t", 3); }
  ClientConfig client() const {
    return {cluster_.brokers(), {{"weir.client", GetParam()}}, "test"};
  }
  std::unique_ptr<Producer> producer(ProducerOptions options = {}) {
    auto opened = Producer::open(client(), "t", options);
    EXPECT_TRUE(opened) << to_text(opened.error());
    return std::move(*opened);
  }
  std::unique_ptr<Consumer> consumer(ConsumerOptions options = {}) {
    auto opened = Consumer::open(client(), "t", options);
    EXPECT_TRUE(opened) << to_text(opened.error());
    return std::move(*opened);
  }
  static Fate settle_all(Producer& producer) {
    Fate fate;
    const auto end = steady_clock::now() + kPatience;
    while (producer.in_flight() > 0 && steady_clock::now() < end)
      producer.poll(kPollLimit, [&](const DeliveryReport& report) {
        (report.delivery == Delivery::kAcked    ? fate.acked
         : report.delivery == Delivery::kFailed ? fate.failed
                                                : fate.unknown) += report.count;
      });
    return fate;
  }
  static uint64_t send_values(Producer& producer, int partition, uint64_t first, size_t n) {
    std::vector<std::string> texts;
    std::vector<Record> records;
    for (size_t i = 0; i < n; ++i) texts.push_back("v" + std::to_string(first + i));
    for (const auto& text : texts) records.push_back({.value = text});
    return producer.send(PartitionId(partition), records, first);
  }
  // Reads until `n` records of `partition` came; their values.
  static std::vector<std::string> read_values(Consumer& consumer, int partition, size_t n) {
    std::vector<std::string> values;
    const auto end = steady_clock::now() + kPatience;
    while (values.size() < n && steady_clock::now() < end) {
      auto runs = consumer.poll(PartitionId(partition), kPollLimit, n - values.size());
      EXPECT_TRUE(runs);
      if (!runs) break;
      for (const auto& run : *runs)
        for (const auto& record : run.records) values.emplace_back(record.value);
    }
    return values;
  }

  MockCluster cluster_;
};

TEST_P(ClientTest, EveryAcceptedRecordIsSettledOnceAndInOrder) {
  auto to = producer();
  EXPECT_EQ(to->partitions(), 3);
  EXPECT_EQ(send_values(*to, 1, 0, 5000), 5000u);
  EXPECT_EQ(to->in_flight(), 5000u);
  uint64_t next = 0;
  const auto end = steady_clock::now() + kPatience;
  while (to->in_flight() > 0 && steady_clock::now() < end)
    to->poll(kPollLimit, [&](const DeliveryReport& report) {
      EXPECT_EQ(report.partition, PartitionId(1));
      EXPECT_EQ(report.delivery, Delivery::kAcked);
      EXPECT_EQ(report.tag_first, next);
      EXPECT_EQ(report.offset_first, int64_t(next));
      next += report.count;
    });
  EXPECT_EQ(next, 5000u);
}

TEST_P(ClientTest, RecordsComeBackInOrderWithKeyTimestampAndHeaders) {
  auto to = producer();
  const Header headers[] = {{"weir-kind", "event"}, {"weir-batch", "7"}};
  const Record record{
      .key = "k", .value = "v", .headers = headers, .timestamp_ms = 1'700'000'000'123};
  const Record tombstone{.key = "k"};
  ASSERT_EQ(to->send(PartitionId(0), std::span(&record, 1), 0), 1u);
  ASSERT_EQ(to->send(PartitionId(0), std::span(&tombstone, 1), 1), 1u);
  EXPECT_EQ(settle_all(*to).acked, 2u);

  auto from = consumer();
  ASSERT_TRUE(from->assign(PartitionId(0), Offset(0)));
  size_t seen = 0;
  const auto end = steady_clock::now() + kPatience;
  while (seen < 2 && steady_clock::now() < end) {
    const auto runs = from->poll(kPollLimit, 10);
    ASSERT_TRUE(runs);
    for (const auto& run : *runs)
      for (size_t i = 0; i < run.records.size(); ++i, ++seen) {
        const auto& got = run.records[i];
        EXPECT_EQ(got.offset, Offset(int64_t(seen)));
        EXPECT_EQ(got.key, "k");
        if (seen == 1) {
          EXPECT_EQ(got.value.data(), nullptr);
          EXPECT_TRUE(from->headers(run, i).empty());
          continue;
        }
        EXPECT_EQ(got.value, "v");
        EXPECT_EQ(got.timestamp_ms, 1'700'000'000'123);
        const auto found = from->headers(run, i);
        ASSERT_EQ(found.size(), 2u);
        EXPECT_EQ(found[0].first, "weir-kind");
        EXPECT_EQ(found[0].second, "event");
        EXPECT_EQ(found[1].second, "7");
      }
  }
  EXPECT_EQ(seen, 2u);
}

TEST_P(ClientTest, AFullQueueTakesAPrefixAndRefusesTheRest) {
  auto to = producer({.queue_records_max = 100});
  cluster_.set_down();
  EXPECT_EQ(send_values(*to, 0, 0, 150), 100u);
  EXPECT_EQ(send_values(*to, 1, 0, 1), 0u);
  cluster_.set_up();
  EXPECT_EQ(settle_all(*to).acked, 100u);
  EXPECT_EQ(send_values(*to, 0, 100, 50), 50u);
  EXPECT_EQ(settle_all(*to).acked, 50u);
}

TEST_P(ClientTest, ABrokerThatGoesAndComesBackLosesNothing) {
  auto to = producer();
  auto from = consumer();
  ASSERT_TRUE(from->assign(PartitionId(2), Offset(0)));
  send_values(*to, 2, 0, 1000);
  EXPECT_EQ(settle_all(*to).acked, 1000u);
  EXPECT_EQ(read_values(*from, 2, 1000).size(), 1000u);
  EXPECT_TRUE(from->connected());
  cluster_.set_down();
  send_values(*to, 2, 1000, 1000);
  const auto end = steady_clock::now() + kPatience;
  while (from->connected() && steady_clock::now() < end) EXPECT_TRUE(from->poll(kPollLimit, 10));
  EXPECT_FALSE(from->connected());
  cluster_.set_up();
  EXPECT_EQ(settle_all(*to).acked, 1000u);
  const auto values = read_values(*from, 2, 1000);
  ASSERT_EQ(values.size(), 1000u);
  EXPECT_EQ(values.front(), "v1000");
  EXPECT_EQ(values.back(), "v1999");
  EXPECT_TRUE(from->connected());
}

TEST_P(ClientTest, RetriableErrorsOfTheBrokerAreRetriedWithoutLossOrRepeat) {
  auto to = producer();
  constexpr int16_t kProduceApi = 0;
  cluster_.fail_next(kProduceApi, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, 3);
  send_values(*to, 0, 0, 500);
  EXPECT_EQ(settle_all(*to).acked, 500u);
  auto from = consumer();
  ASSERT_TRUE(from->assign(PartitionId(0), Offset(0)));
  const auto values = read_values(*from, 0, 500);
  ASSERT_EQ(values.size(), 500u);
  for (size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], "v" + std::to_string(i));
}

TEST_P(ClientTest, PollOfOnePartitionLeavesTheOthersQueued) {
  auto to = producer();
  for (int p = 0; p < 3; ++p) send_values(*to, p, 0, 100);
  EXPECT_EQ(settle_all(*to).acked, 300u);
  auto from = consumer();
  for (int p = 0; p < 3; ++p) ASSERT_TRUE(from->assign(PartitionId(p), Offset(0)));
  EXPECT_EQ(read_values(*from, 2, 100).size(), 100u);
  EXPECT_EQ(read_values(*from, 0, 100).size(), 100u);
  const auto rest = read_values(*from, 1, 100);
  ASSERT_EQ(rest.size(), 100u);
  EXPECT_EQ(rest[0], "v0");
}

TEST_P(ClientTest, AssigningAgainSeeks) {
  auto to = producer();
  send_values(*to, 0, 0, 100);
  EXPECT_EQ(settle_all(*to).acked, 100u);
  auto from = consumer();
  ASSERT_TRUE(from->assign(PartitionId(0), Offset(0)));
  EXPECT_EQ(read_values(*from, 0, 10).size(), 10u);
  ASSERT_TRUE(from->assign(PartitionId(0), Offset(42)));
  const auto values = read_values(*from, 0, 2);
  ASSERT_EQ(values.size(), 2u);
  EXPECT_EQ(values[0], "v42");
  EXPECT_EQ(values[1], "v43");
}

TEST_P(ClientTest, AnOffsetBeyondTheEndIsAnError) {
  auto from = consumer();
  ASSERT_TRUE(from->assign(PartitionId(0), Offset(1000)));
  const auto end = steady_clock::now() + kPatience;
  bool failed = false;
  while (!failed && steady_clock::now() < end) failed = !from->poll(kPollLimit, 10);
  EXPECT_TRUE(failed);
}

TEST_P(ClientTest, AMissingTopicIsNotFoundAndNotCreated) {
  auto to = Producer::open(client(), "missing", {});
  ASSERT_FALSE(to);
  EXPECT_EQ(to.error().code, Code::kNotFound);
  EXPECT_FALSE(to.error().remedy.empty());
  auto from = Consumer::open(client(), "missing", {});
  ASSERT_FALSE(from);
  EXPECT_EQ(from.error().code, Code::kNotFound);
  auto admin = Admin::open(client());
  ASSERT_TRUE(admin);
  const auto all = (*admin)->topics();
  ASSERT_TRUE(all);
  for (const auto& topic : *all) EXPECT_NE(topic.name, "missing");
}

TEST_P(ClientTest, AdminTellsTopicsAndOffsets) {
  auto to = producer();
  send_values(*to, 1, 0, 25);
  EXPECT_EQ(settle_all(*to).acked, 25u);
  auto admin = Admin::open(client());
  ASSERT_TRUE(admin) << to_text(admin.error());
  const auto info = (*admin)->topic("t");
  ASSERT_TRUE(info);
  EXPECT_EQ(info->partitions, 3);
  EXPECT_EQ(info->replication, 1);
  const auto ends = (*admin)->end_offsets("t");
  ASSERT_TRUE(ends) << to_text(ends.error());
  EXPECT_EQ(*ends, (std::vector{Offset(0), Offset(25), Offset(0)}));
  const auto starts = (*admin)->start_offsets("t");
  ASSERT_TRUE(starts);
  EXPECT_EQ(*starts, (std::vector{Offset(0), Offset(0), Offset(0)}));
  const auto missing = (*admin)->topic("missing");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, Code::kNotFound);
}

TEST_P(ClientTest, NobodyThereIsUnreachable) {
  ClientConfig nobody = client();
  nobody.brokers = "127.0.0.1:1";  // the port of tcpmux: reserved, and nothing listens there
  const auto start = steady_clock::now();
  const auto to = Producer::open(nobody, "t", {});
  ASSERT_FALSE(to);
  EXPECT_EQ(to.error().code, Code::kUnreachable);
  EXPECT_NE(to.error().what.find("127.0.0.1:1"), std::string::npos);
  EXPECT_LT(steady_clock::now() - start, std::chrono::seconds(8));
}

TEST_P(ClientTest, WithoutAllAcksIdempotenceIsOff) {
  auto to = producer({.acks = 1});
  const auto settings = to->settings();
  EXPECT_EQ(settings.at("enable.idempotence"), "false");
  EXPECT_EQ(settings.at("acks"), "1");
  send_values(*to, 0, 0, 10);
  EXPECT_EQ(settle_all(*to).acked, 10u);
  EXPECT_EQ(producer()->settings().at("enable.idempotence"), "true");
}

INSTANTIATE_TEST_SUITE_P(BackEnd, ClientTest, testing::Values("native", "librdkafka"),
                         [](const auto& info) { return info.param; });

TEST(RdKafkaSettings, AnUnknownPropertyIsAUsageError) {
  const auto to = Producer::open({"127.0.0.1:1", {{"no.such.key", "1"}}, "test"}, "t", {});
  ASSERT_FALSE(to);
  EXPECT_EQ(to.error().code, Code::kUsage);
}

}  // namespace
}  // namespace weir::kafka
