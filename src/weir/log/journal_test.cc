#include "weir/log/journal.h"

#include <gmock/gmock.h>

#include "weir/sys/fake_disk.h"

namespace weir::log {
namespace {

using ::testing::ElementsAre;

class JournalTest : public ::testing::Test {
 protected:
  Result<Journal> open() {
    replayed_.clear();
    return Journal::open(disk_, "/journal", [&](std::string_view r) { replayed_.emplace_back(r); });
  }

  FakeDisk disk_;
  std::vector<std::string> replayed_;
};

TEST_F(JournalTest, ReplaysWhatWasAppended) {
  auto journal = *open();
  ASSERT_TRUE(journal.append("one"));
  const std::string_view two[] = {"two", ""};
  ASSERT_TRUE(journal.append(two));
  ASSERT_TRUE(journal.append(std::span<const std::string_view>()));
  disk_.crash(FakeDisk::Loss::kUnsynced);
  ASSERT_TRUE(open());
  EXPECT_THAT(replayed_, ElementsAre("one", "two", ""));
}

TEST_F(JournalTest, CutsATornTailAtEveryByte) {
  auto journal = *open();
  ASSERT_TRUE(journal.append("kept"));
  const uint64_t kept = journal.size_bytes();
  const std::string_view torn[] = {"torn", "apart"};
  ASSERT_TRUE(journal.append(torn));
  const std::string whole = *disk_.read("/journal");
  for (uint64_t size = kept; size < whole.size(); ++size) {
    ASSERT_TRUE(disk_.write_whole("/journal", whole.substr(0, size)));
    auto again = open();
    ASSERT_TRUE(again);
    EXPECT_THAT(replayed_, ElementsAre("kept"));
    ASSERT_TRUE(again->append("new"));
    ASSERT_TRUE(open());
    EXPECT_THAT(replayed_, ElementsAre("kept", "new"));
  }
}

TEST_F(JournalTest, RefusesRotBeforeGoodRecords) {
  auto journal = *open();
  for (std::string_view record : {"first", "second", "third"}) ASSERT_TRUE(journal.append(record));
  const std::string whole = *disk_.read("/journal");
  const size_t last = whole.size() - 8 - 4 - 5;
  for (size_t i = 0; i < last; ++i) {
    std::string rotten = whole;
    rotten[i] = char(rotten[i] ^ 1);
    ASSERT_TRUE(disk_.write_whole("/journal", rotten));
    auto again = open();
    ASSERT_FALSE(again) << i;
    EXPECT_EQ(again.error().code, Code::kCorrupt);
  }
}

TEST_F(JournalTest, KeepsAllAcknowledgedWhereverThePowerGoes) {
  bool finished = false;
  for (uint64_t operation = 0; !finished; ++operation) {
    SCOPED_TRACE(operation);
    ASSERT_TRUE(disk_.remove("/journal"));
    ASSERT_TRUE(disk_.sync_folder("/"));
    disk_.power_off_at(operation);
    std::vector<std::string> acked;
    if (auto journal = open()) {
      for (std::string record : {"a", "bb", "ccc"})
        if (journal->append(record)) acked.push_back(record);
      std::string sum;
      for (const std::string& record : acked) sum += record;
      const std::string_view snapshot[] = {sum};
      if (journal->compact(snapshot)) acked = {sum};
      if (journal->append("after")) acked.push_back("after");
    }
    finished = disk_.powered();
    disk_.crash(FakeDisk::Loss::kTorn, operation);
    ASSERT_TRUE(open());
    std::string there, expected;
    for (const std::string& record : replayed_) there += record;
    for (const std::string& record : acked) expected += record;
    EXPECT_EQ(there.substr(0, expected.size()), expected);
  }
}

TEST_F(JournalTest, ShrinksByCompaction) {
  auto journal = *open();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(journal.append("the same key again"));
  const uint64_t before = journal.size_bytes();
  const std::string_view live[] = {"live", "state"};
  ASSERT_TRUE(journal.compact(live));
  EXPECT_LT(journal.size_bytes(), before / 10);
  ASSERT_TRUE(journal.append("more"));
  ASSERT_TRUE(open());
  EXPECT_THAT(replayed_, ElementsAre("live", "state", "more"));
}

TEST_F(JournalTest, RefusesToGoOnAfterAFailedFlush) {
  auto journal = *open();
  ASSERT_TRUE(journal.append("kept"));
  disk_.fail_at(FakeDisk::Fault::kSync, 0);
  EXPECT_FALSE(journal.append("lost"));
  EXPECT_FALSE(journal.append("refused"));
  EXPECT_FALSE(journal.compact({}));
  ASSERT_TRUE(open());
  EXPECT_THAT(replayed_, ElementsAre("kept"));
}

TEST_F(JournalTest, RefusesRecordsThatAreTooLarge) {
  auto journal = *open();
  const std::string large(Journal::kFrameBytesMax, 'x');
  EXPECT_EQ(journal.append(large).error().code, Code::kUsage);
  ASSERT_TRUE(journal.append("small"));
}

}  // namespace
}  // namespace weir::log
