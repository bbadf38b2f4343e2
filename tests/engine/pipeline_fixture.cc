#include "tests/engine/pipeline_fixture.h"

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "weir/checkpoint/folder.h"
#include "weir/event/event.h"
#include "weir/event/ledger.h"
#include "weir/event/result.h"
#include "weir/run/table.h"
#include "weir/sys/clock.h"
#include "weir/sys/disk.h"

namespace weir::e2e {
namespace {
constexpr uint32_t kProducer = 5;
using Steady = std::chrono::steady_clock;

// One line of a pipe; empty after 10 s without one.
std::string read_line(int fd) {
  std::string line;
  const auto limit = Steady::now() + std::chrono::seconds(10);
  while (Steady::now() < limit) {
    pollfd ready{fd, POLLIN, 0};
    if (::poll(&ready, 1, 100) <= 0) continue;
    char c = 0;
    if (::read(fd, &c, 1) != 1 || c == '\n') break;
    line += c;
  }
  return line;
}
}  // namespace

Load::Load(const std::string& brokers, const std::string& ledger, int rate)
    : ledger_(ledger), rate_(rate) {
  kafka::ClientConfig client;
  client.brokers = brokers;
  auto producer = kafka::Producer::open(client, kTopic, {});
  EXPECT_TRUE(producer) << (producer ? "" : to_text(producer.error()));
  producer_ = std::move(*producer);
  thread_ = std::thread([this] { run(); });
}

Load::~Load() { stop(); }

void Load::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

void Load::run() {
  auto ledger = LedgerWriter::create(ledger_, kProducer, kPartitions);
  ASSERT_TRUE(ledger) << to_text(ledger.error());
  auto clock = SystemClock(Anchor::take());
  const EventEncoder encoder(200);
  std::string bytes(encoder.bytes_max(), ' ');
  uint64_t sent[kPartitions] = {}, index = 0;
  const auto settle = [&](const kafka::DeliveryReport& r) {
    const auto outcome = r.delivery == kafka::Delivery::kAcked    ? Outcome::kAcked
                         : r.delivery == kafka::Delivery::kFailed ? Outcome::kFailed
                                                                  : Outcome::kUnknown;
    EXPECT_TRUE(ledger->settle(r.partition, r.tag_first, r.tag_first + r.count - 1, outcome));
  };
  const Nanos start = clock.now();
  while (!stopping_) {
    const auto due_count = uint64_t((clock.now() - start).seconds() * rate_);
    while (index < due_count) {
      const auto partition = partition_of(index, kPartitions);
      uint64_t& sequence = sent[partition.value];
      const Nanos due = clock.now();
      const auto id = EventId::make(due, kProducer, uint32_t(partition.value), sequence);
      kafka::Record record;
      const char* end = encoder.encode(bytes.data(), id, index, due);
      record.value = {bytes.data(), size_t(end - bytes.data())};
      if (producer_->send(partition, std::span(&record, 1), sequence) == 0) break;
      ledger->handed_over(partition, sequence++, due, due);
      ++index;
    }
    producer_->poll(nanos_from_millis(5), settle);
  }
  while (producer_->in_flight() > 0) producer_->poll(nanos_from_millis(50), settle);
  EXPECT_TRUE(ledger->close());
}

void Pipeline::SetUp() {
  std::string pattern = (std::filesystem::temp_directory_path() / "weir-engine-XXXXXX").string();
  ASSERT_NE(mkdtemp(pattern.data()), nullptr);
  folder_ = pattern;
  start_broker();
  kafka::ClientConfig client;
  client.brokers = brokers_;
  auto admin = kafka::Admin::open(client);
  ASSERT_TRUE(admin) << to_text(admin.error());
  admin_ = std::move(*admin);
  for (const auto& topic : {kTopic, kOutput}) {
    const auto made = admin_->create_topic(topic, kPartitions, 1, {});
    ASSERT_TRUE(made) << to_text(made.error());
  }
}

void Pipeline::TearDown() {
  admin_.reset();
  broker_.reset();
  if (HasFailure())
    std::fprintf(stderr, "weir stream wrote:\n%s\nbatches.csv:\n%s\n",
                 read(folder_ + "/stream.log").c_str(), read(folder_ + "/out/batches.csv").c_str());
  std::filesystem::remove_all(folder_);
}

void Pipeline::start_broker() {
  Spawn spawn;
  spawn.arguments = {WEIR_PROGRAM, "broker",
                     "--listen",   brokers_.empty() ? "127.0.0.1:0" : brokers_,
                     "--data",     folder_ + "/broker"};
  spawn.stdout_pipe = true;
  spawn.stderr_path = folder_ + "/broker.log";
  auto child = Child::start(spawn);
  ASSERT_TRUE(child) << to_text(child.error());
  broker_ = std::move(*child);
  const std::string line = read_line(broker_->stdout_fd());
  const std::string mark = "ready on ";
  const size_t at = line.find(mark);
  ASSERT_NE(at, std::string::npos) << "the broker said: " << line;
  brokers_ = line.substr(at + mark.size(), line.find(',', at) - at - mark.size());
}

void Pipeline::kill_broker() {
  broker_->signal(SIGKILL);
  broker_->wait(nanos_from_seconds(10));
}

Child Pipeline::start_engine(const std::map<std::string, std::string>& environment) {
  Spawn spawn;
  spawn.arguments = {WEIR_PROGRAM, "stream",         "--brokers",          brokers_,
                     "--topic",    kTopic,           "--checkpoint",       folder_ + "/checkpoint",
                     "--outdir",   folder_ + "/out", "--trigger",          trigger_,
                     "--workload", workload_,        "--starting-offsets", "earliest"};
  spawn.environment = environment;
  spawn.stderr_path = folder_ + "/stream.log";
  auto child = Child::start(spawn);
  EXPECT_TRUE(child) << (child ? "" : to_text(child.error()));
  return std::move(*child);
}

int Pipeline::run_weir(std::vector<std::string> arguments) {
  Spawn spawn;
  spawn.arguments = {WEIR_PROGRAM};
  spawn.arguments.insert(spawn.arguments.end(), arguments.begin(), arguments.end());
  spawn.stderr_path = folder_ + "/command.err";
  std::filesystem::remove(spawn.stderr_path);
  auto child = Child::start(spawn);
  EXPECT_TRUE(child);
  const auto status = child->wait(nanos_from_seconds(30));
  stderr_ = read(spawn.stderr_path);
  return status.value_or(-1);
}

bool Pipeline::wait_until(const std::function<bool()>& done) {
  const auto limit = Steady::now() + std::chrono::seconds(30);
  while (!done()) {
    if (Steady::now() > limit) return false;
    ::poll(nullptr, 0, 2);  // look again soon
  }
  return true;
}

int64_t Pipeline::committed() {
  const auto disk = real_disk();
  const auto newest = checkpoint::newest_committed(*disk, folder_ + "/checkpoint");
  if (!newest || !*newest) return 0;
  int64_t sum = 0;
  for (const auto& [partition, end] : (*newest)->second.ends) sum += end;
  return sum;
}

int64_t Pipeline::newest_batch() {
  const auto disk = real_disk();
  const auto newest = checkpoint::newest_committed(*disk, folder_ + "/checkpoint");
  return newest && *newest ? (*newest)->first : -1;
}

int64_t Pipeline::newest_attempt() {
  return std::strtoll(read(folder_ + "/checkpoint/weir/attempt").c_str(), nullptr, 10);
}

bool Pipeline::drained() {
  const auto ends = admin_->end_offsets(kTopic);
  if (!ends) return false;
  int64_t sum = 0;
  for (const auto& end : *ends) sum += end.value;
  return committed() == sum;
}

std::string Pipeline::read(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void Pipeline::expect_exactly_once() {
  kafka::ClientConfig client;
  client.brokers = brokers_;
  auto consumer = kafka::Consumer::open(client, kOutput, {});
  ASSERT_TRUE(consumer) << to_text(consumer.error());
  const auto ends = admin_->end_offsets(kOutput);
  ASSERT_TRUE(ends);
  AuditSet audit;
  FenceFilter filter;
  for (int32_t p = 0; p < kPartitions; ++p) {
    int64_t next = 0;
    const int64_t end = (*ends)[size_t(p)].value;
    ASSERT_TRUE((*consumer)->assign(PartitionId(p), Offset(0)));
    ASSERT_TRUE(wait_until([&] {
      if (next >= end) return true;
      const auto runs = (*consumer)->poll(PartitionId(p), nanos_from_millis(50), 10'000);
      if (!runs) return false;
      for (const auto& run : *runs)
        for (size_t i = 0; i < run.records.size(); ++i) {
          const auto& record = run.records[i];
          next = record.offset.value + 1;
          const auto headers = from_headers((*consumer)->headers(run, i));
          if (!headers || !filter.accept(run.partition, *headers)) continue;
          const SeenAt seen{p, record.offset.value, headers->batch};
          if (headers->kind == OutputKind::kEvent)
            audit.add(*EventId::parse(record.key), seen);
          else if (const auto receipt = receipt_from_json(record.value))
            audit.add(*receipt, seen);
          else
            ADD_FAILURE() << "an unreadable receipt at offset " << record.offset.value;
        }
      return next >= end;
    }));
  }
  const auto ledger = Ledger::read(folder_ + "/ledger-5.bin");
  ASSERT_TRUE(ledger) << to_text(ledger.error());
  const auto report = audit.judge({*ledger}, true);
  EXPECT_GT(report.acked, 0u);
  EXPECT_EQ(report.lost, 0u);
  EXPECT_EQ(report.duplicated, 0u);
  EXPECT_EQ(report.reordered, 0u);
  EXPECT_EQ(report.foreign, 0u);
  EXPECT_LE(report.acked, report.processed);
  EXPECT_LE(report.processed, report.acked + report.unknown);

  const auto table = run::Table::read(folder_ + "/out/batches.csv");
  ASSERT_TRUE(table);
  ASSERT_EQ(int64_t(table->rows()), newest_batch() + 1);
  int64_t events = 0;
  for (size_t i = 0; i < table->rows(); ++i) {
    EXPECT_EQ(table->integer(i, "batch_id"), int64_t(i));
    events += table->integer(i, "batch_events").value_or(0);
  }
  EXPECT_EQ(events, committed());
}

}  // namespace weir::e2e
