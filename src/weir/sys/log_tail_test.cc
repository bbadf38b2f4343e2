#include "weir/sys/log_tail.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace weir {
namespace {

TEST(LogTail, KeepsTheLastLinesThatSaySomething) {
  EXPECT_EQ(last_lines("one\ntwo\n\nthree\r\n \n", 2), "two\nthree");
  EXPECT_EQ(last_lines("one", 3), "one");
  EXPECT_EQ(last_lines("", 3), "");
  EXPECT_EQ(last_lines("\n\n", 3), "");
  EXPECT_EQ(last_lines("one\ntwo", 0), "");
}

TEST(LogTail, LeavesOutTheFramesOfAStackTrace) {
  EXPECT_EQ(last_lines("start\nException: no\n\tat a.b(C.java:1)\n\tat d.e(F.java:2)\n", 2),
            "start\nException: no");
}

TEST(LogTail, CutsLinesWithoutEnd) {
  EXPECT_EQ(last_lines(std::string(5000, 'x'), 1).size(), 400u);
}

TEST(LogTail, ReadsTheEndOfALargeFileAndSaysWhenThereIsNothing) {
  std::string path = testing::TempDir() + "weir-log-XXXXXX";
  const int fd = mkstemp(path.data());
  ASSERT_GE(fd, 0);
  close(fd);
  EXPECT_EQ(log_tail(path), "it wrote nothing to its log");
  {
    std::ofstream out(path);
    for (int i = 0; i < 20'000; ++i) out << "line " << i << "\n";
  }
  EXPECT_EQ(log_tail(path), "line 19997\nline 19998\nline 19999");
  std::filesystem::remove(path);
  EXPECT_EQ(log_tail(path), "it wrote nothing to its log");
}

}  // namespace
}  // namespace weir
