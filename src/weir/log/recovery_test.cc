// Damage to what is stored: cut where nothing acknowledged is lost, else refused.
#include "weir/log/recovery.h"

#include <gmock/gmock.h>

#include <random>

#include "weir/log/log_fixture.h"

namespace weir::log {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DamageTest : public LogTest {
 protected:
  static constexpr char kLog[] = "/data/t-0/00000000000000000000.log";

  // Three batches of one record each; killed, or closed cleanly.
  void write_three(bool cleanly) {
    disk_.crash(FakeDisk::Loss::kNothing);
    ASSERT_TRUE(disk_.remove_all("/data"));
    open();
    PartitionLog& log = create();
    for (std::string value : {"first", "second", "third"}) {
      last_batch_ = batch_of({value});
      append_durably(log, last_batch_);
    }
    if (cleanly) {
      ASSERT_TRUE(store_->close());
    }
    crash(FakeDisk::Loss::kNothing);
    size_ = disk_.read(kLog)->size();
  }
  void truncate_log(uint64_t size) {
    auto file = *disk_.open(kLog);
    ASSERT_TRUE(file->truncate(size));
  }
  void expect_corrupt(const std::string& why) {
    auto store = LogStore::open(disk_, clock_, options_);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Code::kCorrupt);
    EXPECT_THAT(store.error().what, HasSubstr("/data"));
    EXPECT_THAT(store.error().why, HasSubstr(why));
    EXPECT_FALSE(store.error().remedy.empty());
  }

  std::string last_batch_;
  uint64_t size_ = 0;
};

TEST_F(DamageTest, CutsATornTailAtEveryByte) {
  write_three(false);
  const uint64_t last_at = size_ - last_batch_.size();
  for (uint64_t size = last_at; size < last_at + last_batch_.size(); ++size) {
    SCOPED_TRACE(size);
    write_three(false);
    truncate_log(size);
    open();
    EXPECT_EQ(store_->recovery().bytes_cut, size - last_at);
    EXPECT_THAT(read_all(log()), ElementsAre(Stored{0, "first"}, Stored{1, "second"}));
    EXPECT_EQ(append_durably(log(), batch_of({"new"})), Offset(2));
  }
}

TEST_F(DamageTest, CutsABatchWithoutItsLastBytesOrWithZeros) {
  write_three(false);
  disk_.overwrite(kLog, size_ - 9, std::string(9, '\0'));
  open();
  EXPECT_EQ(read_all(log()).size(), 2u);
  // A file grown by zeros, as an interrupted extension leaves it.
  crash(FakeDisk::Loss::kNothing);
  auto file = *disk_.open(kLog);
  ASSERT_TRUE(file->append(std::string(5000, '\0')));
  open();
  EXPECT_EQ(store_->recovery().bytes_cut, 5000u);
  EXPECT_EQ(read_all(log()).size(), 2u);
}

TEST_F(DamageTest, RefusesRotBetweenGoodBatches) {
  write_three(false);
  const uint64_t second_at = batch_of({"first"}).size();
  const uint64_t second_end = size_ - last_batch_.size();
  for (uint64_t at = second_at; at < second_end; ++at) {
    if (at >= second_at + 12 && at < second_at + 16) continue;  // the leader epoch has no CRC
    SCOPED_TRACE(at - second_at);
    write_three(false);
    const char flipped = char((*disk_.read(kLog))[at] ^ 0x10);
    disk_.overwrite(kLog, at, {&flipped, 1});
    expect_corrupt("a good one follows");
  }
}

TEST_F(DamageTest, RefusesToLoseWhatACleanStopHadFlushed) {
  for (uint64_t missing : {1u, 30u, 80u, 200u}) {
    write_three(true);
    truncate_log(size_ - missing);
    expect_corrupt("had been flushed");
  }
  write_three(true);
  ASSERT_TRUE(disk_.remove(kLog));
  expect_corrupt("missing");
}

TEST_F(DamageTest, RefusesABadBatchInASegmentBeforeTheLast) {
  options_.defaults.segment_bytes = 1024;
  open();
  PartitionLog& log = create();
  for (int i = 0; i < 4; ++i) append_durably(log, batch_of({std::string(900, 'x')}));
  crash(FakeDisk::Loss::kNothing);
  // As if no checkpoint had been made yet.
  ASSERT_TRUE(disk_.remove("/data/recovery-point-offset-checkpoint"));
  const auto names = disk_.list("/data/t-0");
  for (const std::string& name : *names) {
    if (name.ends_with(".producers")) {
      ASSERT_TRUE(disk_.remove("/data/t-0/" + name));
    }
  }
  disk_.overwrite("/data/t-0/00000000000000000001.log", 500, "rot");
  expect_corrupt("a later segment exists");
}

TEST_F(DamageTest, RefusesAMissingSegment) {
  options_.defaults.segment_bytes = 1024;
  for (std::string name : {"00000000000000000000", "00000000000000000001"}) {
    disk_.crash(FakeDisk::Loss::kNothing);
    ASSERT_TRUE(disk_.remove_all("/data"));
    open();
    PartitionLog& log = create();
    for (int i = 0; i < 4; ++i) append_durably(log, batch_of({std::string(900, 'x')}));
    crash(FakeDisk::Loss::kNothing);
    ASSERT_TRUE(disk_.remove("/data/t-0/" + name + ".log"));
    auto store = LogStore::open(disk_, clock_, options_);
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Code::kCorrupt);
  }
}

