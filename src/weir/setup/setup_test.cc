// Setup against stand-ins for java, mvn, pip and tar: small shell scripts in a PATH of the test's
// own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "weir/base/sha256.h"
#include "weir/setup/install.h"
#include "weir/setup/java.h"
#include "weir/setup/software.h"
#include "weir/setup/tree.h"
#include "weir/sys/disk.h"

namespace weir::setup {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class SetupTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "weir-setup-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    fs::create_directories(root_ + "/bin");
    // What the scripts themselves run.
    for (const char* tool : {"sh", "mkdir", "cat", "tar", "gzip", "sleep", "touch", "printf", "mv"})
      for (const char* folder : {"/usr/bin/", "/bin/"})
        if (fs::exists(std::string(folder) + tool) && !fs::exists(root_ + "/bin/" + tool))
          fs::create_symlink(std::string(folder) + tool, root_ + "/bin/" + tool);
    around_.places = {.cache = root_ + "/cache", .path = root_ + "/bin"};
    around_.tell = [this](const std::string& text) { told_ += text + "\n"; };
    program("java", "echo 'openjdk version \"17.0.15\" 2025-04-15' >&2");
    // Writes the jars a.jar and b.jar into -DoutputDirectory.
    program("mvn", kMaven);
    software_ = {.name = "thing",
                 .title = "The Thing",
                 .version = "1.2",
                 .download_bytes = 10,
                 .prepared_bytes = 10,
                 .dependencies = "<dependency/>",
                 .jars = {{"a.jar", sha256_hex("bytes of a")}, {"b.jar", sha256_hex("bytes of b")}},
                 .jars_folder = "libs"};
    software_.manifest_sha256 = sha256_hex(sha256_hex("bytes of a") + "  libs/a.jar\n" +
                                           sha256_hex("bytes of b") + "  libs/b.jar\n");
  }
  void TearDown() override { fs::remove_all(root_); }

  void program(const std::string& name, const std::string& script) {
    const std::string path = root_ + "/bin/" + name;
    write(path, "#!/bin/sh\n" + script + "\n");
    fs::permissions(path, fs::perms::owner_all);
  }
  static void write(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::trunc) << text;
  }
  std::string home() const { return root_ + "/cache/thing-1.2"; }
  // Nothing of an attempt is left beside what is prepared.
  void expect_clean() { EXPECT_FALSE(fs::exists(root_ + "/cache/staging")); }

  // $out is the folder that mvn was told to copy into.
  static constexpr const char* kMaven = R"(
for argument; do case "$argument" in -DoutputDirectory=*) out=${argument#*=};; esac; done
mkdir -p "$out"
printf 'bytes of a' > "$out/a.jar"
printf 'bytes of b' > "$out/b.jar")";

  std::string root_, told_;
  Surroundings around_;
  Software software_;
};

TEST_F(SetupTest, PreparesOnceAndSaysSo) {
  auto first = prepare(software_, around_);
  ASSERT_TRUE(first) << to_text(first.error());
  EXPECT_TRUE(*first);
  EXPECT_THAT(told_, HasSubstr("mvn fetches 2 jars"));
  EXPECT_EQ(*real_disk()->read(home() + "/libs/a.jar"), "bytes of a");
  EXPECT_TRUE(verify_tree(home(), software_.manifest_sha256));
  expect_clean();
  program("mvn", "exit 1");  // not needed again
  auto second = prepare(software_, around_);
  ASSERT_TRUE(second) << to_text(second.error());
  EXPECT_FALSE(*second);
}

TEST_F(SetupTest, RefusesADownloadWithAnotherChecksum) {
  program("mvn", std::string(kMaven) + "\nprintf 'evil' > \"$out/b.jar\"");
  const auto done = prepare(software_, around_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kCorrupt);
  EXPECT_EQ(done.error().what, "refused b.jar as part of The Thing");
  EXPECT_THAT(done.error().why,
              AllOf(HasSubstr(sha256_hex("evil")), HasSubstr(sha256_hex("bytes of b"))));
  EXPECT_THAT(done.error().remedy, Not(IsEmpty()));
  EXPECT_FALSE(fs::exists(home()));
  expect_clean();
}

