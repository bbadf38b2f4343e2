#include "weir/run/folder.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace weir::run {
namespace {
namespace fs = std::filesystem;

struct TemporaryFolder {
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "weir-run-XXXXXX").string();
    path = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { fs::remove_all(path); }
  fs::path path;
};

constexpr Nanos kNow{1'795'361'599'000'000'000};

TEST(Folder, IsCreatedLinkedAndSealed) {
  TemporaryFolder temporary;
  auto folder = Folder::create((temporary.path / "r1").string(), "load", kNow);
  ASSERT_TRUE(folder) << to_text(folder.error());
  EXPECT_EQ(fs::read_symlink(temporary.path / "latest"), "r1");
  auto step = folder->begin_step("100k");
  ASSERT_TRUE(step);
  EXPECT_TRUE(step->ends_with("steps/01-100k"));
  ASSERT_TRUE(folder->write("result.json", "{}"));
  ASSERT_TRUE(folder->write("report.html", "later"));
  ASSERT_TRUE(folder->seal());
  auto manifest = folder->read("manifest.json");
  ASSERT_TRUE(manifest);
  EXPECT_NE(
      manifest->find(
          "\"result.json\": \"44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\""),
      std::string::npos);
  EXPECT_EQ(manifest->find("report.html"), std::string::npos);
}

TEST(Folder, NeverWritesOverAnotherRun) {
  TemporaryFolder temporary;
  std::ofstream(temporary.path / "file") << "x";
  auto used = Folder::create(temporary.path.string(), "load", kNow);
  ASSERT_FALSE(used);
  EXPECT_EQ(used.error().code, Code::kAlreadyExists);
  auto file = Folder::create((temporary.path / "file").string(), "load", kNow);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, Code::kUsage);
}

TEST(Folder, OpensOnlyRuns) {
  TemporaryFolder temporary;
  EXPECT_FALSE(Folder::open(temporary.path.string()));
  EXPECT_FALSE(Folder::open((temporary.path / "none").string()));
}

TEST(UtcText, IsIso8601) { EXPECT_EQ(utc_text(kNow), "2026-11-22T15:33:19Z"); }

}  // namespace
}  // namespace weir::run
