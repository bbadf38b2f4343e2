// The native back end against a scripted broker: what it does when answers are lost, refused or
// wrong.
#include <gtest/gtest.h>

#include <chrono>

#include "weir/kafka/consumer.h"
#include "weir/kafka/native_settings.h"
#include "weir/kafka/patience_test.h"
#include "weir/kafka/producer.h"
#include "weir/kafka/scripted_broker_test.h"
#include "weir/record/batch_builder.h"

namespace weir::kafka {
namespace {

using std::chrono::steady_clock;
using wire::ErrorCode;
const Nanos kTurn = nanos_from_millis(20);

// What a produce request carried for partition 0.
struct Sent {
  int64_t producer_id;
  int32_t sequence, count;
};
Sent sent_in(const wire::ProduceRequest& request) {
  const auto batch =
      record::BatchView::first(*request.topics.at(0).partitions.at(0).records).value();
  EXPECT_EQ(batch.check_produced(), record::Fault::kNone);
  return {batch.producer_id(), batch.base_sequence(), batch.record_count()};
}
wire::ProduceResponse answer(ErrorCode error, int64_t offset = 0) {
  wire::ProduceResponse response;
  auto& topic = response.topics.emplace_back();
  topic.name = "t";
  auto& partition = topic.partitions.emplace_back();
  partition.error = error;
  partition.base_offset = offset;
  return response;
}

class NativeProducerTest : public testing::Test {
 protected:
  std::unique_ptr<Producer> open(std::map<std::string, std::string> properties = {}) {
    properties["weir.client"] = "native";
    auto opened = Producer::open({broker_.start(), properties, "test"}, "t", {});
    EXPECT_TRUE(opened) << to_text(opened.error());
    return std::move(*opened);
  }
  static void send(Producer& producer, uint64_t tag, size_t n) {
    std::vector<Record> records(n, Record{.value = "0123456789"});
    EXPECT_EQ(producer.send(PartitionId(0), records, tag), n);
  }
  static std::vector<DeliveryReport> settle_all(Producer& producer) {
    std::vector<DeliveryReport> all;
    const auto end = steady_clock::now() + kPatience;
    while (producer.in_flight() > 0 && steady_clock::now() < end)
      producer.poll(kTurn, [&](const DeliveryReport& report) { all.push_back(report); });
    EXPECT_EQ(producer.in_flight(), 0u);
    return all;
  }

  std::vector<Sent> sent_;    // written by the broker's thread; read when nothing is in flight
  ScriptedBroker broker_{1};  // last: its thread ends before what it uses
};

TEST_F(NativeProducerTest, AfterALostAnswerTheSameSequencesGoOutAgain) {
  broker_.on_produce = [&](const auto& request) -> std::optional<wire::ProduceResponse> {
    sent_.push_back(sent_in(request));
    if (sent_.size() == 1) return std::nullopt;  // stored, and the answer never came
    return answer(ErrorCode::kDuplicateSequenceNumber);
  };
  auto producer = open();
  send(*producer, 0, 7);
  const auto reports = settle_all(*producer);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].delivery, Delivery::kAcked);
  EXPECT_EQ(reports[0].count, 7u);
  ASSERT_EQ(sent_.size(), 2u);
  EXPECT_EQ(sent_[0].producer_id, sent_[1].producer_id);
  EXPECT_EQ(sent_[0].sequence, sent_[1].sequence);
  EXPECT_EQ(sent_[0].count, sent_[1].count);
}

TEST_F(NativeProducerTest, BatchesBehindARefusedOneFollowInOrder) {
  int32_t expected = 0;
  int refusals = 0;
  broker_.on_produce = [&](const auto& request) -> std::optional<wire::ProduceResponse> {
    const Sent sent = sent_in(request);
    if (refusals == 0) {
      ++refusals;
      return answer(ErrorCode::kNotLeaderOrFollower);
    }
    if (sent.sequence != expected) return answer(ErrorCode::kOutOfOrderSequenceNumber);
    expected += sent.count;
    sent_.push_back(sent);
    return answer(ErrorCode::kNone, sent.sequence);
  };
  auto producer = open({{"batch.size", "300"}});
  send(*producer, 0, 200);
  uint64_t next = 0;
  for (const auto& report : settle_all(*producer)) {
    EXPECT_EQ(report.delivery, Delivery::kAcked);
    EXPECT_EQ(report.tag_first, next);
    EXPECT_EQ(report.offset_first, int64_t(next));
    next += report.count;
  }
  EXPECT_EQ(next, 200u);
  EXPECT_GT(sent_.size(), 5u);
  EXPECT_EQ(broker_.identities, 1);
}

