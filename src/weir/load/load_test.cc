// The load generator on a fake clock against a fake producer.
#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <set>

#include "weir/load/generator.h"
#include "weir/load/schedule.h"
#include "weir/sys/clock.h"

namespace weir::load {
namespace {

// Accepts what its queue has room for; acks `ack_per_poll` of it at each poll.
class FakeProducer final : public kafka::Producer {
 public:
  explicit FakeProducer(int32_t partitions) : partitions_(partitions) {}
  int32_t partitions() const override { return partitions_; }
  uint64_t in_flight() const override { return queue_.size(); }
  std::map<std::string, std::string> settings() const override { return {}; }

  size_t send(PartitionId partition, std::span<const kafka::Record> records,
              uint64_t tag_first) override {
    if (on_send) on_send();
    size_t n = 0;
    for (; n < records.size() && queue_.size() < room; ++n) {
      queue_.push_back({partition, tag_first + n});
      sent.push_back(
          {partition, tag_first + n, std::string(records[n].key), std::string(records[n].value)});
      sent.back().timestamp_ms = records[n].timestamp_ms;
      for (const auto& header : records[n].headers)
        sent.back().headers[std::string(header.key)] = header.value;
    }
    return n;
  }

  uint64_t poll(Nanos, const std::function<void(const kafka::DeliveryReport&)>& f) override {
    uint64_t n = 0;
    for (; n < settle_per_poll && !queue_.empty(); ++n) {
      f({queue_.front().first, queue_.front().second, 1, delivery, -1,
         delivery == kafka::Delivery::kAcked ? "" : "broken"});
      queue_.pop_front();
    }
    return n;
  }

  struct Sent {
    PartitionId partition;
    uint64_t tag;
    std::string key, value;
    int64_t timestamp_ms = -1;
    std::map<std::string, std::string> headers;
  };
  size_t room = 1'000'000, settle_per_poll = 1'000'000;
  kafka::Delivery delivery = kafka::Delivery::kAcked;
  std::function<void()> on_send;
  std::vector<Sent> sent;

 private:
  int32_t partitions_;
  std::deque<std::pair<PartitionId, uint64_t>> queue_;
};

class GeneratorTest : public testing::Test {
 protected:
  GeneratorTest() {
    std::string name = (std::filesystem::temp_directory_path() / "weir-load-XXXXXX").string();
    folder_ = mkdtemp(name.data());
    log_ = OfferedLog::open(*disk_, folder_, 1).value();
    options_.start = kFakeStart;
    options_.rate_eps = 1000;
    options_.events = 5000;
  }
  ~GeneratorTest() override { std::filesystem::remove_all(folder_); }

  Status run(const std::function<Generator::Wish()>& wish = [] { return Generator::Wish::kGoOn; }) {
    auto ledger = LedgerWriter::create(folder_ + "/ledger-9.bin", 9, producer_.partitions());
    EXPECT_TRUE(ledger) << to_text(ledger.error());
    options_.producer = 9;
    Generator generator(options_, clock_, producer_, &*ledger, *log_, 0);
    const Status status = generator.run(wish);
    EXPECT_TRUE(ledger->close());
    totals_ = log_->totals();
    EXPECT_EQ(totals_.scheduled, totals_.handed_over + totals_.refused + totals_.late);
    EXPECT_EQ(totals_.handed_over, totals_.acked + totals_.failed + totals_.unknown);
    EXPECT_EQ(totals_.handed_over, producer_.sent.size());
    return status;
  }
  Ledger ledger() { return Ledger::read(folder_ + "/ledger-9.bin").value(); }

