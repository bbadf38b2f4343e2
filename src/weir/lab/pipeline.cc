#include "weir/lab/pipeline.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "weir/kafka/admin.h"
#include "weir/kafka/environment.h"

namespace weir::lab {
namespace {

constexpr Nanos kAwaitTurn = nanos_from_millis(1);

// Of a process's log.
std::string generator_name(size_t n) {
  return n == 0 ? "generator" : "generator-" + std::to_string(n + 1);
}

std::string generator_folder(const GeneratorOptions& options, size_t n) {
  return options.processes == 1 ? options.out : options.out + "/generator-" + std::to_string(n + 1);
}

}  // namespace

Result<std::unique_ptr<Pipeline>> Pipeline::open(const Context& context,
                                                 const PipelineOptions& options) {
  std::unique_ptr<Pipeline> pipeline(new Pipeline(context, options));
  WEIR_TRY(context.broker.begin_step(options.place));
  WEIR_TRY(pipeline->await([&] { return context.broker.ready(); }));
  Query& query = pipeline->query_;
  query.client = context.broker.client();
  query.workload = options.workload;
  query.partitions = options.partitions;
  query.parallelism = options.parallelism;
  query.trigger = options.trigger;
  query.window = options.window;
  WEIR_TRY_IN("topics", pipeline->create_topics());
  return pipeline;
}

Pipeline::~Pipeline() { stop(); }

Status Pipeline::await(const std::function<Result<bool>()>& ready) {
  SystemClock clock(context_.host.anchor);
  while (!WEIR_TRY(ready())) {
    if (context_.interrupted()) return fail(Code::kInterrupted, "interrupted");
    clock.sleep_until(clock.now() + kAwaitTurn);
  }
  return {};
}

Status Pipeline::create_topics() {
  const Plan& plan = context_.host.plan;
  const std::string prefix = context_.broker.topic_prefix();
  const std::string own = prefix.empty() ? "events" : prefix + options_.place.label;
  query_.topic = plan.input_topic.empty() ? own : plan.input_topic;
  query_.output_topic = !plan.output_topic.empty() ? plan.output_topic : query_.topic + ".weir-out";
  auto admin = WEIR_TRY(kafka::Admin::open(query_.client));
  for (const auto& topic : {query_.topic, query_.output_topic}) {
    const bool named_by_user = topic == plan.input_topic || topic == plan.output_topic;
    if (named_by_user && admin->topic(topic)) continue;
    WEIR_TRY(context_.broker.own(topic));
    // A broker that the step has for itself is one node, also beside a plan with more copies.
    const int32_t copies = prefix.empty() ? 1 : int32_t(plan.replication);
    auto created =
        admin->create_topic(topic, options_.partitions, copies, context_.broker.topic_settings());
    if (!created) {
      // Not made, or somebody else's: it is left alone.
      context_.broker.disown(topic);
      return created;
    }
    if (!prefix.empty()) created_.push_back(topic);
  }
  return {};
}

void Pipeline::delete_topics() {
  if (created_.empty()) return;
  // A broker of weir's own that is gone takes its topics with it.
  if (Child* broker = context_.broker.process(); broker && broker->poll()) return;
  auto admin = kafka::Admin::open(query_.client);
  for (const auto& topic : created_) {
    const Status done = admin ? (*admin)->delete_topic(topic) : tl::unexpected(admin.error());
    if (done || done.error().code == Code::kNotFound)
      context_.broker.disown(topic);
    else
      std::fprintf(stderr, "weir: the topic %s stays at %s\n%s\n", topic.c_str(),
                   query_.client.brokers.c_str(), to_text(done.error()).c_str());
  }
  created_.clear();
}

Status Pipeline::start_engine() {
  EngineHost& engine = context_.engine;
  observer_ = WEIR_TRY(engine.observe(query_));
  engine_started_ = true;
  // The observer sees the output directly: what it measures must not wait for a broken link.
  Query query = query_;
  if (proxy::LinkProxy* over = link()) query.client.brokers = over->address().text();
  WEIR_TRY(engine.start(query, options_.place));
  return await([&] { return engine.ready(*observer_); });
}

Status Pipeline::start_generators(const GeneratorOptions& options) {
  for (size_t n = 0; n < size_t(options.processes); ++n)
    WEIR_TRY(start_process(options, n, generator_folder(options, n)));
  return {};
}

Status Pipeline::restart_generator(const GeneratorOptions& options) {
  return start_process(options, 0, options.out + "/generator-1-again");
}

Status Pipeline::start_process(const GeneratorOptions& generator, size_t n,
                               const std::string& out) {
  ChildOptions options;
  const uint64_t stride = uint64_t(generator.processes);
  const auto number = generator.producer_number + uint32_t(n) * uint32_t(generator.producers);
  options.arguments = {context_.host.program,
                       "produce",
                       "--brokers",
                       query_.client.brokers,
                       "--topic",
                       query_.topic,
                       "--rate",
                       generator.rate,
                       "--schedule",
                       generator.schedule,
                       "--seed",
                       std::to_string(generator.seed),
                       "--size",
                       std::to_string(generator.size),
                       "--producers",
                       std::to_string(generator.producers),
                       "--producer-number",
                       std::to_string(number % EventId::kProducers),
                       "--first-index",
                       std::to_string(generator.first_event + n),
                       "--stride",
                       std::to_string(stride),
                       "--out",
                       out,
                       "--start-at",
                       std::to_string(generator.start.value),
                       "--quiet"};
  const auto add = [&](const std::string& flag, const std::string& value) {
    options.arguments.insert(options.arguments.end(), {flag, value});
  };
  if (generator.events > 0)
    add("--events", std::to_string(generator.events));
  else
    add("--seconds", fmt::format("{}", generator.length.seconds()));
  const Plan& plan = context_.host.plan;
  add("--keys", plan.keys);
  add("--sizes", plan.sizes);
  add("--payload", plan.payload);
  if (!plan.event_template.empty()) add("--template", plan.event_template);
  constexpr std::string_view kHeader = "header:";
  if (plan.identity.starts_with(kHeader)) add("--id-header", plan.identity.substr(kHeader.size()));
  options.environment = kafka::to_environment(query_.client);
  options.environment["WEIR_ANCHOR"] = context_.host.anchor.text();
  options.log = options_.place.log_prefix + generator_name(n) + ".log";
  options.nice = kMeasuringNice;
  auto started = WEIR_TRY_IN("generator", TrackedChild::start(options, context_.host.guard));
  if (n < generators_.size())
    generators_[n] = std::move(started);
  else
    generators_.push_back(std::move(started));
  return {};
}

void Pipeline::signal_generators(int signal) {
  for (auto& generator : generators_) generator.child().signal(signal);
}

std::optional<int> Pipeline::poll_generators() {
  bool all = true;
  for (size_t n = 0; n < generators_.size(); ++n) {
    const auto status = generators_[n].child().poll();
    all = all && status;
    if (!status || *status == 0) continue;
    failed_generator_ = n;
    return status;
  }
  return all ? std::optional(0) : std::nullopt;
}

std::optional<int> Pipeline::wait_generators(Nanos limit) {
  SystemClock clock(context_.host.anchor);
  const Nanos end = clock.now() + limit;
  while (true) {
    if (const auto status = poll_generators()) return status;
    if (clock.now() >= end) return std::nullopt;
    clock.sleep_until(clock.now() + kAwaitTurn);
  }
}

std::string Pipeline::generator_trouble() const {
  const std::string tail = log_tail(generator_name(failed_generator_));
  if (generators_.size() == 1) return tail;
  return fmt::format("generator {} of {}, whose share nobody else sends: {}", failed_generator_ + 1,
                     generators_.size(), tail);
}

NamedProcesses Pipeline::processes() {
  NamedProcesses all = context_.broker.processes();
  for (auto& process : context_.engine.processes()) all.push_back(process);
  for (const auto& generator : generators_) all.emplace_back("generator", generator.id());
  // weir run itself: watching takes its part of the cores, too.
  if (const auto self = identify(getpid())) all.emplace_back("observer", *self);
  return all;
}

std::string Pipeline::log_tail(const std::string& process) const {
  return weir::log_tail(options_.place.log_prefix + process + ".log");
}

void Pipeline::stop_engine() {
  if (engine_started_) context_.engine.stop_query();
  engine_started_ = false;
}

void Pipeline::stop() {
  if (stopped_) return;
  stopped_ = true;
  for (auto& generator : generators_) generator.stop(nanos_from_seconds(3));
  stop_engine();
  if (observer_) observer_->stop();
  delete_topics();
  context_.broker.end_step();
}

}  // namespace weir::lab