TEST_F(NativeProducerTest, ARefusedBatchFailsAndTheNextGoesOnUnderANewIdentity) {
  broker_.on_produce = [&](const auto& request) -> std::optional<wire::ProduceResponse> {
    sent_.push_back(sent_in(request));
    return answer(sent_.size() == 1 ? ErrorCode::kInvalidRecord : ErrorCode::kNone);
  };
  auto producer = open();
  send(*producer, 0, 3);
  auto reports = settle_all(*producer);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].delivery, Delivery::kFailed);
  EXPECT_NE(reports[0].error.find("INVALID_RECORD"), std::string::npos) << reports[0].error;
  send(*producer, 3, 2);
  reports = settle_all(*producer);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].delivery, Delivery::kAcked);
  ASSERT_EQ(sent_.size(), 2u);
  EXPECT_NE(sent_[1].producer_id, sent_[0].producer_id);
  EXPECT_EQ(sent_[1].sequence, 0);
}

TEST_F(NativeProducerTest, WhatMayBeStoredUnderALostIdentityIsUnknown) {
  broker_.on_produce = [&](const auto& request) -> std::optional<wire::ProduceResponse> {
    sent_.push_back(sent_in(request));
    if (sent_.size() == 1) return std::nullopt;
    return answer(ErrorCode::kOutOfOrderSequenceNumber);
  };
  auto producer = open();
  send(*producer, 0, 3);
  const auto reports = settle_all(*producer);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].delivery, Delivery::kUnknown);
}

TEST_F(NativeProducerTest, WhatNeverGoesOutFailsAfterTheTimeout) {
  broker_.on_produce = [&](const auto&) -> std::optional<wire::ProduceResponse> {
    return answer(ErrorCode::kNotEnoughReplicas);
  };
  auto producer = open({{"message.timeout.ms", "300"}});
  send(*producer, 0, 3);
  const auto reports = settle_all(*producer);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].delivery, Delivery::kFailed);
}

TEST_F(NativeProducerTest, AnswersThatMakeNoSenseNeitherCrashNorSettle) {
  int answers = 0;
  broker_.on_produce = [&](const auto& request) -> std::optional<wire::ProduceResponse> {
    sent_.push_back(sent_in(request));
    auto response = answer(ErrorCode::kNone);
    if (++answers == 1) response.topics[0].partitions[0].partition = 17;
    if (answers == 2) response.topics.clear();
    return response;
  };
  auto producer = open();
  send(*producer, 0, 3);
  const auto reports = settle_all(*producer);
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(reports[0].delivery, Delivery::kAcked);
  EXPECT_EQ(answers, 3);
}

TEST_F(NativeProducerTest, AsksAgainForAnIdentityThatIsNotThereYet) {
  broker_.identity_refusals = 3;  // as a Kafka that just started does
  const auto producer = open();
  EXPECT_EQ(broker_.identity_refusals, 0);
  EXPECT_EQ(broker_.identities, 1);
}

TEST(NativeOpen, ABrokerThatTalksNonsenseIsUnreachable) {
  const std::string nonsense[] = {std::string("HTTP/1.1 400 Bad Request\r\n\r\n"),
                                  std::string("\xff\xff\xff\xff", 4),
                                  std::string("\0\0\0\4\0\0\0\0", 8),
                                  std::string("\0\0\0\x0a\0\0\0\1\0\0\x7f\xff\xff\xff", 14)};
  std::atomic<size_t> answers = 0;
  ScriptedBroker broker(1);
  broker.raw_answer = [&] { return nonsense[answers++ % std::size(nonsense)]; };
  const auto opened = Producer::open({broker.start(), {}, "test"}, "t", {});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::kUnreachable);
  EXPECT_GE(answers.load(), std::size(nonsense));
}

// Batches as a log holds them, at given offsets.
class Log {
 public:
  void add(int64_t offset, const std::vector<std::string>& values, int64_t producer_id = -1,
           int16_t flags = 0, record::Codec codec = record::Codec::kNone) {
    record::BatchBuilder builder(codec);
    for (const auto& value : values) builder.append(1, "key", value);
    append(offset, builder, producer_id, flags);
  }
  // The end marker of a transaction.
  void add_marker(int64_t offset, int64_t producer_id, bool commit) {
    record::BatchBuilder builder;
    const std::string key{0, 0, 0, char(commit)};
    builder.append(1, key, std::string_view("\0\0\0\0\0\0", 6));
    append(offset, builder, producer_id, kTransactional | kControl);
  }
  static constexpr int16_t kTransactional = 16, kControl = 32;
  std::string bytes;

