// Ten SIGKILLs of weir broker under an idempotent librdkafka producer with acks=all: whatever was
// acknowledged is there, nothing is there twice, and each partition keeps its order.
//
//   kill_test PATH_OF_WEIR
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "weir/sys/clock.h"
#include "weir/sys/process.h"

namespace weir {
namespace {

std::string program;  // the weir under test
constexpr int kKills = 10, kPartitions = 4;
constexpr Nanos kReadyLimit = nanos_from_seconds(10);

class BrokerProcess {
 public:
  explicit BrokerProcess(std::string data) : data_(std::move(data)) {}

  // Starts it on the port it had before; returns when it says that it is ready.
  void start() {
    Spawn spawn;
    spawn.arguments = {program,  "broker", "--listen", "127.0.0.1:" + std::to_string(port_),
                       "--data", data_};
    spawn.stdout_pipe = true;
    auto child = Child::start(spawn);
    ASSERT_TRUE(child.has_value()) << to_text(child.error());
    child_ = std::move(*child);
    std::string line;
    const Nanos end = clock_.now() + kReadyLimit;
    while (line.find('\n') == std::string::npos) {
      pollfd waits{child_->stdout_fd(), POLLIN, 0};
      const auto left = (end - clock_.now()).millis();
      ASSERT_GT(left, 0) << "not ready in time: " << line;
      ASSERT_GT(::poll(&waits, 1, int(left)), 0);
      char piece[256];
      const auto n = ::read(child_->stdout_fd(), piece, sizeof piece);
      ASSERT_GT(n, 0) << "it ended: " << line;
      line.append(piece, size_t(n));
    }
    const auto colon = line.rfind(':', line.find(','));
    port_ = std::atoi(line.c_str() + colon + 1);
    ASSERT_GT(port_, 0) << line;
  }
  void kill() {
    ASSERT_TRUE(child_->signal(SIGKILL));
    ASSERT_TRUE(child_->wait(nanos_from_seconds(10)).has_value());
    child_.reset();
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  const std::string data_;
  SystemClock clock_ = SystemClock::from_environment();
  std::optional<Child> child_;
  int port_ = 0;
};

using Handle = std::unique_ptr<rd_kafka_t, void (*)(rd_kafka_t*)>;

Handle make_client(rd_kafka_type_t type, const std::map<std::string, std::string>& settings,
                   void (*delivered)(rd_kafka_t*, const rd_kafka_message_t*, void*) = nullptr,
                   void* opaque = nullptr) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[512];
  for (const auto& [name, value] : settings)
    EXPECT_EQ(RD_KAFKA_CONF_OK,
              rd_kafka_conf_set(conf, name.c_str(), value.c_str(), why, sizeof why))
        << why;
  // Broken connections are what this test is about.
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  if (delivered) rd_kafka_conf_set_dr_msg_cb(conf, delivered);
  rd_kafka_conf_set_opaque(conf, opaque);
  rd_kafka_t* client = rd_kafka_new(type, conf, why, sizeof why);
  EXPECT_NE(nullptr, client) << why;
  return Handle(client, rd_kafka_destroy);
}

struct Outcomes {
  std::map<int64_t, int> acked;  // number -> partition
  std::atomic<size_t> acked_count{0};
  size_t failed = 0;
};

void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
  auto& outcomes = *static_cast<Outcomes*>(opaque);
  const auto number =
      std::atoll(std::string(static_cast<const char*>(message->payload), message->len).c_str());
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
    ++outcomes.failed;
    return;
  }
  outcomes.acked[number] = message->partition;
  outcomes.acked_count = outcomes.acked.size();
}

