// Errors planted into a real output topic by a foreign writer (plain librdkafka): the observer and
// the audit must name exactly those.
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <filesystem>

#include "weir/kafka/admin.h"
#include "weir/lab/embedded_broker.h"
#include "weir/lab/topic_observer.h"

namespace weir::lab {
namespace {
namespace fs = std::filesystem;

constexpr uint32_t kProducer = 77;
constexpr uint64_t kEvents = 500;  // per partition
constexpr int32_t kPartitions = 2;
constexpr const char* kOutputTopic = "events.weir-out";
constexpr const char* kQuery = "6f6e6500-0000-4000-8000-000000000001";

EventId id_of(uint32_t partition, uint64_t sequence) {
  return EventId::make(Nanos(1'700'000'000'000'000'000 + int64_t(sequence) * 1'000'000), kProducer,
                       partition, sequence);
}

// A producer that is none of weir's: one message after the other, headers by hand.
class ForeignWriter {
 public:
  explicit ForeignWriter(const std::string& brokers) {
    char error[512];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", brokers.c_str(), error, sizeof error);
    rd_kafka_conf_set(conf, "linger.ms", "1", error, sizeof error);
    handle_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
  }
  ~ForeignWriter() { rd_kafka_destroy(handle_); }

  void write(int32_t partition, const std::string& key, const std::string& value,
             const OutputHeaders& headers) {
    rd_kafka_headers_t* list = rd_kafka_headers_new(4);
    for (const auto& [name, text] : to_headers(headers))
      rd_kafka_header_add(list, name.data(), ssize_t(name.size()), text.data(),
                          ssize_t(text.size()));
    const auto send = [&] {
      return rd_kafka_producev(
          handle_, RD_KAFKA_V_TOPIC(kOutputTopic), RD_KAFKA_V_PARTITION(partition),
          RD_KAFKA_V_KEY(key.data(), key.size()),
          RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
          RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_HEADERS(list), RD_KAFKA_V_END);
    };
    rd_kafka_resp_err_t sent = send();
    for (int tries = 0; sent == RD_KAFKA_RESP_ERR__QUEUE_FULL && tries < 3000; ++tries) {
      rd_kafka_poll(handle_, 10);
      sent = send();
    }
    ASSERT_EQ(sent, RD_KAFKA_RESP_ERR_NO_ERROR);
    rd_kafka_poll(handle_, 0);
  }
  void flush() { ASSERT_EQ(rd_kafka_flush(handle_, 60'000), RD_KAFKA_RESP_ERR_NO_ERROR); }

 private:
  rd_kafka_t* handle_ = nullptr;
};

class Planted : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "weir-planted-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    auto guard = Guard::start(WEIR_PROGRAM);
    ASSERT_TRUE(guard) << to_text(guard.error());
    guard_.emplace(std::move(*guard));
    broker_.emplace(HostContext{WEIR_PROGRAM, plan_, *guard_, anchor_, "test", folder_, folder_});
    ASSERT_TRUE(broker_->begin_step({"test", folder_, folder_ + "/", folder_}));
    SystemClock clock(anchor_);
    Result<bool> ready = false;
    while (!(ready = broker_->ready()).value_or(true))
      clock.sleep_until(clock.now() + nanos_from_millis(2));
    ASSERT_TRUE(ready) << to_text(ready.error());
    auto admin = kafka::Admin::open(broker_->client());
    ASSERT_TRUE(admin) << to_text(admin.error());
    ASSERT_TRUE((*admin)->create_topic(kOutputTopic, kPartitions, 1, {}));
    auto observer = TopicObserver::start(
        {broker_->client(), kOutputTopic, kPartitions, nanos_from_seconds(1)}, anchor_);
    ASSERT_TRUE(observer) << to_text(observer.error());
    observer_ = std::move(*observer);
    auto ledger = LedgerWriter::create(folder_ + "/ledger-77.bin", kProducer, kPartitions);
    ASSERT_TRUE(ledger) << to_text(ledger.error());
    for (int32_t p = 0; p < kPartitions; ++p) {
      ledger->handed_over(PartitionId(p), kEvents - 1, id_of(0, 0).due(),
                          id_of(0, kEvents - 1).due());
      ASSERT_TRUE(ledger->settle(PartitionId(p), 0, kEvents - 1, Outcome::kAcked));
    }
    ASSERT_TRUE(ledger->close());
  }
  void TearDown() override {
    observer_.reset();
    broker_.reset();
    fs::remove_all(folder_);
  }

  // Of the ledger that SetUp() made.
  AuditReport judge(uint64_t distinct) {
    auto ledger = Ledger::read(folder_ + "/ledger-77.bin");
    EXPECT_TRUE(ledger);
    return judge(distinct, {*ledger});
  }

  AuditReport judge(uint64_t distinct, const std::vector<Ledger>& ledgers) {
    SystemClock clock(anchor_);
    const Nanos limit = clock.now() + nanos_from_seconds(60);
    while (observer_->distinct() < distinct && clock.now() < limit)
      clock.sleep_until(clock.now() + nanos_from_millis(5));
    clock.sleep_until(clock.now() + nanos_from_millis(300));  // what must not come would come now
    observer_->stop();
    return observer_->judge(ledgers, true);
  }

  std::string folder_;
  Anchor anchor_ = Anchor::take();
  std::optional<Guard> guard_;
  Plan plan_;
  std::optional<EmbeddedBroker> broker_;
  std::unique_ptr<Observer> observer_;
};

// `in_batch`: the origin of the copy within a batch.
void expect_exactly_the_planted(const AuditReport& audit, const std::string& in_batch) {
  EXPECT_EQ(audit.acked, kEvents * kPartitions);
  EXPECT_EQ(audit.lost, 1u);
  ASSERT_EQ(audit.lost_ids.size(), 1u);
  EXPECT_EQ(audit.lost_ids[0].id.partition(), 0u);
  EXPECT_EQ(audit.lost_ids[0].id.sequence(), 123u);
  EXPECT_EQ(audit.duplicated, 2u);
  ASSERT_EQ(audit.duplicated_ids.size(), 2u);
  std::map<uint64_t, std::string> origin;
  for (const auto& named : audit.duplicated_ids) origin[named.id.sequence()] = named.origin;
  EXPECT_EQ(origin, (std::map<uint64_t, std::string>{{200, in_batch}, {210, "replay"}}));
  EXPECT_EQ(audit.reordered, 1u);
  ASSERT_EQ(audit.reordered_ids.size(), 1u);
  EXPECT_EQ(audit.reordered_ids[0].id.partition(), 1u);
  EXPECT_EQ(audit.reordered_ids[0].id.sequence(), 300u);
  EXPECT_EQ(audit.processed, kEvents * kPartitions - 1);
}

TEST_F(Planted, ErrorsAmongForwardedEventsAreNamedExactly) {
  ForeignWriter writer(broker_->client().brokers);
  int64_t batch = 0;
  const auto put = [&](uint32_t partition, uint64_t sequence) {
    const OutputHeaders headers{OutputKind::kEvent, kQuery, batch, 1};
    writer.write(int32_t(partition), id_of(partition, sequence).text(), "{}", headers);
  };
  for (int32_t p = 0; p < kPartitions; ++p)
    writer.write(p, "", "", {OutputKind::kFence, kQuery, -1, 1});
  for (uint64_t s = 0; s < kEvents; ++s) {
    batch = int64_t(s / 100);
    if (s != 123) put(0, s);    // one is missing
    if (s == 200) put(0, s);    // one comes again in its batch
    if (s == 450) put(0, 210);  // one comes again in a later batch
    if (s != 300 && s != 301) put(1, s);
    if (s == 301) put(1, 301), put(1, 300);  // two are swapped
  }
  writer.flush();
  expect_exactly_the_planted(judge(kEvents * kPartitions - 1), "sink or producer retry");
}

TEST_F(Planted, ErrorsWithinReceiptsAreNamedExactly) {
  ForeignWriter writer(broker_->client().brokers);
  for (int32_t p = 0; p < kPartitions; ++p)
    writer.write(p, "", "", {OutputKind::kFence, kQuery, -1, 1});
  for (int64_t batch = 0; batch < 5; ++batch) {
    IdCollector ids;
    Receipt receipt;
    receipt.query = kQuery;
    receipt.batch = batch;
    receipt.attempt = 1;
    for (uint64_t s = uint64_t(batch) * 100; s < uint64_t(batch + 1) * 100; ++s) {
      const auto add = [&](uint32_t partition, uint64_t sequence) {
        ids.add(id_of(partition, sequence));
        ++receipt.events;
      };
      if (s != 123) add(0, s);
      if (s == 200) add(0, s);
      if (s == 450) add(0, 210);
      if (s != 300 && s != 301) add(1, s);
      if (s == 301) add(1, 301), add(1, 300);
    }
    receipt.reference = id_of(0, uint64_t(batch + 1) * 100).due();
    ids.write_to(receipt);
    writer.write(int32_t(batch % kPartitions), "", to_json(receipt),
                 {OutputKind::kReceipt, kQuery, batch, 1});
    writer.flush();  // receipts of different partitions are read in the order of their batches
  }
  expect_exactly_the_planted(judge(kEvents * kPartitions - 1), "producer retry");
}

// A load that is due at 500,000 events per second for 3 s, in batches of 200 ms, as fast as the
// machine writes it: what is demanded is the naming, not the speed.
TEST_F(Planted, ErrorsAmongHalfAMillionEventsPerSecondAreNamedExactly) {
  constexpr uint64_t kLoad = 1'500'000, kBatch = 100'000;  // over both partitions
  constexpr uint32_t kLoaded = kProducer + 1;
  const auto loaded = [](uint64_t i) {
    return EventId::make(Nanos(1'700'000'000'000'000'000 + int64_t(i) * 2000), kLoaded,
                         uint32_t(i % kPartitions), i / kPartitions);
  };
  Ledger ledger;
  ledger.producer = kLoaded;
  ledger.first_due = Nanos(1'700'000'000'000'000'000);
  ledger.last_due = ledger.first_due + nanos_from_seconds(3);
  for (uint32_t p = 0; p < uint32_t(kPartitions); ++p)
    ledger.ranges.push_back({p, 0, kLoad / kPartitions - 1, Outcome::kAcked});
  ForeignWriter writer(broker_->client().brokers);
  int64_t batch = 0;
  const auto put = [&](const EventId& id) {
    writer.write(int32_t(id.partition()), id.text(), "{}", {OutputKind::kEvent, kQuery, batch, 1});
  };
  for (uint64_t i = 0; i < kLoad; ++i) {
    batch = int64_t(i / kBatch);
    if (i == 700'000) continue;  // missing
    if (i == 900'001) continue;  // swapped with its successor,
    put(loaded(i));
    if (i == 900'003) put(loaded(900'001));
    if (i == 1'200'000) put(loaded(400'000));  // repeated
    if (i == 1'300'000)                        // of no producer of this run
      writer.write(0, EventId::make(ledger.first_due, 5, 0, 9).text(), "{}",
                   {OutputKind::kEvent, kQuery, batch, 1});
  }
  writer.flush();
  const AuditReport audit = judge(kLoad, {ledger});
  EXPECT_EQ(audit.acked, kLoad);
  EXPECT_EQ(audit.processed, kLoad - 1);
  EXPECT_EQ(audit.foreign, 1u);
  ASSERT_EQ(audit.lost_ids.size(), 1u);
  EXPECT_EQ(audit.lost_ids[0].id.low, loaded(700'000).low);
  ASSERT_EQ(audit.duplicated_ids.size(), 1u);
  EXPECT_EQ(audit.duplicated_ids[0].id, loaded(400'000));
  EXPECT_EQ(audit.duplicated_ids[0].origin, "replay");
  EXPECT_EQ(audit.duplicated_ids[0].seen.batch, 12);
  ASSERT_EQ(audit.reordered_ids.size(), 1u);
  EXPECT_EQ(audit.reordered_ids[0].id, loaded(900'001));
  EXPECT_EQ(audit.lost + audit.duplicated + audit.reordered, 3u);
}

TEST_F(Planted, ResultsOfAFencedAttemptDoNotCount) {
  ForeignWriter writer(broker_->client().brokers);
  for (int64_t attempt : {1, 2})
    for (int32_t p = 0; p < kPartitions; ++p)
      writer.write(p, "", "", {OutputKind::kFence, kQuery, -1, attempt});
  for (uint64_t s = 0; s < kEvents; ++s)
    for (uint32_t p = 0; p < uint32_t(kPartitions); ++p)
      for (int64_t attempt : {1, 2})
        writer.write(int32_t(p), id_of(p, s).text(), "{}",
                     {OutputKind::kEvent, kQuery, 0, attempt});
  writer.flush();
  const AuditReport audit = judge(kEvents * kPartitions);
  EXPECT_EQ(audit.lost, 0u);
  EXPECT_EQ(audit.duplicated, 0u);
  EXPECT_EQ(audit.processed, kEvents * kPartitions);
  EXPECT_EQ(observer_->snapshot().dropped_by_fence, int64_t(kEvents) * kPartitions);
}

}  // namespace
}  // namespace weir::lab
