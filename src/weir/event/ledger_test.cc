#include "weir/event/ledger.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

namespace weir {
namespace {

class LedgerTest : public testing::Test {
 protected:
  LedgerTest() {
    char name[] = "/tmp/weir-ledger-XXXXXX";
    folder_ = mkdtemp(name);
    path_ = folder_ + "/ledger-7.bin";
  }
  ~LedgerTest() override { std::filesystem::remove_all(folder_); }

  std::string bytes() const {
    std::ifstream in(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void replace(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  Ledger read() const {
    auto ledger = Ledger::read(path_);
    EXPECT_TRUE(ledger) << to_text(ledger.error());
    return ledger.value_or(Ledger());
  }

  std::string folder_, path_;
};

std::string text(const Ledger& ledger) {
  std::string text;
  for (const auto& r : ledger.ranges)
    text += fmt::format("{}:{}-{}{} ", r.partition, r.first, r.last, " afu"[int(r.outcome)]);
  return text;
}

constexpr PartitionId kFirst(0), kSecond(1);

TEST_F(LedgerTest, ReadsBackWhatWasHandedOverAndSettled) {
  auto ledger = LedgerWriter::create(path_, 7, 2);
  ASSERT_TRUE(ledger) << to_text(ledger.error());
  ledger->handed_over(kFirst, 99, Nanos(1000), Nanos(2000));
  ledger->handed_over(kSecond, 9, Nanos(1500), Nanos(2500));
  ASSERT_TRUE(ledger->settle(kFirst, 0, 49, Outcome::kAcked));
  ASSERT_TRUE(ledger->settle(kSecond, 0, 3, Outcome::kFailed));
  ASSERT_TRUE(ledger->settle(kFirst, 50, 59, Outcome::kAcked));
  ASSERT_TRUE(ledger->settle(kFirst, 70, 79, Outcome::kAcked));
  ASSERT_TRUE(ledger->close());
  const Ledger found = read();
  EXPECT_EQ(text(found), "0:0-59a 0:60-69u 0:70-79a 0:80-99u 1:0-3f 1:4-9u ");
  EXPECT_EQ(found.producer, 7u);
  EXPECT_EQ(found.first_due, Nanos(1000));
  EXPECT_EQ(found.last_due, Nanos(2500));
  EXPECT_TRUE(found.complete);
  EXPECT_EQ(found.count(Outcome::kAcked), 70u);
  EXPECT_EQ(found.count(Outcome::kFailed), 4u);
  EXPECT_EQ(found.count(Outcome::kUnknown), 36u);
  EXPECT_EQ(found.sent(), 110u);
}

TEST_F(LedgerTest, AnOpenOneIsReadableAtAnyMoment) {
  auto ledger = LedgerWriter::create(path_, 3, 4);
  ASSERT_TRUE(ledger);
  EXPECT_EQ(text(read()), "");
  EXPECT_EQ(read().first_due, Nanos(0));
  ledger->handed_over(kFirst, 4, Nanos(10), Nanos(20));
  EXPECT_EQ(text(read()), "0:0-4u ");
  EXPECT_FALSE(read().complete);
}

TEST_F(LedgerTest, RefusesAnExistingFileAndAMissingFolder) {
  ASSERT_TRUE(LedgerWriter::create(path_, 1, 1));
  EXPECT_EQ(LedgerWriter::create(path_, 1, 1).error().code, Code::kAlreadyExists);
  EXPECT_EQ(LedgerWriter::create(folder_ + "/no/ledger", 1, 1).error().code, Code::kNotFound);
  EXPECT_EQ(Ledger::read(folder_ + "/none").error().code, Code::kNotFound);
}

TEST_F(LedgerTest, KeepsManyRangesAcrossItsGrowth) {
  auto ledger = LedgerWriter::create(path_, 1, 1);
  ASSERT_TRUE(ledger);
  constexpr uint64_t kCount = 100'000;  // 2.4 MB: grows twice
  ledger->handed_over(kFirst, kCount - 1, Nanos(1), Nanos(2));
  for (uint64_t i = 0; i < kCount; ++i)
    ASSERT_TRUE(ledger->settle(kFirst, i, i, i % 2 ? Outcome::kFailed : Outcome::kAcked));
  ASSERT_TRUE(ledger->close());
  const Ledger found = read();
  EXPECT_EQ(found.ranges.size(), kCount);
  EXPECT_EQ(found.count(Outcome::kFailed), kCount / 2);
}

TEST_F(LedgerTest, HandingOverAndSettlingMayRunOnTwoThreads) {
  auto ledger = LedgerWriter::create(path_, 1, 1);
  ASSERT_TRUE(ledger);
  constexpr uint64_t kCount = 200'000;
  std::atomic<uint64_t> handed{0};
  std::thread pacer([&] {
    for (uint64_t i = 0; i < kCount; ++i) {
      ledger->handed_over(kFirst, i, Nanos(int64_t(i)), Nanos(int64_t(i)));
      handed = i + 1;
    }
  });
  for (uint64_t i = 0; i < kCount;) {
    const uint64_t upto = handed;
    for (; i < upto; ++i)
      ASSERT_TRUE(ledger->settle(kFirst, i, i, i % 5 ? Outcome::kAcked : Outcome::kFailed));
  }
  pacer.join();
  ASSERT_TRUE(ledger->close());
  EXPECT_EQ(read().count(Outcome::kAcked), kCount / 5 * 4);
  EXPECT_EQ(read().last_due, Nanos(int64_t(kCount - 1)));
}

// A child writes as fast as it can and reports through a pipe how far it surely came; it is killed
// at a random moment. Whatever it had settled must be there, and nothing but whole ranges.
TEST_F(LedgerTest, SurvivesSigkillOfItsWriterAtAnyMoment) {
  std::mt19937_64 random(9);
  for (int round = 0; round < 20; ++round) {
    int pipe_ends[2];
    ASSERT_EQ(pipe(pipe_ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      auto ledger = LedgerWriter::create(path_, 7, 2);
      if (!ledger) _exit(1);
      for (uint64_t i = 0;; i += 3) {
        ledger->handed_over(kSecond, i + 2, Nanos(int64_t(i)), Nanos(int64_t(i) + 2));
        const Outcome outcome = i % 2 ? Outcome::kFailed : Outcome::kAcked;
        if (!ledger->settle(kSecond, i, i + 1, outcome)) _exit(1);
        if (!ledger->settle(kSecond, i + 2, i + 2, outcome)) _exit(1);
        if (i % 300 == 0 && write(pipe_ends[1], &i, sizeof i) != sizeof i) _exit(1);
      }
    }
    ::close(pipe_ends[1]);
    uint64_t reached = 0;
    for (uint64_t reports = random() % 200 + 1; reports > 0; --reports)
      ASSERT_EQ(::read(pipe_ends[0], &reached, sizeof reached), ssize_t(sizeof reached));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    ::close(pipe_ends[0]);
    const Ledger found = read();
    EXPECT_FALSE(found.complete);
    EXPECT_GE(found.sent(), reached + 3);
    EXPECT_GE(found.last_due, Nanos(int64_t(reached)));
    uint64_t next = 0;
    for (const auto& range : found.ranges) {
      EXPECT_EQ(range.first, next);
      next = range.last + 1;
      if (range.last > reached + 2) continue;
      EXPECT_EQ(range.outcome, range.first / 3 % 2 ? Outcome::kFailed : Outcome::kAcked);
    }
    std::filesystem::remove(path_);
  }
}

TEST_F(LedgerTest, AFullDiskIsAnErrorAndNotASignal) {
  // A limit on the file's size stands for the full disk: in a child, since it cannot be raised
  // again.
  const pid_t child = fork();
  if (child == 0) {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{512 * 1024, 512 * 1024};
    setrlimit(RLIMIT_FSIZE, &limit);
    auto ledger = LedgerWriter::create(path_, 7, 1);
    if (!ledger) _exit(2);
    _exit(ledger->settle(kFirst, 0, 0, Outcome::kAcked) ? 3 : 0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(LedgerTest, RefusesDamagedFiles) {
  {
    auto ledger = LedgerWriter::create(path_, 7, 2);
    ASSERT_TRUE(ledger);
    ledger->handed_over(kFirst, 9, Nanos(1), Nanos(2));
    ASSERT_TRUE(ledger->settle(kFirst, 0, 4, Outcome::kAcked));
    ASSERT_TRUE(ledger->settle(kFirst, 5, 9, Outcome::kFailed));
    ASSERT_TRUE(ledger->close());
  }
  const std::string good = bytes();
  const auto refused = [&](const std::string& bad) {
    replace(bad);
    const auto ledger = Ledger::read(path_);
    return !ledger && ledger.error().code == Code::kCorrupt;
  };
  for (size_t size = 0; size < good.size(); size += size < 100 ? 1 : 97)
    EXPECT_TRUE(refused(good.substr(0, size))) << size;
  const auto with = [&](size_t at, auto value) {
    std::string bad = good;
    std::memcpy(bad.data() + at, &value, sizeof value);
    return bad;
  };
  EXPECT_TRUE(refused(with(0, 'x')));
  EXPECT_TRUE(refused(with(8, uint32_t{2})));              // version
  EXPECT_TRUE(refused(with(16, uint32_t{0xFFFFFFFF})));    // partitions
  EXPECT_TRUE(refused(with(40, uint64_t{1} << 60)));       // ranges
  EXPECT_TRUE(refused(with(48, UINT64_MAX)));              // handed over
  EXPECT_TRUE(refused(with(4096, uint32_t{2})));           // a partition there is not
  EXPECT_TRUE(refused(with(4096 + 24 + 8, uint64_t{4})));  // an overlap
  std::mt19937_64 random(4);
  for (int i = 0; i < 500; ++i) {
    std::string bad = good;
    bad[random() % bad.size()] ^= char(1 << random() % 8);
    replace(bad);
    (void)Ledger::read(path_).has_value();  // any answer but a crash
  }
  replace(good);
  EXPECT_TRUE(Ledger::read(path_));
}

}  // namespace
}  // namespace weir
