#include "tests/spark/spark_fixture.h"

#include <cstdio>
#include <filesystem>

#include "weir/kafka/admin.h"
#include "weir/setup/java.h"
#include "weir/setup/software.h"

namespace weir::peer {
namespace {
namespace fs = std::filesystem;

constexpr int kSkipped = 77;

// Prepares Spark where it is missing; why it cannot be had, else empty.
std::string missing_spark() {
  if (auto java = setup::find_java(11); !java) return to_text(java.error());
  if (setup::spark_home()) return {};
  if (run_weir({"setup", "spark"}, nanos_from_seconds(1200)) != 0)
    return "weir setup spark failed: no registry can be reached, or a tool is missing";
  auto home = setup::spark_home();
  return home ? "" : to_text(home.error());
}

std::unique_ptr<World>& world() {
  static std::unique_ptr<World> only;
  return only;
}

}  // namespace

int run_weir(std::vector<std::string> arguments, Nanos limit) {
  Spawn spawn;
  spawn.arguments = std::move(arguments);
  spawn.arguments.insert(spawn.arguments.begin(), WEIR_PROGRAM);
  auto child = Child::start(spawn);
  return child ? child->wait(limit).value_or(-1) : -1;
}

bool wait_until(const std::function<bool()>& done, Nanos limit) {
  SystemClock clock(Anchor::take());
  const Nanos end = clock.now() + limit;
  while (!done()) {
    if (clock.now() > end) return false;
    clock.sleep_until(clock.now() + nanos_from_millis(5));
  }
  return true;
}

World& World::get() {
  if (!world()) world() = std::make_unique<World>();
  return *world();
}

void World::end() { world().reset(); }

World::World() {
  const auto need = [](bool good, const std::string& why) {
    if (good) return;
    std::fprintf(stderr, "spark_peer_test: %s\n", why.c_str());
    std::exit(1);
  };
  std::string pattern = (fs::temp_directory_path() / "weir-spark-XXXXXX").string();
  base = mkdtemp(pattern.data());
  plan.engine = "spark";
  plan.parallelism = 2;
  auto made = run::Folder::create(base + "/run", "test", clock.now());
  need(made.has_value(), "cannot make the folder of the run");
  folder.emplace(std::move(*made));
  fs::create_directories(folder->data_path());
  fs::create_directories(folder->path() + "/log");
  auto started = lab::Guard::start(WEIR_PROGRAM);
  need(started.has_value(), "cannot start the guard");
  guard.emplace(std::move(*started));
  auto opened_broker = lab::open_broker(host());
  auto opened_spark = lab::open_engine(host());
  need(opened_broker.has_value(), "cannot open the broker");
  need(opened_spark.has_value(), opened_spark ? "" : to_text(opened_spark.error()));
  broker = std::move(*opened_broker);
  spark = std::move(*opened_spark);
}

World::~World() {
  spark.reset();
  broker.reset();
  guard.reset();
  std::error_code ignored;
  fs::remove_all(base, ignored);
}

lab::HostContext World::host() {
  return {WEIR_PROGRAM,           plan, *guard, clock.anchor(), "test", folder->data_path(),
          folder->path() + "/log"};
}

lab::Lab World::lab() {
  return lab::Lab{
      plan, *folder, clock, host(), *broker, *spark, true, false, 100, [] { return false; }, {}};
}

void Spark::TearDown() {
  if (!has_broker_) return;
  world_.spark->stop_query();
  world_.broker->end_step();
}

lab::StepPlace Spark::place(const std::string& label) {
  const std::string data = world_.folder->data_path() + "/" + label;
  fs::create_directories(data + "/out");
  return {label, data, world_.folder->path() + "/log/" + label + "-", data + "/out"};
}

lab::Query Spark::query(const std::string& label, const std::string& workload, int32_t partitions) {
  EXPECT_TRUE(world_.broker->begin_step(place(label)));
  has_broker_ = true;
  EXPECT_TRUE(wait_until([&] { return world_.broker->ready().value_or(false); }));
  lab::Query query;
  query.client = world_.broker->client();
  query.topic = label;
  query.output_topic = label + ".weir-out";
  query.workload = workload;
  query.partitions = partitions;
  query.parallelism = 2;
  query.trigger = nanos_from_millis(200);
  query.window = nanos_from_seconds(1);
  auto admin = kafka::Admin::open(query.client);
  EXPECT_TRUE(admin);
  for (const auto& topic : {query.topic, query.output_topic})
    EXPECT_TRUE((*admin)->create_topic(topic, partitions, 1, {}));
  return query;
}

Result<std::unique_ptr<lab::Observer>> Spark::start(lab::EngineHost& engine,
                                                    const lab::Query& query,
                                                    const lab::StepPlace& place) {
  auto observer = WEIR_TRY(engine.observe(query));
  WEIR_TRY(engine.start(query, place));
  Result<bool> ready = false;
  if (!wait_until([&] { return !(ready = engine.ready(*observer)) || *ready; },
                  nanos_from_seconds(200)))
    return fail(Code::kTimeout, "the engine neither became ready nor said why");
  WEIR_TRY(std::move(ready));
  return observer;
}

}  // namespace weir::peer

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (const auto why = weir::peer::missing_spark(); !why.empty()) {
    const char* ci = std::getenv("CI");
    const bool fails = ci != nullptr && std::string(ci) == "true";
    std::fprintf(stderr, "%s: %s\n", fails ? "failed" : "skipped", why.c_str());
    return fails ? 1 : weir::peer::kSkipped;
  }
  const int status = RUN_ALL_TESTS();
  weir::peer::World::end();
  return status;
}
