#include "weir/lab/pipeline.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "weir/base/duration.h"
#include "weir/kafka/admin.h"

namespace weir::lab {
namespace {

constexpr Nanos kBrokerReadyLimit = nanos_from_seconds(20);

// The first line that `fd` gives within the limit; empty when it ends or stays silent.
std::string first_line(int fd, Nanos limit) {
  SystemClock clock(Anchor::take());
  const Nanos end = clock.now() + limit;
  std::string text;
  while (text.find('\n') == std::string::npos) {
    const int64_t left = (end - clock.now()).millis();
    pollfd ready{fd, POLLIN, 0};
    if (left <= 0 || poll(&ready, 1, int(left)) <= 0) return {};
    char buffer[256];
    const ssize_t n = read(fd, buffer, sizeof buffer);
    if (n <= 0) return {};
    text.append(buffer, size_t(n));
  }
  return text.substr(0, text.find('\n'));
}

}  // namespace

Result<std::unique_ptr<Pipeline>> Pipeline::start(const PipelineOptions& options, Guard& guard,
                                                  const Anchor& anchor) {
  std::unique_ptr<Pipeline> pipeline(new Pipeline(options, guard, anchor));
  WEIR_TRY(pipeline->start_broker("127.0.0.1:0"));
  auto admin = WEIR_TRY_IN("topics", kafka::Admin::open({pipeline->address_, {}}));
  for (const char* topic : {kTopic, kOutputTopic})
    WEIR_TRY_IN("topics", admin->create_topic(topic, options.partitions, 1, {}));
  return pipeline;
}

Pipeline::~Pipeline() { stop(); }

Result<Child> Pipeline::spawn(const std::string& name, std::vector<std::string> arguments,
                              bool pipe, int nice) {
  Spawn spawn;
  spawn.arguments = std::move(arguments);
  spawn.environment["WEIR_ANCHOR"] = anchor_.text();
  spawn.stderr_path = options_.log_prefix + name + ".log";
  spawn.stdout_pipe = pipe;
  spawn.nice = nice;
  if (!pipe) spawn.stdout_path = spawn.stderr_path;
  auto child = WEIR_TRY_IN(name, Child::start(spawn));
  WEIR_TRY(guard_.track(child.id()));
  return child;
}

Status Pipeline::start_broker(const std::string& listen) {
  std::vector<std::string> arguments = {options_.program, "broker", "--listen",
                                        listen,           "--data", options_.data + "/broker"};
  if (options_.discard) arguments.push_back("--discard");
  broker_ = WEIR_TRY(spawn("broker", std::move(arguments), true));
  const std::string line = first_line(broker_->stdout_fd(), kBrokerReadyLimit);
  const size_t at = line.find(" on ");
  if (at == std::string::npos)
    return fail(Code::kFailed, "the broker did not become ready", log_tail("broker"),
                "read " + options_.log_prefix + "broker.log");
  address_ = line.substr(at + 4, line.find_first_of(", ", at + 4) - at - 4);
  return {};
}

Status Pipeline::restart_broker() { return start_broker(address_); }

Status Pipeline::start_engine() {
  engine_ = WEIR_TRY(spawn("engine",
                           {options_.program,
                            "stream",
                            "--brokers",
                            address_,
                            "--topic",
                            kTopic,
                            "--output-topic",
                            kOutputTopic,
                            "--checkpoint",
                            options_.data + "/checkpoint",
                            "--outdir",
                            options_.outdir,
                            "--trigger",
                            duration_text(options_.trigger),
                            "--parallelism",
                            std::to_string(options_.parallelism),
                            "--workload",
                            options_.workload,
                            "--starting-offsets",
                            "earliest",
                            "--quiet"},
                           false));
  return {};
}

Status Pipeline::replace_engine() {
  old_engine_ = std::move(engine_);
  engine_.reset();
  return start_engine();
}

Status Pipeline::start_generator(const GeneratorOptions& options) {
  std::vector<std::string> arguments = {options_.program,
                                        "produce",
                                        "--brokers",
                                        address_,
                                        "--topic",
                                        kTopic,
                                        "--rate",
                                        options.rate,
                                        "--size",
                                        std::to_string(options.size),
                                        "--producers",
                                        std::to_string(options.producers),
                                        "--producer-number",
                                        std::to_string(options.producer_number),
                                        "--out",
                                        options.out,
                                        "--start-at",
                                        std::to_string(options.start.value),
                                        "--quiet"};
  if (options.events > 0) {
    arguments.insert(arguments.end(), {"--events", std::to_string(options.events)});
  } else {
    arguments.insert(arguments.end(), {"--seconds", fmt::format("{}", options.length.seconds())});
  }
  generator_ = WEIR_TRY(spawn("generator", std::move(arguments), false, kMeasuringNice));
  return {};
}

std::vector<std::pair<std::string, ProcessId>> Pipeline::processes() const {
  std::vector<std::pair<std::string, ProcessId>> all;
  if (broker_) all.emplace_back("broker", broker_->id());
  if (engine_) all.emplace_back("engine", engine_->id());
  if (old_engine_) all.emplace_back("engine", old_engine_->id());
  if (generator_) all.emplace_back("generator", generator_->id());
  return all;
}

std::string Pipeline::log_tail(const std::string& process) const {
  std::ifstream in(options_.log_prefix + process + ".log");
  std::string text((std::istreambuf_iterator<char>(in)), {});
  while (!text.empty() && text.back() == '\n') text.pop_back();
  for (size_t at = text.size(), lines = 0; at > 0; --at)
    if (text[at - 1] == '\n' && ++lines == 3) return text.substr(at);
  return text.empty() ? "it wrote nothing to its log" : text;
}

void Pipeline::end(std::optional<Child>& child, Nanos grace) {
  if (!child) return;
  child->stop(grace);
  // The guard may be gone only when this process is being torn down; then nobody needs telling.
  [[maybe_unused]] auto told = guard_.untrack(child->id());
  child.reset();
}

void Pipeline::stop_engine() {
  end(engine_, nanos_from_seconds(5));
  end(old_engine_, nanos_from_seconds(1));
}

void Pipeline::stop() {
  end(generator_, nanos_from_seconds(3));
  stop_engine();
  end(broker_, nanos_from_seconds(5));
}

}  // namespace weir::lab
