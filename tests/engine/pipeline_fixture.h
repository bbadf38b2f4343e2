// A broker, a load and an engine as processes or threads of one test, and the audit of what came
// out.
//
// The broker listens on a free loopback port; everything lies in a folder of its own, removed at
// the end.
#pragma once
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "weir/event/audit.h"
#include "weir/kafka/admin.h"
#include "weir/kafka/consumer.h"
#include "weir/kafka/producer.h"
#include "weir/sys/process.h"

namespace weir::e2e {

constexpr int32_t kPartitions = 4;
inline const std::string kTopic = "events", kOutput = "events.weir-out";

// Sends events at about `rate` per second, with a ledger of what became of each, until it is
// stopped.
class Load {
 public:
  Load(const std::string& brokers, const std::string& ledger, int rate);
  ~Load();
  void stop();  // waits for every outcome

 private:
  void run();
  std::unique_ptr<kafka::Producer> producer_;
  std::string ledger_;
  int rate_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

class Pipeline : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  void start_broker();
  void kill_broker();
  // weir stream on the test's checkpoint; `environment` may name a moment to crash at.
  Child start_engine(const std::map<std::string, std::string>& environment = {});
  // Runs weir with these arguments to its end (30 s at most) and keeps what it wrote to stderr.
  int run_weir(std::vector<std::string> arguments);

  // Waits (30 s at most) until `done`; false when it never was.
  static bool wait_until(const std::function<bool()>& done);
  int64_t committed();       // input offsets, summed up
  int64_t newest_batch();    // committed; -1: none
  int64_t newest_attempt();  // of the checkpoint
  bool drained();            // everything in the topic is committed
  // Every acked id was accepted once, in order, and a row stands in batches.csv for each batch.
  void expect_exactly_once();
  std::string read(const std::string& path);

  std::string folder_, brokers_, workload_ = "metrics", stderr_;
  std::string trigger_ = "100 ms";
  std::optional<Child> broker_;
  std::unique_ptr<kafka::Admin> admin_;
};

}  // namespace weir::e2e
