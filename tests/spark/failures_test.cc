// What fails, and what is said of it.
#include <gmock/gmock.h>

#include "tests/spark/spark_fixture.h"
#include "weir/checkpoint/format.h"
#include "weir/lab/spark_engine.h"
#include "weir/spark/client.h"
#include "weir/spark/server.h"
#include "weir/sys/free_port.h"
#include "weir/sys/net.h"

namespace weir::peer {
namespace {

using testing::HasSubstr;

constexpr Nanos kCall = nanos_from_seconds(30);

TEST_F(Spark, NamesTheJavaClassOfAQueryThatCannotRun) {
  auto query = this->query("missing", "metrics");
  query.topic = "there-is-no-such-topic";
  auto observer = start(*world_.spark, query, place("missing-query"));
  // Spark accepts the query and fails in its first batch.
  std::string trouble = observer ? "" : to_text(observer.error());
  EXPECT_TRUE(wait_until([&] {
    if (trouble.empty()) trouble = world_.spark->trouble();
    return !trouble.empty();
  }));
  EXPECT_THAT(trouble, HasSubstr("StreamingQueryException"));
  EXPECT_THAT(trouble, HasSubstr("UnknownTopicOrPartitionException"));
  EXPECT_EQ(trouble.find("Logical Plan"), std::string::npos) << trouble;
}

TEST_F(Spark, SendsTheQueryAgainWhenTheServerForgotIt) {
  const auto query = this->query("forgotten", "metrics");
  const auto where = place("forgotten");
  auto observer = start(*world_.spark, query, where);
  ASSERT_TRUE(observer) << to_text(observer.error());
  // What a server says that was started again behind weir's back.
  const auto handle =
      spark::QueryHandle::parse(real_disk()->read(where.data + "/spark-query.json").value_or(""));
  ASSERT_TRUE(handle);
  auto& engine = static_cast<lab::SparkEngine&>(*world_.spark);
  spark::Client other(engine.address(), handle->session);
  EXPECT_TRUE(other.status(*handle, kCall));
  auto unknown = *handle;
  unknown.run_id = checkpoint::random_uuid();
  const auto restarted = other.status(unknown, kCall);
  ASSERT_FALSE(restarted);
  EXPECT_EQ(restarted.error().code, Code::kNotFound) << to_text(restarted.error());
  unknown.id = checkpoint::random_uuid();
  const auto forgotten = other.status(unknown, kCall);
  ASSERT_FALSE(forgotten);
  EXPECT_EQ(forgotten.error().code, Code::kNotFound) << to_text(forgotten.error());
  // Taken over by a later weir: the same session and query.
  spark::QueryDriver::Options options;
  options.take_over = handle;
  options.plan = [](int64_t) { return spark::StreamPlan(); };
  spark::QueryDriver later(options, world_.clock.anchor(), [](auto&&...) {});
  later.connect(engine.address(), 7);
  EXPECT_TRUE(wait_until([&] { return later.state().attempt == 7; }));
  EXPECT_EQ(later.state().phase, spark::QueryDriver::Phase::kRunning);
  // With a query that the server does not know it sends its own.
  options.take_over = unknown;
  options.plan = [&](int64_t attempt) {
    spark::QueryOptions plan;
    plan.kafka = {{"bootstrap.servers", query.client.brokers}};
    plan.topic = query.topic;
    plan.checkpoint = "file://" + where.data + "/other-checkpoint";
    plan.name = "other-" + std::to_string(attempt);
    plan.partitions = query.partitions;
    return spark::metrics_plan(plan);
  };
  spark::QueryDriver anew(options, world_.clock.anchor(), [](auto&&...) {});
  anew.connect(engine.address(), 2);
  EXPECT_TRUE(wait_until([&] { return anew.state().attempt == 2; }));
  anew.stop(nanos_from_seconds(2));
  later.stop(nanos_from_seconds(2));  // and with it the query
  EXPECT_TRUE(wait_until([&] { return !world_.spark->trouble().empty(); }));
  EXPECT_THAT(world_.spark->trouble(), HasSubstr("ended by itself"));
}

TEST_F(Spark, SaysThatAPortIsTakenOrASettingWrong) {
  auto taken = listen_tcp({"127.0.0.1", 0});
  ASSERT_TRUE(taken);
  auto plan = world_.plan;
  plan.conf[spark::kPortConf] = std::to_string(local_address(taken->front())->port);
  plan.driver_memory = "640m";
  auto host = world_.host();
  lab::HostContext context{host.program, plan,      host.guard, host.anchor,
                           "test",       host.data, host.log};
  const auto query = this->query("taken", "metrics");
  {
    auto engine = lab::open_engine(context);
    ASSERT_TRUE(engine);
    const auto observer = start(**engine, query, place("taken-port"));
    ASSERT_FALSE(observer);
    EXPECT_EQ(observer.error().code, Code::kUsage);
    EXPECT_THAT(observer.error().why, HasSubstr("port is taken")) << to_text(observer.error());
  }
  plan.conf.clear();
  plan.master = "nonsense";
  auto engine = lab::open_engine(context);
  ASSERT_TRUE(engine);
  const auto observer = start(**engine, query, place("wrong-master"));
  ASSERT_FALSE(observer);
  EXPECT_THAT(to_text(observer.error()), HasSubstr("does not know this master"));
}

TEST_F(Spark, SaysThatNobodyAnswersWhereItShouldAttach) {
  auto plan = world_.plan;
  plan.connect = "sc://127.0.0.1:" + std::to_string(free_port().value());
  auto host = world_.host();
  lab::HostContext context{host.program, plan,      host.guard, host.anchor,
                           "test",       host.data, host.log};
  auto engine = lab::open_engine(context);
  ASSERT_TRUE(engine);
  const auto observer = start(**engine, this->query("nobody", "metrics"), place("nobody-there"));
  ASSERT_FALSE(observer);
  EXPECT_EQ(observer.error().code, Code::kUnreachable);
  EXPECT_EQ((*engine)->process(), nullptr);
  EXPECT_FALSE((*engine)->restart());
}

}  // namespace
}  // namespace weir::peer