TEST_F(DamageTest, RefusesAMalformedCheckpointFile) {
  for (std::string bad :
       {"", "1\n0\n", "0\nx\n", "0\n1\n", "0\n1\nt 0\n", "0\n1\nt 0 -3\n", "0\n2\nt 0 1\n"}) {
    write_three(true);
    ASSERT_TRUE(disk_.write_whole("/data/recovery-point-offset-checkpoint", bad));
    expect_corrupt("");
  }
}

TEST_F(DamageTest, EndsWellWhateverBytesItFinds) {
  options_.defaults.segment_bytes = 4000;
  options_.checkpoint_bytes = 3000;
  size_t opened = 0, refused = 0;
  for (uint64_t seed = 1; seed <= 400; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    store_.reset();
    disk_.crash(FakeDisk::Loss::kNothing);
    ASSERT_TRUE(disk_.remove_all("/data"));
    open();
    create();
    for (int i = 0; i < 30; ++i) {
      const auto codec = i % 2 ? record::Codec::kLz4 : record::Codec::kNone;
      append_durably(log(),
                     batch_of({std::string(size_t(i * 30), 'x')}, 1000 + i, {3, 0, i}, codec));
    }
    if (seed % 2) {
      ASSERT_TRUE(store_->close());
    }
    crash(FakeDisk::Loss::kNothing);
    std::vector<std::string> files = {"/data/recovery-point-offset-checkpoint"};
    const auto names = disk_.list("/data/t-0");
    for (const std::string& name : *names) files.push_back("/data/t-0/" + name);
    for (uint64_t damages = 1 + random() % 3; damages > 0; --damages) {
      const std::string& path = files[random() % files.size()];
      auto content = disk_.read(path);
      if (!content || content->empty()) continue;
      const size_t at = random() % content->size();
      if (random() % 4 == 0)
        content->resize(at);
      else if (random() % 2)
        (*content)[at] = char(random());
      else
        content->replace(at, 8, std::string(8, random() % 2 ? '\xff' : '\0'));
      ASSERT_TRUE(disk_.write_whole(path, *content));
    }
    auto store = LogStore::open(disk_, clock_, options_);
    if (!store) {
      EXPECT_EQ(store.error().code, Code::kCorrupt) << to_text(store.error());
      ++refused;
      continue;
    }
    ++opened;
    // Rot below the recovery point shows when it is read, as an error or a wrong checksum.
    auto log = (*store)->find({"t", PartitionId(0)});
    for (Offset at = log->log_start(); at < log->high_watermark(); ++at)
      (void)log->read(at, 700, true);
    for (int64_t time = 990; time < 1040; ++time) (void)log->find_timestamp(time);
    (void)log->max_timestamp();
    append_durably(*log, batch_of({"next"}));
    EXPECT_TRUE((*store)->close());
  }
  EXPECT_GT(opened, 50u);
  EXPECT_GT(refused, 50u);
}

class IndexDamageTest : public LogTest, public ::testing::WithParamInterface<bool> {};

TEST_P(IndexDamageTest, BuildsIndexesAnewWhenTheyDoNotFit) {
  const bool cleanly = GetParam();
  options_.defaults.segment_bytes = 60'000;
  options_.checkpoint_bytes = 20'000;
  const std::string stem = "/data/t-0/00000000000000000000";
  for (std::string damage : {"missing", "short", "noise", "shifted", "of another log"}) {
    SCOPED_TRACE(damage);
    store_.reset();
    disk_.crash(FakeDisk::Loss::kNothing);
    ASSERT_TRUE(disk_.remove_all("/data"));
    open();
    PartitionLog& log = create();
    std::vector<Stored> expected;
    for (int i = 0; i < 150; ++i) {
      const std::string value = std::to_string(i) + std::string(700, 'x');
      append_durably(log, batch_of({value}, 1000 + i));
      expected.push_back({i, value});
    }
    if (cleanly) {
      ASSERT_TRUE(store_->close());
    }
    crash(FakeDisk::Loss::kNothing);
    for (std::string suffix : {".index", ".timeindex"}) {
      const std::string path = stem + suffix;
      std::string bytes = disk_.exists(path) ? *disk_.read(path) : "";
      if (damage == "missing") {
        ASSERT_TRUE(disk_.remove(path));
      }
      if (damage == "short") bytes.resize(bytes.size() / 2 + 3);
      if (damage == "noise")
        for (char& c : bytes) c = char(c * 131 + 17);
      if (damage == "shifted") bytes = std::string(4, '\1') + bytes;
      if (damage == "of another log")
        for (size_t i = 7; i < bytes.size(); i += 8) bytes[i] ^= 1;
      if (damage != "missing") {
        ASSERT_TRUE(disk_.write_whole(path, bytes));
      }
    }
    open();
    EXPECT_EQ(read_all(this->log(), 3000), expected);
    EXPECT_EQ(this->log().find_timestamp(1077)->offset, Offset(77));
    EXPECT_EQ(append_durably(this->log(), batch_of({"more"})), Offset(150));
    ASSERT_TRUE(store_->close());
    open();
    EXPECT_EQ(read_all(this->log(), 3000).size(), 151u);
  }
}
INSTANTIATE_TEST_SUITE_P(Ends, IndexDamageTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Clean" : "Killed"; });

TEST_F(LogTest, RereadsOnlyWhatLiesAboveTheRecoveryPoint) {
  options_.checkpoint_bytes = 50'000;
  open();
  PartitionLog& log = create();
  const std::string batch = batch_of({std::string(1000, 'x')});
  for (int i = 0; i < 1000; ++i) append_durably(log, batch);
  crash(FakeDisk::Loss::kNothing);
  open();
  EXPECT_LT(store_->recovery().bytes_read, 500'000u);
  EXPECT_EQ(this->log().high_watermark(), Offset(1000));
}

}  // namespace
}  // namespace weir::log
