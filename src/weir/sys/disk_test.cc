#include "weir/sys/disk.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "weir/base/sha256.h"
#include "weir/sys/fake_disk.h"

namespace weir {
namespace {

std::string temporary_folder() {
  std::string path = (std::filesystem::temp_directory_path() / "weir-disk-XXXXXX").string();
  return mkdtemp(path.data());
}

// The same promises hold for the real disk and the fake one.
class EachDisk : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    if (GetParam()) {
      disk_ = real_disk();
      folder_ = temporary_folder();
    } else {
      disk_ = std::make_unique<FakeDisk>();
      folder_ = "/data";
      ASSERT_TRUE(disk_->make_folders(folder_));
    }
  }
  void TearDown() override { EXPECT_TRUE(disk_->remove_all(folder_)); }

  std::unique_ptr<Disk> disk_;
  std::string folder_;
};

TEST_P(EachDisk, AppendsReadsAndTruncates) {
  auto file = disk_->open(folder_ + "/a");
  ASSERT_TRUE(file);
  ASSERT_TRUE((*file)->append("hello "));
  ASSERT_TRUE((*file)->append("world"));
  ASSERT_TRUE((*file)->sync());
  char buffer[16];
  EXPECT_EQ((*file)->read_at(6, buffer, sizeof buffer), size_t{5});
  EXPECT_EQ(std::string(buffer, 5), "world");
  EXPECT_EQ((*file)->read_at(100, buffer, sizeof buffer), size_t{0});
  ASSERT_TRUE((*file)->truncate(5));
  ASSERT_TRUE((*file)->append("!"));
  EXPECT_EQ(disk_->read(folder_ + "/a"), "hello!");
  auto again = disk_->open(folder_ + "/a");
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->size(), uint64_t{6});
  ASSERT_TRUE((*again)->append("?"));
  EXPECT_EQ(disk_->read(folder_ + "/a"), "hello!?");
}

TEST_P(EachDisk, OpensToReadWhatIsThere) {
  EXPECT_EQ(disk_->open_to_read(folder_ + "/a").error().code, Code::kNotFound);
  EXPECT_FALSE(disk_->exists(folder_ + "/a"));
  ASSERT_TRUE(disk_->write_whole(folder_ + "/a", "hello"));
  const auto file = disk_->open_to_read(folder_ + "/a");
  ASSERT_TRUE(file);
  EXPECT_EQ((*file)->size(), uint64_t{5});
  char buffer[8];
  EXPECT_EQ((*file)->read_at(1, buffer, 3), size_t{3});
  EXPECT_EQ(std::string(buffer, 3), "ell");
}

TEST_P(EachDisk, WritesWholeWhatComesInPieces) {
  const std::string path = folder_ + "/a";
  ASSERT_TRUE(disk_->write_whole(path, "old"));
  const auto given_up = disk_->write_whole(path, [](File& file) -> Status {
    WEIR_TRY(file.append("half"));
    return fail(Code::kFailed, "given up");
  });
  EXPECT_EQ(given_up.error().what, "given up");
  EXPECT_EQ(disk_->read(path), "old");
  ASSERT_TRUE(disk_->write_whole(path, [](File& file) -> Status {
    for (const char* piece : {"new", "er"}) WEIR_TRY(file.append(piece));
    return {};
  }));
  EXPECT_EQ(disk_->read(path), "newer");
}

TEST_P(EachDisk, DigestsAFileOfManyPieces) {
  const std::string bytes(1'000'000, 'a');
  ASSERT_TRUE(disk_->write_whole(folder_ + "/a", bytes));
  EXPECT_EQ(sha256_of_file(*disk_, folder_ + "/a"), sha256_hex(bytes));
  EXPECT_EQ(sha256_of_file(*disk_, folder_ + "/b").error().code, Code::kNotFound);
}

TEST_P(EachDisk, ListsRenamesAndRemoves) {
  ASSERT_TRUE(disk_->make_folders(folder_ + "/x/y"));
  ASSERT_TRUE(disk_->make_folders(folder_ + "/x/y"));
  ASSERT_TRUE(disk_->write_whole(folder_ + "/x/b", "1"));
  ASSERT_TRUE(disk_->write_whole(folder_ + "/x/b", "22"));
  EXPECT_EQ(disk_->list(folder_ + "/x"), (std::vector<std::string>{"b", "y"}));
  ASSERT_TRUE(disk_->rename(folder_ + "/x", folder_ + "/z"));
  EXPECT_FALSE(disk_->exists(folder_ + "/x"));
  EXPECT_EQ(disk_->read(folder_ + "/z/b"), "22");
  ASSERT_TRUE(disk_->remove(folder_ + "/z/b"));
  ASSERT_TRUE(disk_->remove(folder_ + "/z/b"));
  ASSERT_TRUE(disk_->remove_all(folder_ + "/z"));
  EXPECT_FALSE(disk_->exists(folder_ + "/z"));
}

