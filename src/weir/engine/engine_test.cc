#include "weir/engine/engine.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "weir/engine/fake_cluster.h"
#include "weir/run/table.h"
#include "weir/sys/fake_disk.h"

namespace weir::engine {
namespace {

constexpr int32_t kPartitions = 3;
const std::string kTopic = "events", kOutput = "events.weir-out";

// What readers of weir's rule accept from the output.
struct Accepted {
  std::map<std::pair<uint32_t, uint64_t>, int> times;  // input partition and sequence -> how often
  std::map<int32_t, std::vector<EventId>> forwarded;   // in output order, per partition
  int64_t receipts = 0, malformed = 0, dropped = 0;
};

class EngineTest : public ::testing::Test {
 protected:
  EngineTest() {
    cluster_.create(kTopic, kPartitions);
    cluster_.create(kOutput, kPartitions);
    options_.topic = kTopic;
    options_.output_topic = kOutput;
    options_.checkpoint = "/checkpoint";
    options_.outdir = "/out";
    options_.trigger = nanos_from_seconds(1);
    options_.starting_offsets = StartingOffsets::kEarliest;
  }

  void produce(int count) {
    const EventEncoder encoder(150);
    std::string bytes(encoder.bytes_max(), ' ');
    for (int i = 0; i < count; ++i, ++produced_) {
      const int32_t partition = int32_t(produced_ % kPartitions);
      const Nanos due = clock_.now() - nanos_from_millis(5);
      const auto id = EventId::make(due, 7, uint32_t(partition), produced_ / kPartitions);
      const char* end = encoder.encode(bytes.data(), id, produced_, due);
      cluster_.append(kTopic, partition,
                      {{}, std::string(bytes.data(), size_t(end - bytes.data())), {}, 0});
    }
  }

