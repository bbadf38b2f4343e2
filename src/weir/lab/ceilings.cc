#include "weir/lab/ceilings.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "weir/lab/embedded_broker.h"
#include "weir/lab/ledgers.h"
#include "weir/lab/observer_load.h"
#include "weir/lab/pipeline.h"
#include "weir/run/folder.h"
#include "weir/setup/places.h"
#include "weir/sys/disk.h"

namespace weir::lab {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kSchema = "weir.ceilings/1";
constexpr Nanos kHolds = nanos_from_seconds(7.0 * 24 * 3600);
constexpr Nanos kSend = nanos_from_seconds(1);
constexpr double kShareMax = 0.7;

// Whose results come by an output topic, which is read as fast as it can be.
bool reads_topic(const Plan& plan) {
  if (plan.engine == "external") return plan.progress == "output";
  return plan.engine == "native" || plan.workload == "forward";
}

// Whatever makes a ceiling another one. The machine as far as it is told apart here; the program by
// its size and time too, because a build for debugging has the same version.
std::string key_of(const Plan& plan, const std::string& program) {
  const Json machine = Json::parse(run::machine_json("", "/"), nullptr, false);
  const auto told = [&](const char* name) {
    const auto found = machine.find(name);
    return found == machine.end() ? std::string() : found->dump();
  };
  struct stat file {};
  stat(program.c_str(), &file);
  return fmt::format(
      "{} {} {} {} cores {} memory {} | weir {} {} {} | {} bytes {} {} {} {} {} x {} | {} {} {} | "
      "{}",
      told("cpu"), told("kernel"), told("host"), told("machine_id"), to_text(usable_cores()),
      told("memory_bytes"), WEIR_VERSION, int64_t(file.st_size), int64_t(file.st_mtim.tv_sec),
      plan.event_size, plan.sizes, plan.payload, plan.keys, plan.event_template, plan.processes,
      plan.producers, plan.engine == "native" ? "native" : "foreign", plan.workload,
      reads_topic(plan) ? plan.trigger.millis() : 0, plan.target_cores);
}

// Empty when there is none, or it is not one.
Json read_cache() {
  const auto text = real_disk()->read(ceilings_path());
  Json cache = text ? Json::parse(*text, nullptr, false) : Json();
  const bool good = cache.is_object() && cache.value("schema", Json()) == Json(kSchema) &&
                    cache.contains("entries") && cache["entries"].is_object();
  return good ? cache : Json{{"schema", kSchema}, {"entries", Json::object()}};
}

run::Figure figure(const Json& entry, const char* key) {
  const auto found = entry.find(key);
  if (found == entry.end() || !found->is_number() || !(found->get<double>() > 0)) return {};
  return found->get<double>();
}

// A cache that cannot be written is no reason not to run: the next run measures again.
void store(const std::string& key, const run::Ceilings& ceilings, Nanos now) {
  Json cache = read_cache();
  auto& entries = cache["entries"];
  for (auto at = entries.begin(); at != entries.end();) {
    const Json when = at->is_object() ? at->value("measured_ns", Json()) : Json();
    const bool old = !when.is_number_integer() || now.value - when.get<int64_t>() > kHolds.value;
    at = old ? entries.erase(at) : std::next(at);
  }
  entries[key] = {
      {"generator_eps", ceilings.generator_eps ? Json(*ceilings.generator_eps) : Json()},
      {"observer_eps", ceilings.observer_eps ? Json(*ceilings.observer_eps) : Json()},
      {"measured", ceilings.measured},
      {"measured_ns", now.value}};
  const auto disk = real_disk();
  [[maybe_unused]] Status made =
      disk->make_folders(fs::path(ceilings_path()).parent_path().string());
  if (made) made = disk->write_whole(ceilings_path(), cache.dump(1) + "\n");
}

// A pipeline without an engine, on an embedded broker of its own whatever the run's is.
struct Bench {
  Bench(Lab& lab, const std::string& name, bool discard)
      : plan(lab.plan),
        data(lab.folder.data_path() + "/" + name),
        context{lab.host.program,
                plan,
                lab.host.guard,
                lab.host.anchor,
                lab.host.run_id,
                lab.host.data,
                lab.host.log,
                discard,
                {},
                lab.host.cores},
        broker(context) {
    plan.broker = "embedded";
    plan.input_topic = plan.output_topic = "";
  }