TEST_P(EachDisk, NamesWhatIsMissing) {
  EXPECT_EQ(disk_->read(folder_ + "/none").error().code, Code::kNotFound);
  EXPECT_EQ(disk_->list(folder_ + "/none").error().code, Code::kNotFound);
  EXPECT_EQ(disk_->open(folder_ + "/none/a").error().code, Code::kNotFound);
}

TEST_P(EachDisk, GivesALockToOneHolder) {
  auto first = disk_->lock(folder_ + "/.lock");
  ASSERT_TRUE(first);
  auto second = disk_->lock(folder_ + "/.lock");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::kUsage);
  first->reset();
  EXPECT_TRUE(disk_->lock(folder_ + "/.lock"));
}

INSTANTIATE_TEST_SUITE_P(Disks, EachDisk, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Real" : "Fake"; });

class FakeDiskTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(disk_.make_folders("/d"));
    ASSERT_TRUE(disk_.sync_folder("/"));
  }
  FakeDisk disk_;
};

TEST_F(FakeDiskTest, LosesBytesAndNamesThatWereNotSynced) {
  auto file = *disk_.open("/d/a");
  ASSERT_TRUE(file->append("kept"));
  ASSERT_TRUE(file->sync());
  ASSERT_TRUE(disk_.sync_folder("/d"));
  ASSERT_TRUE(file->append("lost"));
  auto nameless = *disk_.open("/d/b");
  ASSERT_TRUE(nameless->append("synced but nameless"));
  ASSERT_TRUE(nameless->sync());
  disk_.crash(FakeDisk::Loss::kUnsynced);
  EXPECT_EQ(disk_.read("/d/a"), "kept");
  EXPECT_FALSE(disk_.exists("/d/b"));
  EXPECT_FALSE(file->append("from before the crash"));
}

TEST_F(FakeDiskTest, UndoesARenameThatWasNotSynced) {
  ASSERT_TRUE(disk_.write_whole("/d/a", "x"));
  ASSERT_TRUE(disk_.rename("/d/a", "/d/b"));
  disk_.crash(FakeDisk::Loss::kUnsynced);
  EXPECT_TRUE(disk_.exists("/d/a"));
  EXPECT_FALSE(disk_.exists("/d/b"));
}

TEST_F(FakeDiskTest, TearsOnlyUnsyncedBytes) {
  const std::string kept(700, 'k'), risky(3000, 'r');
  bool was_short = false, had_hole = false;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const std::string path = "/d/" + std::to_string(seed);
    auto file = *disk_.open(path);
    ASSERT_TRUE(file->append(kept));
    ASSERT_TRUE(file->sync());
    ASSERT_TRUE(disk_.sync_folder("/d"));
    ASSERT_TRUE(file->append(risky));
    disk_.crash(FakeDisk::Loss::kTorn, seed);
    const std::string left = *disk_.read(path);
    ASSERT_EQ(left.substr(0, kept.size()), kept) << "seed " << seed;
    was_short |= left.size() < kept.size() + risky.size();
    had_hole |= left.find('\0') != std::string::npos && left.back() == 'r';
  }
  EXPECT_TRUE(was_short);
  EXPECT_TRUE(had_hole);
}

TEST_F(FakeDiskTest, KeepsTheCacheWhenOnlyTheProcessDies) {
  auto file = *disk_.open("/d/a");
  ASSERT_TRUE(file->append("cached"));
  ASSERT_TRUE(disk_.sync_folder("/d"));
  disk_.crash(FakeDisk::Loss::kNothing);
  EXPECT_EQ(disk_.read("/d/a"), "cached");
  disk_.crash(FakeDisk::Loss::kUnsynced);
  EXPECT_EQ(disk_.read("/d/a"), "");
}

TEST_F(FakeDiskTest, FailsWhereTold) {
  auto file = *disk_.open("/d/a");
  disk_.fail_at(FakeDisk::Fault::kWrite, 1);
  EXPECT_TRUE(file->append("ab"));
  EXPECT_FALSE(file->append("cd"));
  EXPECT_EQ(disk_.read("/d/a"), "abc");
  disk_.fail_at(FakeDisk::Fault::kSync, 0);
  EXPECT_FALSE(file->sync());
  disk_.set_capacity(5);
  EXPECT_EQ(file->append("defg").error().code, Code::kDiskFull);
  EXPECT_EQ(disk_.read("/d/a"), "abcde");
  disk_.power_off_at(0);
  EXPECT_FALSE(file->sync());
  EXPECT_FALSE(disk_.powered());
  EXPECT_FALSE(disk_.write_whole("/d/b", "x"));
}

TEST_F(FakeDiskTest, ReplacesAFileWholeAtEveryCrashPoint) {
  for (uint64_t operation = 0; operation < 6; ++operation) {
    ASSERT_TRUE(disk_.write_whole("/d/a", "old content"));
    disk_.power_off_at(operation);
    const bool written = bool(disk_.write_whole("/d/a", "new content"));
    disk_.crash(FakeDisk::Loss::kTorn, operation);
    const std::string content = *disk_.read("/d/a");
    EXPECT_TRUE(content == "new content" || (!written && content == "old content")) << content;
  }
}

}  // namespace
}  // namespace weir
