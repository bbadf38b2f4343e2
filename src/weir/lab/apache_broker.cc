#include "weir/lab/apache_broker.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "weir/kafka/admin.h"
#include "weir/lab/fault_plan.h"
#include "weir/sys/clock.h"
#include "weir/sys/disk.h"
#include "weir/sys/free_port.h"
#include "weir/sys/net.h"

namespace weir::lab {
namespace {

constexpr Nanos kStartLimit = nanos_from_seconds(60);
// After a crash the server first reads the log segments that it had not flushed: 7.5 GB took 24 s.
constexpr Nanos kRestartLimit = nanos_from_seconds(180);
constexpr int kPortTries = 3;

// Kafka's Uuid: 16 bytes as base64url. The cluster is private to the run, so any will do.
constexpr const char* kClusterId = "d2Vpci1icm9rZXItcnVuMQ";

// One node that is broker and controller. Segments are small enough that a deleted topic frees its
// disk at once; nothing is removed by age or size, because what a run has not read yet must stay.
constexpr const char* kServerProperties = R"(process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}{link}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}{told}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,LINK:PLAINTEXT
log.dirs={folder}/logs
auto.create.topics.enable=false
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
log.segment.bytes=268435456
log.segment.delete.delay.ms=1000
log.retention.ms=-1
log.retention.bytes=-1
log.cleaner.dedupe.buffer.size=16777216
)";

constexpr const char* kLog4j = R"(log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{ISO8601} %p %m (%c)%n
)";

// True when something accepts connections there. Loopback answers at once, either way.
bool answers(uint16_t port) {
  const Fd probe(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return probe && connect(probe.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
}

// KAFKA_HEAP_OPTS as Kafka's own scripts read it; else a quarter of the memory, up to 1 GiB.
std::vector<std::string> heap_options() {
  if (const char* own = std::getenv("KAFKA_HEAP_OPTS"); own != nullptr && *own != '\0') {
    std::istringstream words(own);
    return {std::istream_iterator<std::string>(words), {}};
  }
  const int64_t memory = int64_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  const int64_t megabytes = std::clamp<int64_t>((memory / 4) >> 20, 256, 1024);
  return {fmt::format("-Xms{}m", megabytes), fmt::format("-Xmx{}m", megabytes)};
}

}  // namespace

Result<std::unique_ptr<ApacheBroker>> ApacheBroker::open(const HostContext& context) {
  auto kafka = WEIR_TRY(setup::kafka_home());
  auto java = WEIR_TRY_IN("Apache Kafka", setup::find_java(setup::kJavaOfKafka));
  return std::unique_ptr<ApacheBroker>(
      new ApacheBroker(context, std::move(kafka), std::move(java)));
}

ApacheBroker::~ApacheBroker() {
  if (child_) child_->stop(nanos_from_seconds(5));
}

Status ApacheBroker::begin_step(const StepPlace&) {
  if (!child_) return format();
  if (child_->child().poll()) return restart();
  return {};
}

Status ApacheBroker::write_files() {
  port_ = WEIR_TRY(free_port());
  controller_port_ = WEIR_TRY(free_port());
  std::string link, told;
  if (needs_link(context_.plan)) {
    if (!link_) link_ = WEIR_TRY_IN("link", proxy::LinkProxy::start());
    link_port_ = WEIR_TRY(free_port());
    WEIR_TRY(link_->lead_to({"127.0.0.1", link_port_}));
    link = fmt::format(",LINK://127.0.0.1:{}", link_port_);
    told = ",LINK://" + link_->address().text();
  }
  client_.brokers = Address{"127.0.0.1", port_}.text();
  const auto disk = real_disk();
  WEIR_TRY(disk->make_folders(folder()));
  WEIR_TRY(disk->write_whole(folder() + "/log4j.properties", kLog4j));
  return disk->write_whole(
      folder() + "/server.properties",
      fmt::format(kServerProperties, fmt::arg("port", port_),
                  fmt::arg("controller", controller_port_), fmt::arg("folder", folder()),
                  fmt::arg("link", link), fmt::arg("told", told)));
}

Result<TrackedChild> ApacheBroker::start_java(const std::vector<std::string>& heap,
                                              const std::vector<std::string>& arguments) {
  ChildOptions options;
  options.arguments = {java_.path};
  options.arguments.insert(options.arguments.end(), heap.begin(), heap.end());
  options.arguments.insert(
      options.arguments.end(),
      {"-XX:+ExitOnOutOfMemoryError", "-Djava.awt.headless=true",
       "-Dlog4j.configuration=file:" + folder() + "/log4j.properties", "-cp", kafka_.classpath});
  options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
  options.log = log();
  options.cores = context_.cores;
  return TrackedChild::start(options, context_.guard);
}

Status ApacheBroker::format() {
  WEIR_TRY_IN("Apache Kafka", write_files());
  child_ = WEIR_TRY_IN("Apache Kafka",
                       start_java({"-Xmx128m", "-XX:TieredStopAtLevel=1"},
                                  {"kafka.tools.StorageTool", "format", "--ignore-formatted", "-t",
                                   kClusterId, "-c", folder() + "/server.properties"}));
  stage_ = Stage::kFormatting;
  limit_ = SystemClock(context_.anchor).now() + kStartLimit;
  return {};
}

Status ApacheBroker::launch(Nanos limit) {
  child_ = WEIR_TRY_IN(
      "Apache Kafka", start_java(heap_options(), {"kafka.Kafka", folder() + "/server.properties"}));
  stage_ = Stage::kStarting;
  limit_ = SystemClock(context_.anchor).now() + limit;
  return {};
}

Status ApacheBroker::restart() { return launch(kRestartLimit); }

Result<bool> ApacheBroker::ready() {
  if (const auto status = child_->child().poll()) return ended(*status);
  if (stage_ == Stage::kReady) return true;
  if (SystemClock(context_.anchor).now() > limit_)
    return gave_up("Apache Kafka did not answer in time");
  if (stage_ == Stage::kFormatting || !answers(port_)) return false;
  // It accepts connections; it is ready when it also knows itself as the leader of its topics.
  const auto admin = kafka::Admin::open(client_);
  if (!admin || !(*admin)->topics()) return false;
  stage_ = Stage::kReady;
  served_ = true;
  return true;
}

// What its end means: the storage is formatted, somebody was faster to take a port, or trouble.
Result<bool> ApacheBroker::ended(int status) {
  if (stage_ == Stage::kFormatting && status == 0) {
    WEIR_TRY(launch(kStartLimit));
    return false;
  }
  if (stage_ == Stage::kStarting &&
      (answers(port_) || answers(controller_port_) || (link_ && answers(link_port_)))) {
    if (!served_ && ++ports_tried_ < kPortTries) {
      WEIR_TRY(format());
      return false;
    }
    return fail(Code::kFailed, fmt::format("port {} of Apache Kafka is taken", port_),
                "another process listens there since it died", "run again; it will choose another");
  }
  return gave_up(fmt::format("Apache Kafka ended with status {}", status));
}

tl::unexpected<Error> ApacheBroker::gave_up(const std::string& what) const {
  return fail(Code::kFailed, what, log_tail(log()), "read " + log());
}

NamedProcesses ApacheBroker::processes() {
  if (!child_) return {};
  return {{"broker", child_->id()}};
}

std::string ApacheBroker::description() const {
  return fmt::format("Apache Kafka {}, one node, Java {}", kafka_.version, java_.version);
}

}  // namespace weir::lab