// Sends numbers in order, each partition its own rising sequence, until told to stop.
void produce(rd_kafka_t* producer, const std::atomic<bool>& stop) {
  for (int64_t number = 0; !stop; ++number) {
    std::string value = std::to_string(number);
    value.resize(100, ' ');
    while (!stop) {
      const auto error = rd_kafka_producev(
          producer, RD_KAFKA_V_TOPIC("t"), RD_KAFKA_V_PARTITION(int32_t(number % kPartitions)),
          RD_KAFKA_V_VALUE(value.data(), value.size()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
          RD_KAFKA_V_END);
      if (error == RD_KAFKA_RESP_ERR_NO_ERROR) break;
      rd_kafka_poll(producer, 10);  // the queue is full
    }
    rd_kafka_poll(producer, number % 64 == 0 ? 1 : 0);
  }
}

// All numbers of one partition, in log order.
std::vector<int64_t> read_partition(const std::string& address, int partition) {
  const auto consumer = make_client(RD_KAFKA_CONSUMER, {{"bootstrap.servers", address},
                                                        {"group.id", "check"},
                                                        {"enable.partition.eof", "true"},
                                                        {"enable.auto.commit", "false"},
                                                        {"fetch.wait.max.ms", "20"}});
  auto* list = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(list, "t", partition)->offset = 0;
  rd_kafka_assign(consumer.get(), list);
  rd_kafka_topic_partition_list_destroy(list);
  std::vector<int64_t> numbers;
  SystemClock clock = SystemClock::from_environment();
  for (const Nanos end = clock.now() + nanos_from_seconds(30); clock.now() < end;) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer.get(), 1000);
    if (!message) continue;
    const bool at_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
      numbers.push_back(std::atoll(
          std::string(static_cast<const char*>(message->payload), message->len).c_str()));
    rd_kafka_message_destroy(message);
    if (at_end) return numbers;
  }
  ADD_FAILURE() << "partition " << partition << " has no end";
  return numbers;
}

TEST(BrokerKill, LosesNothingAckedAndKeepsNothingTwice) {
  std::string folder = std::filesystem::temp_directory_path() / "weir-kill-XXXXXX";
  ASSERT_NE(nullptr, mkdtemp(folder.data()));
  BrokerProcess broker(folder + "/data");
  ASSERT_NO_FATAL_FAILURE(broker.start());
  Outcomes outcomes;
  const auto producer = make_client(RD_KAFKA_PRODUCER,
                                    {{"bootstrap.servers", broker.address()},
                                     {"enable.idempotence", "true"},
                                     {"acks", "all"},
                                     {"linger.ms", "1"},
                                     {"batch.num.messages", "200"},
                                     {"queue.buffering.max.messages", "5000"},
                                     {"reconnect.backoff.ms", "10"},
                                     {"reconnect.backoff.max.ms", "100"},
                                     {"retry.backoff.ms", "20"}},
                                    on_delivery, &outcomes);
  std::atomic<bool> stop{false};
  std::thread sender([&] { produce(producer.get(), stop); });
  const unsigned seed = std::random_device()();
  std::cout << "seed " << seed << "\n";
  std::minstd_rand random(seed);
  SystemClock clock = SystemClock::from_environment();
  for (int kill = 0; kill < kKills && !testing::Test::HasFatalFailure(); ++kill) {
    // At a random moment of a random batch after the first acknowledgements since the last start.
    const size_t wanted = outcomes.acked_count + 1 + random() % 8000;
    const Nanos limit = clock.now() + nanos_from_seconds(15);
    while (outcomes.acked_count < wanted && clock.now() < limit)
      clock.sleep_until(clock.now() + nanos_from_micros(200));
    EXPECT_GE(outcomes.acked_count, wanted) << "after kill " << kill;
    broker.kill();
    broker.start();
  }
  stop = true;
  sender.join();
  EXPECT_EQ(RD_KAFKA_RESP_ERR_NO_ERROR, rd_kafka_flush(producer.get(), 20'000));
  EXPECT_EQ(0u, outcomes.failed);
  std::set<int64_t> seen;
  for (int partition = 0; partition < kPartitions; ++partition) {
    int64_t last = -1;
    for (const int64_t number : read_partition(broker.address(), partition)) {
      EXPECT_TRUE(seen.insert(number).second) << number << " is there twice";
      EXPECT_LT(last, number) << "out of order in partition " << partition;
      EXPECT_EQ(partition, number % kPartitions);
      last = number;
    }
  }
  size_t missing = 0;
  for (const auto& [number, partition] : outcomes.acked) missing += !seen.contains(number);
  EXPECT_EQ(0u, missing) << "of " << outcomes.acked.size() << " acknowledged";
  std::cout << outcomes.acked.size() << " acknowledged, " << seen.size() << " stored\n";
  broker.kill();
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace weir

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) {
    std::fprintf(stderr, "usage: kill_test PATH_OF_WEIR\n");
    return 2;
  }
  weir::program = argv[1];
  return RUN_ALL_TESTS();
}