  Plan plan;
  std::string data;
  HostContext context;
  EmbeddedBroker broker;
  std::unique_ptr<Pipeline> pipeline;
};

Status open_pipeline(Lab& lab, Bench& bench, const std::string& name) {
  std::error_code error;
  fs::create_directories(bench.data, error);
  if (error) return tl::unexpected(error_from_errno(error.value(), "make the folder", bench.data));
  PipelineOptions options;
  options.place = {name, bench.data, lab.host.log + "/" + name + "-", bench.data};
  options.partitions = int32_t(lab.plan.partitions);
  bench.pipeline =
      WEIR_TRY(Pipeline::open({bench.context, bench.broker, lab.engine, lab.interrupted}, options));
  return {};
}

void close_pipeline(Bench& bench) {
  bench.pipeline->stop();
  std::error_code ignored;
  fs::remove_all(bench.data, ignored);
}

GeneratorOptions flood(Lab& lab, const std::string& out) {
  GeneratorOptions options;
  options.out = out;
  options.rate = "max";
  options.start = lab.clock.now();
  options.length = kSend;
  options.size = lab.plan.event_size;
  options.producers = lab.plan.producers;
  options.processes = lab.plan.processes;
  options.producer_number = lab.next_producer;
  return options;
}

Result<double> measure_generator(Lab& lab) {
  Bench bench(lab, "self", true);
  WEIR_TRY_IN("self-test", open_pipeline(lab, bench, "self"));
  const Nanos begin = lab.clock.now();
  WEIR_TRY_IN("self-test", bench.pipeline->start_generators(flood(lab, bench.data)));
  const auto status = bench.pipeline->wait_generators(nanos_from_seconds(10));
  const double took = (lab.clock.now() - begin).seconds();
  if (!status || *status != 0)
    return fail(Code::kFailed, "the generator could not be measured alone",
                bench.pipeline->generator_trouble());
  const uint64_t acked = count(WEIR_TRY(read_ledgers(bench.data)), Outcome::kAcked);
  close_pipeline(bench);
  return double(acked) / took;
}

// weir's own events, because those of a template need not carry their id where the output does.
Result<double> measure_observer(Lab& lab) {
  Bench bench(lab, "observer", false);
  bench.plan.event_template.clear();
  bench.plan.identity = "event_id";
  WEIR_TRY_IN("self-test", open_pipeline(lab, bench, "observer"));
  Pipeline& pipeline = *bench.pipeline;
  ObserverLoad load{pipeline.query().client, pipeline.query().topic, int32_t(lab.plan.partitions),
                    lab.plan.trigger};
  if (lab.plan.engine == "native" && lab.plan.workload == "metrics") {
    load.topic = pipeline.query().output_topic;
    load.events = WEIR_TRY_IN("self-test", write_receipts(load, lab.clock.now()));
  } else {
    constexpr uint64_t kEvents = 400'000;
    auto options = flood(lab, bench.data);
    options.events = kEvents;
    WEIR_TRY_IN("self-test", pipeline.start_generators(options));
    if (pipeline.wait_generators(nanos_from_seconds(20)) != 0)
      return fail(Code::kFailed, "the observer could not be measured alone",
                  pipeline.generator_trouble());
    load.events = count(WEIR_TRY(read_ledgers(bench.data)), Outcome::kAcked);
  }
  const double rate = WEIR_TRY_IN("self-test", reading_rate(load, lab.clock, lab.interrupted));
  close_pipeline(bench);
  return rate;
}

void warn(run::RunResult& result, const char* code, const std::string& where, double offered,
          double ceiling, const char* whose, const char* remedy) {
  result.warnings.push_back({code, where,
                             fmt::format("it offers {:.0f}% of what {} ({:.0f} ev/s)",
                                         100 * offered / ceiling, whose, ceiling),
                             remedy});
}

}  // namespace

std::string ceilings_path() { return setup::Places::of_environment().cache + "/ceilings.json"; }

std::optional<run::Ceilings> cached_ceilings(const Plan& plan, const std::string& program,
                                             Nanos now) {
  const Json cache = read_cache();
  const auto found = cache["entries"].find(key_of(plan, program));
  if (found == cache["entries"].end() || !found->is_object()) return std::nullopt;
  const Json when = found->value("measured_ns", Json()), told = found->value("measured", Json());
  if (!when.is_number_integer() || !told.is_string()) return std::nullopt;
  const int64_t age = now.value - when.get<int64_t>();
  run::Ceilings ceilings{figure(*found, "generator_eps"),
                         figure(*found, "observer_eps"),
                         told.get<std::string>(),
                         true,
                         {}};
  const bool whole = ceilings.generator_eps && (ceilings.observer_eps || !reads_topic(plan));
  if (age < 0 || age > kHolds.value || !whole) return std::nullopt;
  return ceilings;
}

Result<run::Ceilings> find_ceilings(Lab& lab) {
  const Nanos now = lab.clock.now();
  auto ceilings = cached_ceilings(lab.plan, lab.host.program, now)
                      .value_or(run::Ceilings{{}, {}, "", false, {}});
  if (!reads_topic(lab.plan))
    ceilings.why["observer_eps"] =
        "results are not read from a topic: the engine's own records tell";
  if (ceilings.cached) return ceilings;
  ceilings.measured = run::utc_text(now);
  ceilings.generator_eps = WEIR_TRY(measure_generator(lab));
  if (reads_topic(lab.plan)) ceilings.observer_eps = WEIR_TRY(measure_observer(lab));
  store(key_of(lab.plan, lab.host.program), ceilings, now);
  return ceilings;
}

void warn_of_ceilings(run::RunResult& result) {
  if (!result.ceilings) return;
  std::string where;
  double most = 0;
  const auto look = [&](const std::string& label, const run::Figure& offered) {
    if (offered.value_or(0) > most) most = *offered, where = label;
  };
  if (result.load)
    for (const auto& step : result.load->steps) look(step.label, step.offered_eps);
  if (result.scale)
    for (const auto& cell : result.scale->cells) look(cell.label, cell.offered_eps);
  if (result.faults)
    for (const auto& fault : result.faults->faults) look(fault.label, fault.offered_eps);
  // One warning tells it of the highest rate; the steps' own numbers are in the tables.
  const auto& ceilings = *result.ceilings;
  if (ceilings.generator_eps && most > kShareMax * *ceilings.generator_eps)
    warn(result, "W001", where, most, *ceilings.generator_eps, "the generator alone can send",
         "give the generator cores of its own, or more of them: --set load.processes=2");
  if (ceilings.observer_eps && most > kShareMax * *ceilings.observer_eps)
    warn(result, "W002", where, most, *ceilings.observer_eps, "the observer alone can read",
         "give the observer a core of its own, or offer less");
}

}  // namespace weir::lab
