#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/engine/pipeline_fixture.h"

namespace weir::e2e {
namespace {

class Command : public Pipeline {
 protected:
  void expect_three_parts(int exit_code, const std::string& word) {
    EXPECT_EQ(exit_code, 2) << stderr_;
    EXPECT_NE(stderr_.find(word), std::string::npos) << stderr_;
    EXPECT_NE(stderr_.find("why: "), std::string::npos) << stderr_;
    EXPECT_NE(stderr_.find("try: "), std::string::npos) << stderr_;
  }
  std::vector<std::string> stream(const std::string& topic, const std::string& checkpoint) {
    return {"stream", "--brokers", brokers_, "--topic", topic, "--checkpoint", checkpoint};
  }
};

TEST_F(Command, NamesAMissingTopic) {
  expect_three_parts(run_weir(stream("nowhere", folder_ + "/c")), "nowhere");
}

TEST_F(Command, GivesUpOnAnUnreachableBrokerWithinFiveSeconds) {
  kill_broker();
  const auto start = std::chrono::steady_clock::now();
  expect_three_parts(run_weir(stream(kTopic, folder_ + "/c")), brokers_);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST_F(Command, NamesFoldersItCannotWrite) {
  std::ofstream(folder_ + "/file") << "in the way";
  expect_three_parts(run_weir(stream(kTopic, folder_ + "/file/checkpoint")), "checkpoint");
  auto arguments = stream(kTopic, folder_ + "/c");
  arguments.insert(arguments.end(), {"--outdir", "file://" + folder_ + "/file/out"});
  expect_three_parts(run_weir(arguments), "batches.csv");
  arguments = stream(kTopic, "hdfs://host/c");
  expect_three_parts(run_weir(arguments), "--checkpoint");
}

TEST_F(Command, NamesAnUnknownFlagAndItsNeighbour) {
  auto arguments = stream(kTopic, folder_ + "/c");
  arguments.push_back("--triger");
  EXPECT_EQ(run_weir(arguments), 2);
  EXPECT_NE(stderr_.find("--trigger"), std::string::npos);
}

TEST_F(Command, RefusesTheCheckpointOfAnotherQuery) {
  {
    Child engine = start_engine();
    ASSERT_TRUE(
        wait_until([&] { return std::filesystem::exists(folder_ + "/checkpoint/sources/0/0"); }));
    EXPECT_EQ(engine.stop(nanos_from_seconds(5)), 0);
  }
  ASSERT_TRUE(admin_->create_topic("others", kPartitions, 1, {}));
  expect_three_parts(run_weir(stream("others", folder_ + "/checkpoint")), "another query");
}

TEST_F(Command, ForwardNeedsAsManyOutputPartitions) {
  ASSERT_TRUE(admin_->create_topic("narrow", 1, 1, {}));
  auto arguments = stream(kTopic, folder_ + "/c");
  arguments.insert(arguments.end(), {"--workload", "forward", "--output-topic", "narrow"});
  expect_three_parts(run_weir(arguments), "narrow");
}

TEST_F(Command, PandasReadsWhatTheSeedsReaderReads) {
  if (std::system("/usr/bin/python3 -c 'import pandas' 2>/dev/null") != 0) {
    const char* ci = std::getenv("CI");
    ASSERT_TRUE(ci == nullptr || std::string_view(ci) != "true") << "python3-pandas is missing";
    GTEST_SKIP() << "python3-pandas is not installed";
  }
  {
    Load load(brokers_, folder_ + "/ledger-5.bin", 5'000);
    Child engine = start_engine();
    ASSERT_TRUE(wait_until([&] { return newest_batch() >= 5; }));
    load.stop();
    ASSERT_TRUE(wait_until([&] { return drained(); }));
    EXPECT_EQ(engine.stop(nanos_from_seconds(5)), 0);
  }
  std::ofstream(folder_ + "/read.py") << R"(import glob, sys
import pandas as pd
columns = ["batch_id", "epoch_sec", "batch_events", "mean_latency_ms", "p50_latency_ms",
           "p95_latency_ms", "p99_latency_ms"]
files = glob.glob(sys.argv[1] + "/**/*.csv", recursive=True)
assert files, "no csv file"
df = pd.concat([pd.read_csv(f) for f in files], ignore_index=True)
assert list(df.columns[:7]) == columns, df.columns
for c in columns:
    df[c] = pd.to_numeric(df[c], errors="coerce")
df = df.dropna(subset=columns).sort_values("epoch_sec")
assert df["batch_id"].is_unique and len(df) == df["batch_id"].max() + 1
assert (df["p50_latency_ms"] <= df["p95_latency_ms"]).all()
assert (df["p95_latency_ms"] <= df["p99_latency_ms"]).all()
assert (df["mean_latency_ms"] > 0).all()
print(int(df["batch_events"].sum()))
)";
  const std::string command =
      "/usr/bin/python3 " + folder_ + "/read.py " + folder_ + "/out > " + folder_ + "/sum.txt";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(std::stoll(read(folder_ + "/sum.txt")), committed());
}

}  // namespace
}  // namespace weir::e2e
