#include "weir/lab/limiting_side.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "weir/sys/clock.h"

namespace weir::lab {
namespace {

// A step of ten seconds on two cores, four tasks, 10,000 events per second, nothing at its limit.
class LimitingSide : public ::testing::Test {
 protected:
  LimitingSide() {
    data_.spec.rate_eps = 10'000;
    data_.spec.trigger = nanos_from_millis(200);
    data_.spec.partitions = data_.spec.parallelism = 4;
    data_.cores = 2;
    data_.start = kFakeStart;
    data_.end = data_.drained = kFakeStart + nanos_from_seconds(10);
    step_.offered_eps = step_.sent_eps = step_.acked_eps = 10'000;
    step_.processed_eps = 9'000;
    step_.cpu_seconds = {{"engine", 2}, {"broker", 1}, {"generator", 1}};
  }

  std::vector<run::Limit> limits() {
    return limits_of(data_, step_, data_.start + nanos_from_seconds(2), data_.end);
  }
  std::string text() { return limits_text(limits(), data_, step_); }

  // Batches that spend so much on planning, output and commit.
  void add_batches(int64_t fixed_us) {
    std::string table = "batch_id,planned_us,plan_us,output_us,record_us,commit_us\n";
    for (int i = 0; i < 40; ++i)
      table +=
          fmt::format("{},{},{},{},0,0\n", i, (kFakeStart + nanos_from_millis(200 * i)).micros(),
                      fixed_us / 2, fixed_us - fixed_us / 2);
    data_.batches = run::Table::parse(table);
  }

  // 25,000 events in each partition, and where the last receipt says that reading got to.
  void read_up_to(const std::vector<int64_t>& next) {
    Ledger ledger;
    Visible seen{data_.end - nanos_from_millis(1), 1, 1, 1, data_.end};
    for (size_t p = 0; p < next.size(); ++p) {
      ledger.ranges.push_back({uint32_t(p), 0, 24'999, Outcome::kAcked});
      seen.input_end[int32_t(p)] = next[p];
    }
    data_.ledgers = {ledger};
    data_.observed.results = {seen};
  }

  StepData data_;
  run::Step step_;
};

TEST_F(LimitingSide, IsNotFoundWhereNothingWasFull) {
  add_batches(10'000);
  read_up_to({20'000, 20'000, 20'000, 20'000});
  EXPECT_TRUE(limits().empty());
  EXPECT_EQ(text(),
            "not found: no process was at its limit (broker 10%, engine 20%, generator 10%)");
}

TEST_F(LimitingSide, IsTheCoresWhereAllAreInUse) {
  step_.cpu_seconds = {{"engine", 12}, {"broker", 4}, {"generator", 2}};
  const auto found = limits();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].side, "cores");
  EXPECT_NEAR(*found[0].share, 0.9, 1e-9);
  EXPECT_EQ(text(), "cores: 1.8 of 2 in use (broker 40%, engine 120%, generator 20%)");
}

TEST_F(LimitingSide, IsTheCoresThatBrokerAndEngineHaveForThemselves) {
  data_.cores = 4, data_.target_cores = 1;
  step_.cpu_seconds = {{"engine", 5}, {"broker", 4.5}, {"generator", 20}};
  EXPECT_TRUE(text().starts_with("cores: 0.9 of 1 that broker and engine have in use")) << text();
}

TEST_F(LimitingSide, IsTheEngineWhereItsTasksAreBusy) {
  data_.spec.parallelism = data_.spec.partitions = 1;
  step_.cpu_seconds["engine"] = 9;
  EXPECT_EQ(text(), "engine: its 1 task uses 0.90 cores");
}

TEST_F(LimitingSide, IsTheEngineWhereItsTasksAreInTheWorkThatWasAdded) {
  data_.spec.added_us = 400;  // 9,000 events of 400 us are 3.6 s of the 4 s that four tasks have
  const auto found = limits();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].side, "engine");
  EXPECT_NEAR(*found[0].share, 0.9, 1e-9);
}

TEST_F(LimitingSide, IsThePartitionsWhereTheyAreFewerThanTheWorkers) {
  data_.spec.partitions = 1;
  EXPECT_EQ(text(), "partitions: 1 partition keeps only 1 of 4 workers busy");
}

TEST_F(LimitingSide, IsTheGeneratorWhereItHandedOverTooLittleWithRoom) {
  step_.sent_eps = 9'000;
  EXPECT_TRUE(text().starts_with("generator: it handed over 90%")) << text();
  step_.refused = 10;  // without room it is not the generator's fault
  EXPECT_FALSE(text().starts_with("generator")) << text();
}

TEST_F(LimitingSide, IsTheBrokerWhereItAcknowledgesTooLittleAndQueuesAreFull) {
  step_.acked_eps = 8'000, step_.refused = 20'000;
  EXPECT_TRUE(text().starts_with("broker: it acknowledged 80%")) << text();
}

TEST_F(LimitingSide, IsTheBrokerWhereAcknowledgementsComeLaterAndLater) {
  const auto delays = [&](double later_each_second_ms) {
    std::string table = "second,ack_mean_ms\n";
    for (int64_t i = 0; i < 10; ++i)
      table +=
          fmt::format("{},{}\n", kFakeStart.second() + i, 5 + double(i) * later_each_second_ms);
    data_.offered = run::Table::parse(table);
  };
  delays(250);  // what is due in 7 s is acknowledged within 7 + 1.75 s
  const auto found = limits();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].side, "broker");
  EXPECT_NEAR(*found[0].share, 0.8, 1e-9);
  EXPECT_EQ(text(), "broker: it acknowledged 80% of what was offered");
  data_.resources = run::Table::parse(
      "second,process,pid,cpu_seconds,resident_bytes,read_bytes,written_bytes\n"
      "0.000,disk,0,5.00,0,0,0\n10.000,disk,0,11.60,0,0,2500000000\n");
  EXPECT_EQ(
      text(),
      "broker: it acknowledged 80% of what was offered; it used 0.1 cores, and the disk of its "
      "data was busy 66% of the time");
  delays(10);
  EXPECT_TRUE(limits().empty());
}