TEST_F(SetupTest, RefusesADownloadThatLacksAFileOrBringsAnother) {
  program("mvn", std::string(kMaven) + "\nmv \"$out/b.jar\" \"$out/c.jar\"");
  auto done = prepare(software_, around_);
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().what, HasSubstr("lacks b.jar"));
  program("mvn", std::string(kMaven) + "\ntouch \"$out/c.jar\"");
  done = prepare(software_, around_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what, "refused c.jar as part of The Thing");
}

TEST_F(SetupTest, SaysWhyADownloadFailed) {
  program("mvn", "echo '[ERROR] Could not transfer artifact'; exit 1");
  const auto done = prepare(software_, around_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kFailed);
  EXPECT_EQ(done.error().what, "cannot download The Thing 1.2");
  EXPECT_THAT(done.error().why, HasSubstr("Could not transfer artifact"));
  EXPECT_THAT(done.error().remedy, HasSubstr("--from"));
}

TEST_F(SetupTest, SaysHowToGetAMissingProgram) {
  fs::remove(root_ + "/bin/mvn");
  auto done = prepare(software_, around_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what, "the program mvn is needed");
  EXPECT_THAT(done.error().remedy, HasSubstr("apt install maven"));
  fs::remove(root_ + "/bin/java");
  done = prepare(software_, around_);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().what, "Java 11 or later is needed");
  EXPECT_THAT(done.error().remedy, HasSubstr("apt install openjdk-17-jre-headless"));
}

TEST_F(SetupTest, StartsAfreshAfterAnInterruption) {
  // The first attempt is stopped in the middle of its download.
  program("mvn", std::string(kMaven) + "\ntouch \"$out/../../begun\"\nexec sleep 1000");
  Surroundings stopped = around_;
  stopped.cancelled = [this] { return fs::exists(root_ + "/cache/begun"); };
  const auto interrupted = prepare(software_, stopped);
  ASSERT_FALSE(interrupted);
  EXPECT_EQ(interrupted.error().code, Code::kInterrupted);
  EXPECT_FALSE(fs::exists(home()));
  // A killed one cleans nothing up.
  fs::create_directories(root_ + "/cache/staging/thing-1.2/libs");
  write(root_ + "/cache/staging/thing-1.2/libs/a.jar", "half");
  write(root_ + "/cache/staging/thing-1.2/libs/z.jar", "more");
  program("mvn", kMaven);
  const auto again = prepare(software_, around_);
  ASSERT_TRUE(again) << to_text(again.error());
  EXPECT_TRUE(verify_tree(home(), software_.manifest_sha256));
  expect_clean();
}

TEST_F(SetupTest, TwoAtOncePrepareItOnce) {
  program("mvn", std::string(kMaven) + "\necho once >> \"" + root_ + "/runs\"");
  Surroundings other = around_;
  other.tell = {};
  Result<bool> results[2];
  std::thread beside([&] { results[1] = prepare(software_, other); });
  results[0] = prepare(software_, around_);
  beside.join();
  ASSERT_TRUE(results[0]) << to_text(results[0].error());
  ASSERT_TRUE(results[1]) << to_text(results[1].error());
  EXPECT_NE(*results[0], *results[1]);
  EXPECT_EQ(*real_disk()->read(root_ + "/runs"), "once\n");
}

TEST_F(SetupTest, SeesAndMendsASpoiledFolder) {
  ASSERT_TRUE(prepare(software_, around_));
  write(home() + "/libs/a.jar", "other bytes");
  const auto seen = verify_tree(home(), software_.manifest_sha256);
  ASSERT_FALSE(seen);
  EXPECT_EQ(seen.error().code, Code::kCorrupt);
  EXPECT_THAT(seen.error().why, HasSubstr("libs/a.jar has SHA-256"));
  ASSERT_TRUE(prepare(software_, around_));
  EXPECT_TRUE(verify_tree(home(), software_.manifest_sha256));
  write(home() + "/libs/extra.jar", "");
  EXPECT_THAT(verify_tree(home(), software_.manifest_sha256).error().why,
              HasSubstr("libs/extra.jar does not belong there"));
  fs::remove(home() + "/libs/extra.jar");
  fs::create_directories(home() + "/logs");  // of the software itself
  EXPECT_TRUE(verify_tree(home(), software_.manifest_sha256));
  fs::remove(home() + "/libs/b.jar");
  EXPECT_THAT(look_at_tree(home(), software_.manifest_sha256).error().why,
              HasSubstr("libs/b.jar is missing"));
}