 private:
  void append(int64_t offset, record::BatchBuilder& builder, int64_t producer_id, int16_t flags) {
    std::string batch(builder.finish({producer_id, 0, 0}));
    store_be(batch.data() + 21, int16_t(load_be<int16_t>(batch.data() + 21) | flags));
    record::set_base_offset(batch, offset);
    bytes += batch;
  }
};

class NativeConsumerTest : public testing::Test {
 protected:
  // Gives `bytes` to the first fetch at `at`, and nothing to others.
  void serve(int64_t at, const std::string& bytes) {
    answers_[at] = bytes;
    broker_.on_fetch = [this](const wire::FetchRequest& request) {
      const auto& asked = request.topics.at(0).partitions.at(0);
      wire::FetchResponse response;
      auto& topic = response.topics.emplace_back();
      topic.name = "t";
      auto& partition = topic.partitions.emplace_back();
      const auto found = answers_.find(asked.fetch_offset);
      if (found != answers_.end()) partition.records = found->second;
      partition.aborted_transactions = aborted_;
      return std::optional(response);
    };
  }
  std::unique_ptr<Consumer> open(std::map<std::string, std::string> properties = {},
                                 int64_t from = 0) {
    properties["weir.client"] = "native";
    auto consumer = Consumer::open({broker_.start(), properties, "test"}, "t", {}).value();
    EXPECT_TRUE(consumer->assign(PartitionId(0), Offset(from)));
    return consumer;
  }
  static std::vector<std::string> read(Consumer& consumer, size_t n, size_t per_poll = 1000) {
    std::vector<std::string> values;
    const auto end = steady_clock::now() + kPatience;
    while (values.size() < n && steady_clock::now() < end) {
      const auto runs = consumer.poll(kTurn, per_poll);
      if (!runs) {
        values.push_back("error: " + runs.error().what);
        break;
      }
      for (const auto& run : *runs) {
        EXPECT_LE(run.records.size(), per_poll);
        for (const auto& record : run.records)
          values.push_back(std::to_string(record.offset.value) + std::string(record.value));
      }
    }
    return values;
  }

  std::map<int64_t, std::string> answers_;
  std::vector<wire::FetchResponse::Topic::Partition::AbortedTransaction> aborted_;
  ScriptedBroker broker_{1};  // last: its thread ends before what it uses
};

using Values = std::vector<std::string>;

TEST_F(NativeConsumerTest, StartsInsideABatchAndCrossesGaps) {
  Log log;
  log.add(10, {"a", "b", "c"});
  log.add(20, {"d"});
  serve(11, log.bytes);
  EXPECT_EQ(read(*open({}, 11), 3), (Values{"11b", "12c", "20d"}));
}

TEST_F(NativeConsumerTest, ABatchMayBeReadInSeveralPolls) {
  Log log;
  log.add(0, {"a", "b", "c"});
  log.add(3, {"d", "e"}, -1, 0, record::Codec::kLz4);
  serve(0, log.bytes);
  EXPECT_EQ(read(*open(), 5, 2), (Values{"0a", "1b", "2c", "3d", "4e"}));
}

TEST_F(NativeConsumerTest, ReadsEveryCodecInOnePoll) {
  Log log;
  int64_t offset = 0;
  Values expected;
  for (const auto codec : {record::Codec::kNone, record::Codec::kGzip, record::Codec::kSnappy,
                           record::Codec::kLz4, record::Codec::kZstd})
    for (int i = 0; i < 2; ++i) {
      const std::string value = record::to_text(codec) + std::to_string(i);
      log.add(offset, {value}, -1, 0, codec);
      expected.push_back(std::to_string(offset++) + value);
    }
  serve(0, log.bytes);
  EXPECT_EQ(read(*open(), expected.size()), expected);
}

TEST_F(NativeConsumerTest, ACutTailComesWholeWithTheNextFetch) {
  Log log;
  log.add(0, {"a"});
  const std::string first = log.bytes;
  log.add(1, {"b"});
  serve(0, log.bytes.substr(0, log.bytes.size() - 5));
  serve(1, log.bytes.substr(first.size()));
  EXPECT_EQ(read(*open(), 2), (Values{"0a", "1b"}));
}

