#include "weir/log/store.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>

#include "weir/log/log_fixture.h"

namespace weir::log {
namespace {

using ::testing::ElementsAre;

class StoreTest : public LogTest {};

TEST_F(StoreTest, ReturnsWhatWasAppendedUnderItsOffsets) {
  open();
  PartitionLog& log = create();
  EXPECT_EQ(append_durably(log, batch_of({"a", "b"})), Offset(0));
  EXPECT_EQ(append_durably(log, batch_of({"c"})), Offset(2));
  EXPECT_EQ(log.high_watermark(), Offset(3));
  EXPECT_THAT(read_all(log), ElementsAre(Stored{0, "a"}, Stored{1, "b"}, Stored{2, "c"}));
}

TEST_F(StoreTest, ReturnsTheWholeBatchForAnOffsetWithin) {
  open();
  PartitionLog& log = create();
  const std::string batch = batch_of({"a", "b", "c"});
  append_durably(log, batch);
  const ReadResult read = log.read(Offset(1), 1, true);
  EXPECT_EQ(read.outcome, ReadOutcome::kOk);
  EXPECT_EQ(read.slice.size, batch.size());
  EXPECT_EQ(read.slice.position, 0u);
  EXPECT_EQ(log.read(Offset(1), 1, false).slice.size, 0u);
  EXPECT_EQ(log.read(Offset(3), 100, true).slice.size, 0u);
  EXPECT_EQ(log.read(Offset(4), 100, true).outcome, ReadOutcome::kOutOfRange);
  EXPECT_EQ(log.read(Offset(-1), 100, true).outcome, ReadOutcome::kOutOfRange);
}

TEST_F(StoreTest, KeepsWithinTheBytesAskedFor) {
  open();
  PartitionLog& log = create();
  const std::string batch = batch_of({std::string(700, 'x')});
  for (int i = 0; i < 100; ++i) append_durably(log, batch);
  for (int from : {0, 1, 17, 50, 99}) {
    for (uint64_t count : {1, 2, 7, 30, 200}) {
      const ReadResult read = log.read(Offset(from), batch.size() * count + 5, false);
      EXPECT_EQ(read.slice.position, batch.size() * uint64_t(from));
      EXPECT_EQ(read.slice.size, batch.size() * std::min<uint64_t>(count, 100 - uint64_t(from)));
    }
  }
}

TEST_F(StoreTest, RefusesWhatIsNoSingleGoodBatch) {
  open();
  PartitionLog& log = create();
  const std::string good = batch_of({"a"});
  std::string flipped = good;
  flipped.back() ^= 1;
  EXPECT_EQ(log.append(flipped, {}).outcome, AppendOutcome::kCorrupt);
  EXPECT_EQ(log.append(good.substr(0, good.size() - 1), {}).outcome, AppendOutcome::kCorrupt);
  EXPECT_EQ(log.append("", {}).outcome, AppendOutcome::kCorrupt);
  EXPECT_EQ(log.append(good + good, {}).outcome, AppendOutcome::kInvalidRecord);
  std::string old = good;
  old[16] = 1;
  EXPECT_EQ(log.append(old, {}).outcome, AppendOutcome::kInvalidRecord);
  LogConfig config = log.config();
  config.batch_bytes_max = int64_t(good.size()) - 1;
  log.configure(config);
  EXPECT_EQ(log.append(good, {}).outcome, AppendOutcome::kTooLarge);
  EXPECT_EQ(log.log_end(), Offset(0));
}

TEST_F(StoreTest, RollsSegmentsAndReadsAcrossThem) {
  options_.defaults.segment_bytes = 2000;
  open();
  PartitionLog& log = create();
  std::vector<Stored> expected;
  for (int i = 0; i < 50; ++i) {
    const std::string value = std::to_string(i) + std::string(300, 'x');
    append_durably(log, batch_of({value}));
    expected.push_back({i, value});
  }
  EXPECT_EQ(read_all(log), expected);
  EXPECT_GT(disk_.list("/data/t-0")->size(), 5u);
  ASSERT_TRUE(store_->close());
  open();
  EXPECT_EQ(store_->recovery().bytes_read, 0u);
  EXPECT_EQ(read_all(this->log()), expected);
  EXPECT_EQ(read_all(this->log(), 1), expected);
}

TEST_F(StoreTest, GivesABatchLargerThanASegmentItsOwn) {
  options_.defaults.segment_bytes = 1024;
  open();
  PartitionLog& log = create();
  append_durably(log, batch_of({"small"}));
  append_durably(log, batch_of({std::string(5000, 'x')}));
  append_durably(log, batch_of({"small"}));
  EXPECT_EQ(read_all(log).size(), 3u);
}

TEST_F(StoreTest, TellsTheListenerBeforeTheCompletion) {
  std::mutex mutex;
  std::vector<int64_t> heard;
  options_.on_advance = [&](PartitionLog& log) {
    std::lock_guard lock(mutex);
    heard.push_back(log.high_watermark().value);
  };
  open();
  append_durably(create(), batch_of({"a", "b"}));
  std::lock_guard lock(mutex);
  EXPECT_THAT(heard, ElementsAre(2));
}

TEST_F(StoreTest, CreatesListsAndDeletesTopics) {
  open();
  create(0, "b");
  create(1, "a");
  create(0, "a");
  EXPECT_EQ(store_->create({"a", PartitionId(0)}).error().code, Code::kAlreadyExists);
  for (std::string bad : {"", ".", "..", "a/b", "ä"})
    EXPECT_EQ(store_->create({bad, PartitionId(0)}).error().code, Code::kUsage);
  EXPECT_EQ(store_->create({std::string(250, 'x'), PartitionId(0)}).error().code, Code::kUsage);
  std::vector<std::string> names;
  for (const auto& log : store_->partitions())
    names.push_back(fmt::format("{}-{}", log->name().topic, log->name().partition));
  EXPECT_THAT(names, ElementsAre("a-0", "a-1", "b-0"));

  auto deleted = store_->find({"a", PartitionId(0)});
  append_durably(*deleted, batch_of({"x"}));
  ASSERT_TRUE(store_->delete_topic("a"));
  EXPECT_FALSE(store_->find({"a", PartitionId(0)}));
  EXPECT_EQ(deleted->append(batch_of({"x"}), {}).outcome, AppendOutcome::kGone);
  EXPECT_EQ(deleted->read(Offset(0), 1, true).outcome, ReadOutcome::kGone);
  PartitionLog& again = create(0, "a");
  EXPECT_EQ(again.log_end(), Offset(0));
  crash(FakeDisk::Loss::kUnsynced);
  open();
  EXPECT_EQ(store_->partitions().size(), 2u);
  EXPECT_TRUE(store_->delete_topic("never created"));
}

TEST_F(StoreTest, ForgetsTheOffsetsOfADeletedTopic) {
  options_.checkpoint_bytes = 1;
  open();
  PartitionLog& log = create();
  for (int i = 0; i < 3; ++i) append_durably(log, batch_of({"x"}));
  ASSERT_TRUE(log.delete_records(Offset(2)));
  ASSERT_TRUE(store_->delete_topic("t"));
  create();
  crash(FakeDisk::Loss::kNothing);
  open();
  EXPECT_EQ(this->log().log_start(), Offset(0));
  EXPECT_EQ(this->log().log_end(), Offset(0));
}

TEST_F(StoreTest, LocksItsFolder) {
  open();
  auto second = LogStore::open(disk_, clock_, options_);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kUsage);
  EXPECT_NE(second.error().why.find("another process"), std::string::npos);
  store_.reset();
  open();
}

TEST_F(StoreTest, LeavesForeignNamesAlone) {
  ASSERT_TRUE(disk_.make_folders("/data/meta"));
  ASSERT_TRUE(disk_.write_whole("/data/file-1", "x"));
  ASSERT_TRUE(disk_.make_folders("/data/odd-01"));
  open();
  EXPECT_TRUE(store_->partitions().empty());
  EXPECT_TRUE(disk_.exists("/data/odd-01"));
}

TEST_F(StoreTest, RefusesAppendsAfterClose) {
  open();
  auto log = *store_->create({"t", PartitionId(0)});
  append_durably(*log, batch_of({"a"}));
  ASSERT_TRUE(store_->close());
  EXPECT_EQ(log->append(batch_of({"b"}), {}).outcome, AppendOutcome::kStorageError);
  EXPECT_EQ(read_all(*log).size(), 1u);
  store_.reset();
  EXPECT_EQ(log->append(batch_of({"b"}), {}).outcome, AppendOutcome::kStorageError);
  EXPECT_EQ(read_all(*log).size(), 1u);
}

TEST_F(StoreTest, WorksOnTheRealDisk) {
  std::string folder = (std::filesystem::temp_directory_path() / "weir-log-XXXXXX").string();
  ASSERT_TRUE(mkdtemp(folder.data()));
  auto disk = real_disk();
  options_.folder = folder + "/data";
  options_.defaults.segment_bytes = 2000;
  std::vector<Stored> expected;
  for (int round = 0; round < 3; ++round) {
    auto store = LogStore::open(*disk, clock_, options_);
    ASSERT_TRUE(store) << to_text(store.error());
    EXPECT_EQ(LogStore::open(*disk, clock_, options_).error().code, Code::kUsage);
    const TopicPartition name{"t", PartitionId(0)};
    auto log = round == 0 ? *(*store)->create(name) : (*store)->find(name);
    EXPECT_EQ(read_all(*log), expected);
    for (int i = 0; i < 20; ++i) {
      const std::string value = std::string(200, char('a' + i));
      append_durably(*log, batch_of({value}));
      expected.push_back({int64_t(expected.size()), value});
    }
    EXPECT_GE(log->read(Offset(0), 1, true).slice.file->descriptor(), 0);
    if (round == 1) {
      EXPECT_TRUE((*store)->close());
    }
  }
  EXPECT_TRUE(disk->remove_all(folder));
}

TEST_F(StoreTest, WritesEachByteOnce) {
  open();
  PartitionLog& log = create();
  const uint64_t before = disk_.bytes_appended();
  const std::string batch = batch_of({std::string(1000, 'x')});
  for (int i = 0; i < 20; ++i) append_durably(log, batch);
  EXPECT_EQ(disk_.bytes_appended() - before, 20 * batch.size());
}

}  // namespace
}  // namespace weir::log