  std::unique_ptr<Disk> disk_ = real_disk();
  std::string folder_;
  FakeClock clock_{kFakeStart - nanos_from_seconds(1)};
  FakeProducer producer_{4};
  std::unique_ptr<OfferedLog> log_;
  GeneratorOptions options_;
  Offered totals_;
};

TEST_F(GeneratorTest, SendsEveryEventWhenDueWithDenseSequences) {
  ASSERT_TRUE(run());
  EXPECT_EQ(totals_.acked, 5000u);
  EXPECT_LE(totals_.send_lag.max(), 1000);
  std::vector<uint64_t> next(4);
  for (const auto& sent : producer_.sent) {
    EventParser parser;
    const auto event = parser.parse(sent.value);
    ASSERT_TRUE(event && event->id);
    EXPECT_EQ(event->id->producer(), 9u);
    EXPECT_EQ(int32_t(event->id->partition()), sent.partition.value);
    EXPECT_EQ(event->id->sequence(), next[size_t(sent.partition.value)]);
    EXPECT_EQ(sent.tag, next[size_t(sent.partition.value)]++);
  }
  for (const uint64_t n : next) EXPECT_NEAR(double(n), 1250, 2);  // four events in a row, in turn
  const Ledger found = ledger();
  EXPECT_TRUE(found.complete);
  EXPECT_EQ(found.count(Outcome::kAcked), 5000u);
  EXPECT_EQ(found.sent(), 5000u);
}

TEST_F(GeneratorTest, SendsTheUsersOwnEventsWithTheirIdInAHeader) {
  options_.events = 3000;
  options_.event_template = EventTemplate::parse("n={{seq}} t={{due_ms}}", "t").value();
  options_.id_header = "x-id";
  ASSERT_TRUE(run());
  ASSERT_EQ(producer_.sent.size(), 3000u);
  std::set<std::string> values;
  for (const auto& sent : producer_.sent) {
    const auto id = id_from_bytes(sent.headers.at("x-id"));
    ASSERT_TRUE(id && id->is_ours());
    EXPECT_EQ(id->sequence(), sent.tag);
    EXPECT_EQ(sent.timestamp_ms, id->due().millis());
    EXPECT_TRUE(sent.value.ends_with("t=" + std::to_string(sent.timestamp_ms))) << sent.value;
    values.insert(sent.value.substr(0, sent.value.find(' ')));
  }
  EXPECT_EQ(values.size(), 3000u);
  EXPECT_TRUE(values.contains("n=0") && values.contains("n=2999"));
}

TEST_F(GeneratorTest, WritesARowPerSecondOfDueTime) {
  ASSERT_TRUE(run());
  const auto text = disk_->read(folder_ + "/offered.csv").value();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 6) << text;
  EXPECT_EQ(text.find("second,scheduled,handed_over,refused,late,acked,failed,unknown,"), 0u);
  EXPECT_NE(text.find("\n1700000000,1000,1000,0,0,1000,0,0,"), std::string::npos) << text;
  EXPECT_NE(text.find("\n1700000004,1000,1000,0,0,1000,0,0,"), std::string::npos) << text;
}

TEST_F(GeneratorTest, AFullQueueRefusesWithoutWaitingAndWithoutConsumingSequences) {
  producer_.room = 100;
  producer_.settle_per_poll = 0;
  options_.drain_limit = nanos_from_millis(100);
  clock_.sleep_until(kFakeStart);
  ASSERT_TRUE(run());
  EXPECT_EQ(totals_.handed_over, 100u);
  EXPECT_EQ(totals_.refused, 4900u);
  EXPECT_EQ(totals_.late, 0u);
  EXPECT_EQ(totals_.unknown, 100u);
  const Ledger found = ledger();
  EXPECT_EQ(found.sent(), 100u);
  EXPECT_EQ(found.count(Outcome::kUnknown), 100u);
  EXPECT_LE(clock_.now(), kFakeStart + nanos_from_seconds(5.2));
}

TEST_F(GeneratorTest, AStalledGeneratorCountsLateEventsAndKeepsTheSchedule) {
  int sends = 0;
  producer_.on_send = [&] {
    if (++sends == 1) clock_.advance(nanos_from_seconds(3));
  };
  ASSERT_TRUE(run());
  EXPECT_EQ(totals_.scheduled, 5000u);
  EXPECT_NEAR(double(totals_.late), 2000, 5);
  EXPECT_EQ(totals_.refused, 0u);
  EXPECT_GE(totals_.send_lag.max(), 990'000);
  EXPECT_LE(totals_.send_lag.max(), 1'010'000);
}

TEST_F(GeneratorTest, FailedEventsAreCountedInTheirSecondAndInTheLedger) {
  producer_.delivery = kafka::Delivery::kFailed;
  ASSERT_TRUE(run());
  EXPECT_EQ(totals_.failed, 5000u);
  EXPECT_EQ(ledger().count(Outcome::kFailed), 5000u);
}

TEST_F(GeneratorTest, StopsSchedulingWhenAskedAndWaitsForOutcomes) {
  producer_.settle_per_poll = 1;
  ASSERT_TRUE(run([&] {
    return clock_.now() < kFakeStart + nanos_from_seconds(2) ? Generator::Wish::kGoOn
                                                             : Generator::Wish::kDrain;
  }));
  EXPECT_NEAR(double(totals_.scheduled), 2000, 2);
  EXPECT_EQ(totals_.acked, totals_.scheduled);
}

TEST_F(GeneratorTest, SharesTogetherSendEachEventOnce) {
  options_.share = {1, 2};
  ASSERT_TRUE(run());
  EXPECT_EQ(totals_.acked, 2500u);
  EventParser parser;
  const auto event = parser.parse(producer_.sent.front().value);
  ASSERT_TRUE(event);
  EXPECT_EQ(event->user_id, 1);
}

TEST_F(GeneratorTest, LengthEndsTheLoad) {
  options_.events = UINT64_MAX;
  options_.length = nanos_from_seconds(2.5);
  ASSERT_TRUE(run());
  EXPECT_EQ(totals_.scheduled, 2500u);
}

TEST_F(GeneratorTest, WithoutARateItSendsAsFastAsTheQueueTakesAndRefusesNothing) {
  options_.rate_eps = 0;
  options_.events = 20'000;
  producer_.room = 300;
  clock_.sleep_until(kFakeStart);
  ASSERT_TRUE(run());
  EXPECT_EQ(totals_.acked, 20'000u);
  EXPECT_EQ(totals_.refused, 0u);
  EXPECT_EQ(totals_.send_lag.max(), 0);
}

TEST_F(GeneratorTest, KeyedEventsGoWhereTheirUserBelongs) {
  options_.keys = KeyLaw(KeyLaw::Kind::kUserId);
  options_.events = 100;
  ASSERT_TRUE(run());
  for (const auto& sent : producer_.sent) {
    EventParser parser;
    const auto event = parser.parse(sent.value);
    ASSERT_TRUE(event);
    EXPECT_EQ(sent.key, std::to_string(event->user_id));
    EXPECT_EQ(sent.partition, partition_of_key(sent.key, 4));
  }
}

TEST_F(GeneratorTest, ItsRecordReadsBackWholeAndSoDoesThatOfTwoHalves) {
  ASSERT_TRUE(run());
  const OfferedSeconds whole = read_offered(*disk_, folder_).value();
  ASSERT_EQ(whole.size(), 5u);
  Offered all;
  for (const auto& [second, row] : whole) all.add(row);
  EXPECT_EQ(all.acked, totals_.acked);
  EXPECT_EQ(all.send_lag.total(), 5000);
  EXPECT_EQ(all.send_lag.max(), totals_.send_lag.max());
  const std::string before = disk_->read(folder_ + "/offered.csv").value();
  ASSERT_TRUE(write_offered(*disk_, folder_, whole));
  EXPECT_EQ(disk_->read(folder_ + "/offered.csv").value(), before);
}

TEST(OfferedLog, LeavesOutARowThatItsWriterDidNotFinish) {
  auto disk = real_disk();
  std::string folder = (std::filesystem::temp_directory_path() / "weir-offered-XXXXXX").string();
  ASSERT_TRUE(mkdtemp(folder.data()));
  OfferedSeconds seconds;
  seconds[10].scheduled = seconds[10].handed_over = seconds[10].acked = 7;
  seconds[10].send_lag.record(300, 7);
  ASSERT_TRUE(write_offered(*disk, folder, seconds));
  for (const char* name : {"/offered.csv", "/send-lag.hlog"})
    ASSERT_TRUE((*disk->open(folder + name))->append("11,5,"));
  const auto read = read_offered(*disk, folder);
  ASSERT_TRUE(read) << to_text(read.error());
  ASSERT_EQ(read->size(), 1u);
  EXPECT_EQ(read->at(10).scheduled, 7u);
  EXPECT_EQ(read->at(10).send_lag.quantile(0.5), 300);
  std::filesystem::remove_all(folder);
}

TEST_F(GeneratorTest, AnyScheduleSendsEveryEventOnceWhenItIsDue) {
  options_.events = UINT64_MAX;
  options_.length = nanos_from_seconds(4);
  for (const char* form : {"poisson", "ramp:0.1..1", "steps:0,2,1", "burst:4x/200ms/2s"}) {
    FakeProducer producer(4);
    FakeClock clock(kFakeStart - nanos_from_seconds(1));
    options_.arrivals = Arrivals::parse(form, "test").value();
    auto log = OfferedLog::open(*disk_, "", 1).value();
    Generator generator(options_, clock, producer, nullptr, *log, 0);
    ASSERT_TRUE(generator.run([] { return Generator::Wish::kGoOn; }));
    const Schedule schedule = schedule_of(options_);
    const uint64_t due = schedule.due_count(kFakeStart + options_.length - Nanos(1));
    ASSERT_EQ(producer.sent.size(), due) << form;
    EXPECT_LE(log->totals().send_lag.max(), 1000) << form;
    std::vector<EventId> ids;
    for (const auto& sent : producer.sent) ids.push_back(*EventParser().parse(sent.value)->id);
    std::sort(ids.begin(), ids.end(), [](auto& a, auto& b) { return a.due() < b.due(); });
    for (uint64_t i = 0; i < due; ++i)
      ASSERT_EQ(ids[i].due(), EventId::make(schedule.due(i), 0, 0, 0).due()) << form << ' ' << i;
  }
}

TEST_F(GeneratorTest, KeysSizesAndPayloadsAreTheSameHoweverTheLoadIsShared) {
  options_.events = 3000;
  options_.keys = KeyLaw::parse("zipf:100000:1.1", "test").value();
  options_.sizes = SizeLaw::parse("uniform:150..400", "test").value();
  options_.payload = Payload::kText;
  const auto values = [&](uint64_t shares) {
    std::multiset<std::pair<std::string, std::string>> all;
    for (uint64_t n = 0; n < shares; ++n) {
      FakeProducer producer(4);
      FakeClock clock(kFakeStart);
      GeneratorOptions options = options_;
      options.share = {n, shares};
      auto log = OfferedLog::open(*disk_, "", 1).value();
      Generator generator(options, clock, producer, nullptr, *log, 0);
      EXPECT_TRUE(generator.run([] { return Generator::Wish::kGoOn; }));
      for (const auto& sent : producer.sent) {
        EventParser parser;
        const auto event = parser.parse(sent.value);
        EXPECT_EQ(sent.key, std::to_string(event->user_id));
        EXPECT_EQ(sent.partition, partition_of_key(sent.key, 4));
        all.insert({sent.key, sent.value.substr(sent.value.find("payload"))});
      }
    }
    return all;
  };
  const auto alone = values(1);
  EXPECT_EQ(alone.size(), 3000u);
  EXPECT_EQ(alone, values(3));
}

TEST_F(GeneratorTest, ATemplateTakesKeySizeAndPayload) {
  options_.events = 500;
  options_.event_template =
      EventTemplate::parse("{{id}} k={{key}} {{seq}} {{payload}}.", "t").value();
  options_.keys = KeyLaw::parse("uniform:50", "test").value();
  options_.sizes = SizeLaw::parse("uniform:200..300", "test").value();
  options_.payload = Payload::kRandom;
  options_.id_header = "x-id";
  ASSERT_TRUE(run());
  std::set<size_t> sizes;
  for (const auto& sent : producer_.sent) {
    EXPECT_NE(sent.value.find(" k=" + sent.key + " "), std::string::npos) << sent.value;
    EXPECT_TRUE(sent.value.starts_with(id_from_bytes(sent.headers.at("x-id"))->text()));
    EXPECT_TRUE(sent.value.size() >= 200 && sent.value.size() <= 300);
    sizes.insert(sent.value.size());
  }
  EXPECT_GT(sizes.size(), 50u);
}

TEST_F(GeneratorTest, RefusesOptionsThatDoNotGoTogether) {
  options_.arrivals = Arrivals::parse("ramp:0..1", "test").value();
  EXPECT_TRUE(check_options(options_));  // as long as its events take
  options_.events = UINT64_MAX;
  EXPECT_EQ(check_options(options_).error().code, Code::kUsage);
  options_.length = nanos_from_seconds(40 * 24 * 3600.0);
  EXPECT_EQ(check_options(options_).error().code, Code::kUsage);
  options_.length = nanos_from_seconds(10);
  EXPECT_TRUE(check_options(options_));
  options_.rate_eps = 0;
  EXPECT_EQ(check_options(options_).error().code, Code::kUsage);
  options_.arrivals = {};
  options_.event_template = EventTemplate::parse("{{id}}", "t").value();
  EXPECT_TRUE(check_options(options_));
  options_.payload = Payload::kText;
  EXPECT_EQ(check_options(options_).error().code, Code::kUsage);
}

TEST(OfferedLog, MergesTheSecondsOfItsFeeds) {
  auto log = OfferedLog::open(*real_disk(), "", 2).value();
  Offered row;
  row.scheduled = row.handed_over = row.acked = 5;
  log->close(0, 10, row);
  log->close(1, 10, row);
  log->finish(0);
  log->close(1, 11, row);
  log->finish(1);
  EXPECT_EQ(log->totals().acked, 15u);
}

}  // namespace
}  // namespace weir::load