  // Runs an engine until `batches` were committed by it or everything was consumed, or it ends
  // itself.
  Status run(int batches, Hook hook = {}) {
    int64_t left = batches;
    int idle = 0;
    Engine engine(
        options_, cluster_.connections(), disk_, clock_,
        [&] { return left <= 0 || stop_ || ++idle > 1'000; },
        {[&](const BatchReport& report) {
           --left;
           idle = 0;
           rows_.push_back(report.row);
           if (report.row.backlog_after == 0) left = 0;
         },
         [&](const std::string& text) { notes_.push_back(text); }},
        std::move(hook));
    return engine.run();
  }

  // Runs engines, at least one, until all input is in commits.
  void run_to_end() {
    ASSERT_TRUE(run(1));
    for (int i = 0; i < 20; ++i) {
      const auto newest = checkpoint::newest_committed(disk_, options_.checkpoint);
      ASSERT_TRUE(newest);
      int64_t consumed = 0;
      if (*newest)
        for (const auto& [partition, end] : (*newest)->second.ends) consumed += end;
      if (consumed == cluster_.end_of(kTopic)) return;
      const auto status = run(1);
      ASSERT_TRUE(status) << to_text(status.error());
    }
    FAIL() << "the input was never consumed";
  }

  Accepted accepted() {
    Accepted result;
    FenceFilter filter;
    const auto output = cluster_.records(kOutput);
    for (size_t p = 0; p < output.size(); ++p) {
      for (const auto& record : output[p]) {
        std::vector<std::pair<std::string_view, std::string_view>> views(record.headers.begin(),
                                                                         record.headers.end());
        const auto headers = from_headers(views);
        EXPECT_TRUE(headers);
        if (!filter.accept(PartitionId(int32_t(p)), *headers)) continue;
        if (headers->kind == OutputKind::kEvent) {
          const auto id = EventId::parse(*record.key);
          ++result.times[{id->partition(), id->sequence()}];
          result.forwarded[int32_t(p)].push_back(*id);
          continue;
        }
        const auto receipt = receipt_from_json(*record.value);
        EXPECT_TRUE(receipt);
        ++result.receipts;
        result.malformed += receipt->malformed;
        EXPECT_EQ(receipt->repeated, 0);
        for (const auto& range : receipt->ranges)
          for (uint64_t s = range.first; s <= range.last; ++s) ++result.times[{range.partition, s}];
      }
    }
    result.dropped = filter.dropped();
    return result;
  }

  void expect_each_once() {
    const auto result = accepted();
    EXPECT_EQ(result.times.size(), produced_);
    for (const auto& [id, times] : result.times)
      ASSERT_EQ(times, 1) << "partition " << id.first << " sequence " << id.second;
    for (const auto& [partition, ids] : result.forwarded)
      for (size_t i = 1; i < ids.size(); ++i)
        ASSERT_EQ(ids[i].sequence(), ids[i - 1].sequence() + 1)
            << "order in partition " << partition;
    expect_a_row_per_batch();
  }

  void expect_a_row_per_batch() {
    const auto text = disk_.read("/out/batches.csv");
    ASSERT_TRUE(text);
    EXPECT_TRUE(text->ends_with('\n'));
    const auto table = run::Table::parse(*text);
    const auto newest = checkpoint::newest_committed(disk_, options_.checkpoint);
    ASSERT_TRUE(newest && *newest);
    ASSERT_EQ(int64_t(table.rows()), (*newest)->first + 1);
    int64_t events = 0;
    for (size_t i = 0; i < table.rows(); ++i) {
      EXPECT_EQ(table.integer(i, "batch_id"), int64_t(i));
      events += *table.integer(i, "batch_events");
    }
    EXPECT_EQ(events, cluster_.end_of(kTopic));
  }

  static Hook crash_at(Point point, int64_t batch) {
    return [=](Point here, int64_t at) -> Status {
      if (here == point && at == batch) return fail(Code::kFailed, "crashed by the test");
      return {};
    };
  }

  FakeCluster cluster_;
  FakeDisk disk_;
  FakeClock clock_;
  EngineOptions options_;
  uint64_t produced_ = 0;
  bool stop_ = false;
  std::vector<BatchRow> rows_;
  std::vector<std::string> notes_;
};

TEST_F(EngineTest, MetricsWritesOneReceiptPerBatch) {
  produce(1000);
  ASSERT_TRUE(run(1));
  produce(500);
  ASSERT_TRUE(run(1));
  EXPECT_EQ(accepted().receipts, 2);
  expect_each_once();
  ASSERT_EQ(rows_.size(), 2u);
  EXPECT_EQ(rows_[0].events, 1000);
  EXPECT_EQ(rows_[1].batch, 1);
  EXPECT_EQ(rows_[1].attempt, 2);
}

TEST_F(EngineTest, ReceiptGoesToThePartitionOfItsBatch) {
  for (int i = 0; i < 4; ++i) {
    produce(10);
    ASSERT_TRUE(run(1));
  }
  const auto output = cluster_.records(kOutput);
  // Each of the four starts left a fence in every partition; batches 0 and 3 went to partition 0.
  EXPECT_EQ(output[0].size(), 4u + 2);
  EXPECT_EQ(output[1].size(), 4u + 1);
  EXPECT_EQ(output[2].size(), 4u + 1);
}

TEST_F(EngineTest, ForwardKeepsPartitionAndOrderAndProjects) {
  options_.workload = Workload::kForward;
  produce(20'000);
  ASSERT_TRUE(run(1));
  expect_each_once();
  const auto output = cluster_.records(kOutput);
  const auto& first = output[1][1];  // behind the fence
  const auto id = EventId::parse(*first.key);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->partition(), 1u);
  EXPECT_TRUE(first.value->starts_with("{\"event_id\":\"" + *first.key + "\",\"created_ts\":"));
  EXPECT_EQ(first.value->find("payload"), std::string::npos);
  EXPECT_EQ(first.headers[0], (std::pair<std::string, std::string>("weir-kind", "event")));
}

TEST_F(EngineTest, TrueLatencyCountsToTheAcknowledgement) {
  produce(300);
  ASSERT_TRUE(run(1));
  EXPECT_NEAR(rows_[0].latency.p50, 5.0, 1.0);  // the fake clock stands still
}

TEST_F(EngineTest, MalformedEventsAreCountedSampledAndSkipped) {
  for (auto workload : {Workload::kMetrics, Workload::kForward}) {
    options_.workload = workload;
    options_.checkpoint = std::string("/checkpoint-") + name_of(workload);
    options_.outdir = std::string("/out-") + name_of(workload);
    cluster_.append(kTopic, 0, {{}, "not json\x01", {}, 0});
    cluster_.append(kTopic, 1, {{}, std::nullopt, {}, 0});
    cluster_.append(kTopic, 1, {{}, "{\"created_ts\":1}", {}, 0});
    cluster_.append(kTopic, 2, {{}, "{\"event_id\":\"mine\"}", {}, 0});
    rows_.clear();
    ASSERT_TRUE(run(1));
    EXPECT_EQ(rows_.at(0).malformed % 3, 0);
    EXPECT_GT(rows_.at(0).foreign, 0);
    const auto log = disk_.read(options_.checkpoint + "/weir/malformed.log");
    EXPECT_NE(log->find("not json\\x01"), std::string::npos);
    EXPECT_NE(log->find("\tnull\n"), std::string::npos);
  }
}

TEST_F(EngineTest, OnBadEventFailEndsTheQueryAndLosesNothing) {
  options_.on_bad_event = OnBadEvent::kFail;
  produce(10);
  cluster_.append(kTopic, 0, {{}, "[]", {}, 0});
  const auto status = run(1);
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().remedy.find("skip"), std::string::npos);
  options_.on_bad_event = OnBadEvent::kSkip;
  run_to_end();
  EXPECT_EQ(accepted().times.size(), 10u);
}

TEST_F(EngineTest, FirstBatchRunsAtOnceAndLaterOnesOnTheGrid) {
  clock_.advance(nanos_from_millis(345));
  const Nanos start = clock_.now();
  produce(10);
  int committed = 0;
  Engine engine(options_, cluster_.connections(), disk_, clock_, [&] { return committed == 4; },
                {[&](const BatchReport& report) {
                   ++committed;
                   rows_.push_back(report.row);
                   produce(10);
                 },
                 {}},
                {});
  ASSERT_TRUE(engine.run());
  EXPECT_EQ(rows_[0].planned, start);
  for (size_t i = 1; i < rows_.size(); ++i) {
    EXPECT_EQ(rows_[i].planned.value % 1'000'000'000, 0);
    EXPECT_EQ((rows_[i].planned - rows_[i - 1].planned).second(), i == 1 ? 0 : 1);
  }
}

TEST_F(EngineTest, AnEmptyTriggerUsesNoBatch) {
  options_.starting_offsets = StartingOffsets::kLatest;
  produce(5);
  int asked = 0;
  Engine idle(options_, cluster_.connections(), disk_, clock_, [&] { return ++asked > 300; }, {},
              {});
  ASSERT_TRUE(idle.run());
  EXPECT_FALSE(disk_.exists("/checkpoint/offsets/0"));
  EXPECT_TRUE(disk_.exists("/checkpoint/sources/0/0"));
  produce(6);
  ASSERT_TRUE(run(1));
  EXPECT_EQ(rows_.at(0).events, 6);  // those before the query began do not count
}

TEST_F(EngineTest, ATopicThatEndsInATransactionsMarkerIsReadToItsEnd) {
  for (const auto workload : {Workload::kMetrics, Workload::kForward}) {
    options_.workload = workload;
    options_.checkpoint = workload == Workload::kMetrics ? "/metrics" : "/forward";
    options_.outdir = options_.checkpoint + "/out";
    produce(30);
    FakeRecord marker;
    marker.marker = true;
    for (int32_t p = 0; p < kPartitions; ++p) cluster_.append(kTopic, p, marker);
    rows_.clear();
    ASSERT_TRUE(run(1));
    ASSERT_EQ(rows_.size(), 1u);
    EXPECT_EQ(rows_[0].events, int64_t(produced_));
    EXPECT_EQ(rows_[0].backlog_after, 0);
  }
}

TEST_F(EngineTest, BackToBackWithoutATrigger) {
  options_.trigger = Nanos(0);
  produce(100);
  ASSERT_TRUE(run(1));
  expect_each_once();
}

struct CrashCase {
  Workload workload;
  Point point;
};

class CrashTest : public EngineTest, public ::testing::WithParamInterface<CrashCase> {};

TEST_P(CrashTest, ThenEachResultIsThereOnce) {
  options_.workload = GetParam().workload;
  for (int64_t batch = 0; batch < 3; ++batch) {
    produce(3'000);
    const auto status = run(1, crash_at(GetParam().point, batch));
    ASSERT_FALSE(status);
    cluster_.drop_stragglers();
    run_to_end();
    expect_each_once();
  }
}

TEST_P(CrashTest, WithStragglersThatArriveAfterTheNextAttemptsFence) {
  options_.workload = GetParam().workload;
  produce(3'000);
  cluster_.let_through(kPartitions + 1'234);  // the fences, and part of the results
  stop_ = false;
  const auto point = GetParam().point;
  int asked = 0;
  Engine engine(
      options_, cluster_.connections(), disk_, clock_, [&] { return ++asked > 3'000; }, {},
      crash_at(point, 0));
  (void)engine.run();
  cluster_.let_through(INT64_MAX);
  const auto status = run(1, [&](Point here, int64_t) -> Status {
    if (here == Point::kBeforeSent) cluster_.deliver_stragglers();
    return {};
  });
  ASSERT_TRUE(status) << to_text(status.error());
  run_to_end();
  expect_each_once();
}

TEST_P(CrashTest, AZombieThatWakesAfterItsReplacementDoesNoHarm) {
  options_.workload = GetParam().workload;
  produce(1'500);
  bool replaced = false;
  const auto status = run(5, [&](Point here, int64_t batch) -> Status {
    if (replaced || here != GetParam().point || batch != 1) {
      if (!replaced && here == Point::kAfterCommits && batch == 0) produce(3'000);
      return {};
    }
    replaced = true;
    produce(300);
    run_to_end();
    produce(300);
    return {};
  });
  ASSERT_TRUE(replaced);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::kFenced) << to_text(status.error());
  run_to_end();
  expect_each_once();
}

std::vector<CrashCase> every_crash() {
  std::vector<CrashCase> cases;
  for (auto workload : {Workload::kMetrics, Workload::kForward})
    for (auto point :
         {Point::kBeforeOffsets, Point::kAfterOffsets, Point::kBeforeSent, Point::kDuringSent,
          Point::kAfterSent, Point::kBeforeAcked, Point::kAfterAcked, Point::kBeforeOutput,
          Point::kAfterOutput, Point::kBeforeCommits, Point::kAfterCommits})
      if (workload == Workload::kForward || point != Point::kDuringSent)
        cases.push_back({workload, point});
  return cases;
}
INSTANTIATE_TEST_SUITE_P(EveryPoint, CrashTest, ::testing::ValuesIn(every_crash()),
                         [](const auto& info) {
                           return std::string(name_of(info.param.workload)) +
                                  std::to_string(int(info.param.point));
                         });

class RandomCrashTest : public EngineTest, public ::testing::WithParamInterface<int> {};

TEST_P(RandomCrashTest, LeavesEachResultOnce) {
  std::mt19937 random{uint32_t(GetParam())};
  options_.workload = GetParam() % 2 == 0 ? Workload::kMetrics : Workload::kForward;
  for (int round = 0; round < 8; ++round) {
    produce(int(random() % 3'000));
    cluster_.let_through(int64_t(random() % 4'000));
    const auto point = Point(random() % 11);
    int asked = 0;
    const int patience = int(random() % 2'000);
    Engine engine(
        options_, cluster_.connections(), disk_, clock_, [&] { return ++asked > patience; }, {},
        [&](Point here, int64_t) -> Status {
          if (here == point && random() % 3 == 0) return fail(Code::kFailed, "crashed");
          return {};
        });
    (void)engine.run();
    cluster_.let_through(INT64_MAX);
    if (random() % 2 == 0) cluster_.deliver_stragglers();
    if (random() % 4 == 0) cluster_.drop_stragglers();
  }
  produce(10);
  run_to_end();
  cluster_.deliver_stragglers();
  expect_each_once();
}
INSTANTIATE_TEST_SUITE_P(Seeds, RandomCrashTest, ::testing::Range(0, 30));

TEST_F(EngineTest, ARefusedRecordBeginsANewAttempt) {
  options_.workload = Workload::kForward;
  produce(9'000);
  bool refused = false;
  const auto status = run(1, [&](Point here, int64_t) -> Status {
    if (here == Point::kDuringSent && !std::exchange(refused, true)) cluster_.refuse_one();
    return {};
  });
  ASSERT_TRUE(status) << to_text(status.error());
  EXPECT_FALSE(notes_.empty());
  run_to_end();
  expect_each_once();
}

TEST_F(EngineTest, WaitsForALostBroker) {
  produce(100);
  ASSERT_TRUE(run(1));
  produce(100);
  bool hidden = false;
  ASSERT_TRUE(run(2, [&](Point here, int64_t) -> Status {
    if (here == Point::kAfterAcked && !std::exchange(hidden, true)) {
      cluster_.hide_for(5);
      produce(50);
    }
    return {};
  }));
  run_to_end();
  expect_each_once();
  EXPECT_EQ(notes_.size(), 2u);  // lost, and back
}

TEST_F(EngineTest, AnUnreachableBrokerAtTheStartIsAnError) {
  cluster_.set_reachable(false);
  const auto status = run(1);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::kUnreachable);
}

TEST_F(EngineTest, TheNewerOfTwoEnginesTakesOver) {
  produce(300);
  const auto status = run(3, [&](Point here, int64_t batch) -> Status {
    if (here == Point::kAfterCommits && batch == 0) {
      produce(300);
      run_to_end();
      produce(300);
    }
    return {};
  });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::kFenced);
  run_to_end();
  expect_each_once();
}

TEST_F(EngineTest, ATruncatedNewestPlanIsMadeAnewBehindTheOutput) {
  for (auto workload : {Workload::kMetrics, Workload::kForward}) {
    for (auto point : {Point::kAfterOffsets, Point::kAfterAcked, Point::kAfterOutput}) {
      SCOPED_TRACE(std::string(name_of(workload)) + std::to_string(int(point)));
      options_.workload = workload;
      options_.checkpoint =
          "/checkpoint-" + std::string(name_of(workload)) + std::to_string(int(point));
      options_.outdir = options_.checkpoint + "/out";
      cluster_.create(kOutput, kPartitions);
      produce(3'000);
      ASSERT_FALSE(run(1, crash_at(point, 0)));
      auto file = disk_.open(options_.checkpoint + "/offsets/0");
      ASSERT_TRUE((*file)->truncate(10));
      produce(300);
      const auto before = accepted();
      run_to_end();
      for (const auto& [id, times] : accepted().times) {
        // Outputs of the earlier rounds' queries stand in the same topic.
        const auto earlier = before.times.find(id);
        ASSERT_GE(times, 1);
        if (earlier != before.times.end() && point == Point::kAfterAcked) {
          ASSERT_EQ(times, earlier->second);
        }
      }
    }
  }
}

TEST_F(EngineTest, ContinuesACheckpointOfSpark) {
  produce(30);
  auto folder = checkpoint::Folder::open(disk_, options_.checkpoint);
  ASSERT_TRUE(folder->write_initial(kTopic, {{0, 0}, {1, 0}, {2, 0}}));
  ASSERT_TRUE(folder->write_plan(0, {kTopic, {{0, 4}, {1, 4}, {2, 4}}, 0, 1, {}}));
  ASSERT_TRUE(folder->write_commit(0));
  ASSERT_TRUE(folder->write_plan(1, {kTopic, {{0, 7}, {1, 8}, {2, 9}}, 0, 2, {{"spark.x", "y"}}}));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(disk_.remove_all(options_.checkpoint + "/weir"));
  ASSERT_TRUE(run(1));
  EXPECT_EQ(rows_.at(0).batch, 1);
  EXPECT_EQ(rows_.at(0).events, 12);
  ASSERT_TRUE(run(1));
  EXPECT_EQ(rows_.at(1).events, 6);
  EXPECT_EQ(checkpoint::Folder::open(disk_, options_.checkpoint)->plan(2)->conf.at("spark.x"), "y");
}

TEST_F(EngineTest, SaysThatEventsAreGoneWhenTheTopicWasMadeAnew) {
  produce(300);
  ASSERT_TRUE(run(1));
  FakeCluster anew;
  anew.create(kTopic, kPartitions);
  anew.create(kOutput, kPartitions);
  Engine engine(options_, anew.connections(), disk_, clock_, [] { return false; }, {}, {});
  const auto status = engine.run();
  ASSERT_FALSE(status);
  EXPECT_FALSE(status.error().remedy.empty());
}

TEST_F(EngineTest, CutsOffATornLineOfItsTable) {
  produce(300);
  ASSERT_TRUE(run(1));
  ASSERT_TRUE((*disk_.open("/out/batches.csv"))->append("1,17000"));
  produce(300);
  ASSERT_TRUE(run(1));
  expect_each_once();
}

TEST_F(EngineTest, TheLateLineOfAnOlderEngineIsNotSeen) {
  BatchRow row;
  row.query = "q";
  auto older = BatchTable::open(disk_, "/late", "q");
  ASSERT_TRUE(older && older->append(row));
  auto newer = BatchTable::open(disk_, "/late", "q");
  EXPECT_EQ(newer->newest(), 0);
  row.batch = 1;
  ASSERT_TRUE(newer->append(row));
  row.batch = 2;
  ASSERT_TRUE(newer->append(row));
  row.batch = 1;
  ASSERT_TRUE(older->append(row));
  const auto table = run::Table::parse(*disk_.read("/late/batches.csv"));
  ASSERT_EQ(table.rows(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(table.integer(i, "batch_id"), int64_t(i));
}

TEST_F(EngineTest, RefusesTheTableOfAnotherQuery) {
  produce(300);
  ASSERT_TRUE(run(1));
  options_.checkpoint = "/another";
  const auto status = run(1);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Code::kUsage);
}

TEST_F(EngineTest, PreparesTheOutputTopic) {
  auto admin = *cluster_.connections().admin();
  options_.output_topic = "fresh";
  EXPECT_TRUE(prepare_topics(*admin, options_));
  EXPECT_EQ(admin->topic("fresh")->partitions, kPartitions);
  cluster_.create("narrow", 1);
  options_.output_topic = "narrow";
  EXPECT_TRUE(prepare_topics(*admin, options_));
  options_.workload = Workload::kForward;
  EXPECT_EQ(prepare_topics(*admin, options_).error().code, Code::kUsage);
  options_.topic = "missing";
  EXPECT_EQ(prepare_topics(*admin, options_).error().code, Code::kNotFound);
}

TEST(BatchRow, ReadsBackWhatItWrote) {
  BatchRow row;
  row.batch = 3;
  row.events = 12;
  row.latency = {1.5, 1, 2, 3};
  row.seed = {-200.25, -300, 1, 2};
  row.planned = nanos_from_micros(1'700'000'000'123'456);
  row.acked = nanos_from_micros(1'700'000'000'223'456);
  row.query = "a-b";
  const auto back = BatchRow::parse(row.text());
  ASSERT_TRUE(back);
  EXPECT_EQ(back->text(), row.text());
  EXPECT_EQ(back->backlog_after, -1);
  EXPECT_FALSE(BatchRow::parse("1,2"));
  EXPECT_FALSE(BatchRow::parse(row.text() + ",1"));
}

TEST(CrashHook, KnowsItsMoments) {
  EXPECT_TRUE(parse_crash_hook("before:offsets"));
  EXPECT_TRUE(parse_crash_hook("after:commits:12"));
  EXPECT_FALSE(parse_crash_hook("after:lunch"));
  EXPECT_FALSE(parse_crash_hook("after:commits:x"));
}

}  // namespace
}  // namespace weir::engine
