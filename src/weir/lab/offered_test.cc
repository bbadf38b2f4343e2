// Loads that change with time: their backlog as it is judged; and the files of several generators.
#include "weir/lab/offered.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cmath>
#include <filesystem>

#include "weir/lab/judge.h"
#include "weir/lab/ledgers.h"
#include "weir/load/offered_log.h"
#include "weir/stats/verdict.h"
#include "weir/sys/clock.h"
#include "weir/sys/disk.h"

namespace weir::lab {
namespace {
namespace fs = std::filesystem;

constexpr Nanos kLength = nanos_from_seconds(60), kTrigger = nanos_from_millis(500);

// A step whose results cover, every half second, what was due until `delay_of(now)` before.
template <class F>
StepData results_of(const std::string& form, F&& delay_of) {
  StepData data;
  data.spec.rate_eps = 10'000;
  data.spec.trigger = kTrigger;
  data.spec.schedule = {load::Arrivals::parse(form, "test").value(), kLength, 3};
  data.start = kFakeStart, data.end = kFakeStart + kLength;
  const auto schedule = schedule_of(data.spec, data.start);
  uint64_t covered = 0;
  for (Nanos at = kFakeStart + kTrigger; at <= data.end; at += kTrigger) {
    const uint64_t until = schedule.due_count(at - delay_of(at));
    Visible seen;
    seen.at = at;
    seen.distinct = int64_t(until - std::min(covered, until));
    covered = std::max(covered, until);
    data.observed.results.push_back(seen);
  }
  return data;
}

stats::Drift drift_of(const StepData& data) {
  return stats::judge_drift(backlog_as_delay(data), data.spec.rate_eps,
                            data.start + nanos_from_seconds(10), data.end);
}

const char* const kForms[] = {"constant",  "poisson",     "ramp:0.1..1",
                              "ramp:1..0", "steps:1,3,2", "burst:4x/200ms/2s"};

TEST(BacklogAsDelay, OfAnEngineThatKeepsUpIsLevelWhateverTheLoadDoes) {
  for (const char* form : kForms) {
    const auto data = results_of(form, [](Nanos) { return nanos_from_millis(250); });
    const auto drift = drift_of(data);
    EXPECT_EQ(drift.verdict, stats::Verdict::kKeepsUp) << form << ": " << drift.reason;
  }
}

TEST(BacklogAsDelay, OfAnEngineThatFallsBehindGrowsWhateverTheLoadDoes) {
  for (const char* form : kForms) {
    const auto data = results_of(form, [](Nanos at) {
      return Nanos(int64_t(0.1 * double((at - kFakeStart).value)));  // it does nine tenths
    });
    const auto drift = drift_of(data);
    EXPECT_EQ(drift.verdict, stats::Verdict::kFallsBehind) << form << ": " << drift.reason;
    EXPECT_NEAR(*drift.drift.estimate, 0.1, 0.01) << form;
  }
}

TEST(EventsDue, AreCountedBetweenStartAndEndOfTheLoad) {
  for (const char* form : kForms) {
    const auto data = results_of(form, [](Nanos) { return Nanos(0); });
    EXPECT_LE(events_due(data, kFakeStart - Nanos(1)), 1) << form;
    const double all = events_due(data, data.end + nanos_from_seconds(5));
    EXPECT_NEAR(all, 600'000, 4 * std::sqrt(600'000)) << form;
    EXPECT_EQ(all, events_due(data, data.end)) << form;
  }
}

class GeneratorFiles : public testing::Test {
 protected:
  GeneratorFiles() {
    std::string name = (fs::temp_directory_path() / "weir-offered-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~GeneratorFiles() override { fs::remove_all(folder_); }

  void leave(const std::string& where, uint32_t producer, int64_t second, uint64_t events,
             int64_t lag_us) {
    const std::string out = folder_ + where;
    fs::create_directories(out);
    load::OfferedSeconds seconds;
    auto& row = seconds[second];
    row.scheduled = row.handed_over = row.acked = events;
    row.send_lag.record(lag_us, int64_t(events));
    ASSERT_TRUE(load::write_offered(*disk_, out, seconds));
    auto ledger =
        LedgerWriter::create(out + "/ledger-" + std::to_string(producer) + ".bin", producer, 1);
    ASSERT_TRUE(ledger);
    ledger->handed_over(PartitionId(0), events - 1, kFakeStart, kFakeStart);
    ASSERT_TRUE(ledger->settle(PartitionId(0), 0, events - 1, Outcome::kAcked));
    ASSERT_TRUE(ledger->close());
  }

  std::unique_ptr<Disk> disk_ = real_disk();
  std::string folder_;
};

TEST_F(GeneratorFiles, OfSeveralProcessesBecomeOneStepsFiles) {
  leave("/generator-1", 5, 100, 300, 1000);
  leave("/generator-2", 6, 100, 700, 9000);
  EXPECT_EQ(count(read_ledgers(folder_).value(), Outcome::kAcked), 1000u);
  ASSERT_TRUE(join_generators(folder_));
  EXPECT_TRUE(generator_folders(folder_).empty());
  EXPECT_EQ(count(read_ledgers(folder_).value(), Outcome::kAcked), 1000u);
  const auto rows = load::read_offered(*disk_, folder_).value();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows.at(100).acked, 1000u);
  // Of all events, not of the processes' medians.
  EXPECT_NEAR(double(rows.at(100).send_lag.quantile(0.5)), 9000, 10);
  EXPECT_NEAR(double(rows.at(100).send_lag.quantile(0.25)), 1000, 2);
  EXPECT_EQ(send_lags(folder_).at(100).total(), 1000);
}

TEST_F(GeneratorFiles, OfARestartedOneAreAddedToWhatItLeftBefore) {
  leave("", 5, 100, 300, 1000);
  leave("/generator-1-again", 6, 101, 200, 1000);
  ASSERT_TRUE(join_generators(folder_));
  const auto rows = load::read_offered(*disk_, folder_).value();
  EXPECT_EQ(rows.at(100).acked, 300u);
  EXPECT_EQ(rows.at(101).acked, 200u);
  EXPECT_EQ(read_ledgers(folder_)->size(), 2u);
}

TEST_F(GeneratorFiles, OfOneProcessAreLeftAlone) {
  leave("", 5, 100, 300, 1000);
  const auto before = fs::last_write_time(folder_ + "/offered.csv");
  ASSERT_TRUE(join_generators(folder_));
  EXPECT_EQ(fs::last_write_time(folder_ + "/offered.csv"), before);
}

}  // namespace
}  // namespace weir::lab