TEST_F(SetupTest, CarriesABundleToAHostWithoutInternet) {
  const std::string bundle = root_ + "/thing.tar";
  EXPECT_EQ(write_bundle(bundle, software_, around_).error().code, Code::kNotFound);
  ASSERT_TRUE(prepare(software_, around_));
  const auto written = write_bundle(bundle, software_, around_);
  ASSERT_TRUE(written) << to_text(written.error());
  Surroundings there = around_;
  there.places.cache = root_ + "/other";
  fs::remove(root_ + "/bin/mvn");
  const auto done = prepare_from(bundle, software_, there);
  ASSERT_TRUE(done) << to_text(done.error());
  EXPECT_TRUE(verify_tree(root_ + "/other/thing-1.2", software_.manifest_sha256));
  EXPECT_FALSE(*prepare_from(bundle, software_, there));
}

TEST_F(SetupTest, RefusesABundleThatIsNone) {
  ASSERT_TRUE(prepare(software_, around_));
  const std::string bundle = root_ + "/thing.tar";
  ASSERT_TRUE(write_bundle(bundle, software_, around_));
  std::string bytes = *real_disk()->read(bundle);
  bytes.replace(bytes.find("bytes of a"), 5, "BYTES");
  write(bundle, bytes);
  Surroundings there = around_;
  there.places.cache = root_ + "/other";
  auto done = prepare_from(bundle, software_, there);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kCorrupt);
  EXPECT_FALSE(fs::exists(root_ + "/other/thing-1.2"));
  write(bundle, "no tar");
  done = prepare_from(bundle, software_, there);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::kUsage);
  EXPECT_EQ(prepare_from(root_ + "/none", software_, there).error().code, Code::kNotFound);
}

TEST_F(SetupTest, UnpacksThePartsOfAnArchive) {
  fs::create_directories(root_ + "/big-1/deps/bin");
  fs::create_directories(root_ + "/big-1/lib");
  write(root_ + "/big-1/deps/bin/run", "script");
  write(root_ + "/big-1/lib/code.zip", "zip");
  program("pack", "cd " + root_ + " && tar -czf big-1.tar.gz big-1");
  ASSERT_EQ(run_tool({root_ + "/bin/pack"}, {}, around_.places, {})->status, 0);
  program("pip3", R"(while [ "$1" != --dest ]; do shift; done
cat ")" + root_ + R"(/big-1.tar.gz" > "$2/big-1.tar.gz")");
  software_.archive =
      Archive{.requirement = "big==1",
              .pin = {"big-1.tar.gz", *sha256_of_file(*real_disk(), root_ + "/big-1.tar.gz")},
              .parts = {{{"big-1/deps/bin"}, 2, ""}, {{"big-1/lib"}, 1, "python"}}};
  software_.manifest_sha256 = sha256_hex(
      sha256_hex("script") + "  bin/run\n" + sha256_hex("bytes of a") + "  libs/a.jar\n" +
      sha256_hex("bytes of b") + "  libs/b.jar\n" + sha256_hex("zip") + "  python/lib/code.zip\n");
  const auto done = prepare(software_, around_);
  ASSERT_TRUE(done) << to_text(done.error());
  EXPECT_EQ(*real_disk()->read(home() + "/python/lib/code.zip"), "zip");

  ASSERT_TRUE(*remove(software_, around_));
  EXPECT_FALSE(*remove(software_, around_));
  software_.archive->pin.sha256 = sha256_hex("other");
  EXPECT_EQ(prepare(software_, around_).error().what, "refused big-1.tar.gz as part of The Thing");
  fs::remove(root_ + "/bin/pip3");
  EXPECT_THAT(prepare(software_, around_).error().remedy, HasSubstr("apt install python3-pip"));
}