TEST_F(LimitingSide, IsTheDiskWhereItIsNeverIdle) {
  const auto table_of = [](const char* busy) {
    return run::Table::parse(
        fmt::format("second,process,pid,cpu_seconds,resident_bytes,read_bytes,written_bytes\n"
                    "0.000,disk,0,5.00,0,0,0\n10.000,disk,0,{},0,0,2500000000\n",
                    busy));
  };
  data_.resources = table_of("14.60");
  EXPECT_EQ(text(), "disk: that of the data was busy 96% of the time, with 250 MB/s written");
  data_.resources = table_of("12.00");
  EXPECT_TRUE(limits().empty());
}

TEST_F(LimitingSide, IsSkewWhereOnePartitionHoldsTheBacklog) {
  read_up_to({5'000, 24'000, 24'000, 24'000});
  EXPECT_EQ(text(), "skew: partition 0 holds 87% of the backlog, 25% would be even");
  read_up_to({24'900, 25'000, 25'000, 25'000});  // hardly any backlog
  EXPECT_TRUE(limits().empty());
}

TEST_F(LimitingSide, IsTheFixedCostWhereABatchSpendsATriggerWithoutReading) {
  add_batches(70'000);
  EXPECT_EQ(text(),
            "fixed cost: a batch spends 70 ms on planning, output and commit, 35% of the trigger");
}

TEST_F(LimitingSide, NamesAllThatTheEvidenceShows) {
  data_.spec.partitions = 2;
  step_.cpu_seconds["engine"] = 16;
  const auto found = limits();
  std::string sides;
  for (const auto& limit : found) sides += limit.side + " ";
  EXPECT_EQ(sides, "cores partitions ");
}

}  // namespace
}  // namespace weir::lab