TEST_F(NativeConsumerTest, AbortedTransactionsAndMarkersAreNotSeen) {
  Log log;
  log.add(0, {"plain"});
  log.add(1, {"aborted"}, 7, Log::kTransactional);
  log.add(2, {"committed"}, 8, Log::kTransactional);
  log.add_marker(3, 7, false);
  log.add_marker(4, 8, true);
  log.add(5, {"again"}, 7, Log::kTransactional);
  log.add_marker(6, 7, true);
  log.add(7, {"last"});
  aborted_ = {{7, 1}};
  serve(0, log.bytes);
  EXPECT_EQ(read(*open(), 4), (Values{"0plain", "2committed", "5again", "7last"}));
}

TEST_F(NativeConsumerTest, ItsPositionPassesWhatIsNoRecord) {
  Log log;
  log.add(0, {"a", "b"}, 7, Log::kTransactional);
  log.add_marker(2, 7, true);
  serve(0, log.bytes);
  const auto consumer = open();
  EXPECT_EQ(consumer->position(PartitionId(0)), Offset(0));
  EXPECT_EQ(read(*consumer, 1, 1), Values{"0a"});
  EXPECT_EQ(consumer->position(PartitionId(0)), Offset(1));
  EXPECT_EQ(read(*consumer, 1), Values{"1b"});
  const auto end = steady_clock::now() + kPatience;
  while (consumer->position(PartitionId(0)) != Offset(3) && steady_clock::now() < end)
    EXPECT_TRUE(consumer->poll(kTurn, 10)->empty());
  EXPECT_EQ(consumer->position(PartitionId(0)), Offset(3));
}

TEST_F(NativeConsumerTest, BrokenBatchesAreErrorsAndNotCrashes) {
  Log log;
  log.add(0, {"good"});
  const size_t second = log.bytes.size();
  log.add(1, {"damaged", "damaged"});
  std::string bytes = log.bytes;
  bytes[second + record::kBatchHeaderBytes] = 0x7E;  // a record longer than its batch
  serve(0, bytes);
  const auto seen = read(*open(), 4);
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.front(), "0good");
  EXPECT_EQ(seen.back().find("error: cannot read partition 0"), 0u) << seen.back();
}

TEST_F(NativeConsumerTest, ChecksumsAreVerifiedWhenAsked) {
  Log log;
  log.add(0, {"good"});
  std::string bytes = log.bytes;
  bytes.back() = 2;  // the header count of the last record
  serve(0, bytes);
  EXPECT_EQ(read(*open({{"check.crcs", "true"}}), 1).at(0).find("error:"), 0u);
}

TEST(BackEndChoice, NativeUnlessASettingNeedsLibrdkafka) {
  const auto choose = [](std::map<std::string, std::string> properties) {
    return choose_back_end({"localhost", std::move(properties)});
  };
  EXPECT_EQ(choose({}), BackEnd::kNative);
  EXPECT_EQ(choose({{"linger.ms", "20"}}), BackEnd::kNative);
  EXPECT_EQ(choose({{"security.protocol", "SSL"}}), BackEnd::kRdKafka);
  EXPECT_EQ(choose({{"weir.client", "librdkafka"}}), BackEnd::kRdKafka);
  EXPECT_EQ(choose({{"weir.client", "native"}, {"security.protocol", "SSL"}}).error().code,
            Code::kUsage);
  EXPECT_EQ(choose({{"weir.client", "none"}}).error().code, Code::kUsage);
}

TEST(ProducerSettings, ContradictionsAndNonsenseAreUsageErrors) {
  const auto code = [](const char* key, const char* value) {
    return producer_settings({"localhost", {{key, value}}}, {.acks = 1}).error().code;
  };
  EXPECT_EQ(code("enable.idempotence", "true"), Code::kUsage);
  EXPECT_EQ(code("enable.idempotence", "maybe"), Code::kUsage);
  EXPECT_EQ(code("linger.ms", "-1"), Code::kUsage);
  EXPECT_EQ(code("compression.codec", "rar"), Code::kUsage);
  const auto settings = producer_settings({"localhost", {{"acks", "all"}}}, {.acks = 1});
  ASSERT_TRUE(settings);
  EXPECT_TRUE(settings->idempotent);
  EXPECT_EQ(settings->acks, -1);
}

}  // namespace
}  // namespace weir::kafka