TEST(JavaVersion, IsReadFromOldAndNewSpellings) {
  EXPECT_EQ(parse_java_version("java version \"1.8.0_392\""), 8);
  EXPECT_EQ(parse_java_version("Picked up JAVA_TOOL_OPTIONS: -x\nopenjdk version \"17.0.15\" 2025"),
            17);
  EXPECT_EQ(parse_java_version("openjdk version \"21\" 2023-09-19"), 21);
  EXPECT_EQ(parse_java_version("openjdk version \"24-ea\""), 24);
  EXPECT_EQ(parse_java_version("version \"x\""), std::nullopt);
  EXPECT_EQ(parse_java_version(""), std::nullopt);
}

TEST_F(SetupTest, FindsJavaByJavaHomeBeforePath) {
  auto java = find_java(11, around_.places);
  ASSERT_TRUE(java) << to_text(java.error());
  EXPECT_EQ(java->version, 17);
  fs::create_directories(root_ + "/jdk/bin");
  around_.places.java_home = root_ + "/jdk";
  EXPECT_THAT(find_java(11, around_.places).error().why, HasSubstr("there is no program bin/java"));
  fs::copy(root_ + "/bin/java", root_ + "/jdk/bin/java");
  EXPECT_EQ(find_java(11, around_.places)->home, root_ + "/jdk");
}

TEST_F(SetupTest, RefusesAnOldOrBrokenJava) {
  program("java", "echo 'java version \"1.8.0_392\"' >&2");
  auto java = find_java(11, around_.places);
  ASSERT_FALSE(java);
  EXPECT_THAT(java.error().why, HasSubstr("is Java 8"));
  EXPECT_THAT(java.error().remedy, HasSubstr("JAVA_HOME"));
  program("java", "echo 'no memory'; exit 1");
  java = find_java(11, around_.places);
  ASSERT_FALSE(java);
  EXPECT_THAT(java.error().why, AllOf(HasSubstr("ended with 1"), HasSubstr("no memory")));
}

TEST_F(SetupTest, TellsWhatToRunWhenNothingIsPrepared) {
  const auto kafka = kafka_home(around_.places);
  ASSERT_FALSE(kafka);
  EXPECT_EQ(kafka.error().code, Code::kNotFound);
  EXPECT_THAT(kafka.error().remedy, HasSubstr("weir setup kafka"));
  EXPECT_THAT(spark_home(around_.places).error().remedy, HasSubstr("weir setup spark"));
}

TEST_F(SetupTest, LooksAtANamedSpark) {
  const std::string home = root_ + "/spark";
  around_.places.spark_home = home;
  fs::create_directories(home + "/jars");
  fs::create_directories(home + "/bin");
  EXPECT_THAT(spark_home(around_.places).error().why, HasSubstr("no program bin/spark-submit"));
  fs::copy(root_ + "/bin/java", home + "/bin/spark-submit");
  EXPECT_THAT(spark_home(around_.places).error().why, HasSubstr("no spark-core"));
  write(home + "/jars/spark-core_2.12-3.4.2.jar", "");
  EXPECT_THAT(spark_home(around_.places).error().what, HasSubstr("too old"));
  fs::remove(home + "/jars/spark-core_2.12-3.4.2.jar");
  write(home + "/jars/spark-core_2.13-4.0.1.jar", "");
  write(home + "/jars/spark-connect_2.13-4.0.0.jar", "");
  EXPECT_THAT(spark_home(around_.places).error().why, HasSubstr("spark-connect_2.13-4.0.0.jar"));
  write(home + "/jars/spark-connect_2.13-4.0.1.jar", "");
  EXPECT_THAT(spark_home(around_.places).error().what, HasSubstr("spark-sql-kafka-0-10"));
  write(home + "/jars/spark-sql-kafka-0-10_2.13-4.0.1.jar", "");
  const auto spark = spark_home(around_.places);
  ASSERT_TRUE(spark) << to_text(spark.error());
  EXPECT_EQ(spark->version, "4.0.1");
  EXPECT_FALSE(spark->own);
}

}  // namespace
}  // namespace weir::setup
