// Plans, checksums, addresses and what failures are told as; no server is needed.
#include <connect.pb.h>
#include <gmock/gmock.h>

#include "weir/spark/checksum.h"
#include "weir/spark/client.h"
#include "weir/spark/plan_message.h"
#include "weir/spark/query_driver.h"
#include "weir/spark/server.h"
#include "weir/sys/free_port.h"

namespace weir::spark {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::Pair;

QueryOptions query_options() {
  QueryOptions options;
  options.kafka = {{"bootstrap.servers", "127.0.0.1:9092"}};
  options.topic = "events";
  options.output_topic = "events.weir-out";
  options.checkpoint = "file:///data/checkpoint";
  options.query_id = "6f1c61c1-7b6d-4e9b-9d6e-0a44ef5a7d10";
  options.name = "weir-step-1";
  options.attempt = 3;
  options.partitions = 4;
  options.trigger = nanos_from_seconds(1);
  return options;
}

// Values that Spark 3.5.7 gave for SELECT xxhash64(...).
TEST(Checksum, IsSparksXxhash64) {
  EXPECT_EQ(xxhash64(""), -7444071767201028348);
  EXPECT_EQ(xxhash64("a"), -8582455328737087284);
  EXPECT_EQ(xxhash64("Spark"), -4294468057691064905);
  EXPECT_EQ(xxhash64("01a204a0-afcb-70d2-85f7-000000000000"), -3093838283080639167);
  EXPECT_EQ(xxhash64("", 0), int64_t(0xEF46DB3751D8E999)) << "XXH64's own test vector";
}

TEST(Checksum, OfALaneDependsOnEveryIdButNotOnTheirOrder) {
  ObservedBatch::Lane forwards, backwards, other;
  for (const char* id : {"a", "b", "c"}) add_id(forwards, id);
  for (const char* id : {"c", "b", "a"}) add_id(backwards, id);
  for (const char* id : {"a", "b", "b"}) add_id(other, id);
  EXPECT_EQ(forwards, backwards);
  EXPECT_FALSE(forwards == other);
  EXPECT_EQ(other.count, 3);
}

TEST(Plan, MetricsObservesAndWritesNothing) {
  const StreamPlan plan = metrics_plan(query_options());
  EXPECT_EQ(plan.format, "noop");
  EXPECT_EQ(plan.metrics.size(), 4u + 60u + 3u * 4u);
  EXPECT_EQ(plan.metrics[4], "count_if(ok AND age < 33L) AS b0");
  EXPECT_EQ(plan.metrics[5], "count_if(ok AND age >= 33L AND age < 67L) AS b1");
  EXPECT_THAT(plan.metrics[63], Not(HasSubstr("age <"))) << "the last one takes all that is older";
  EXPECT_THAT(plan.source, Contains(Pair("kafka.bootstrap.servers", "127.0.0.1:9092")));
  EXPECT_THAT(plan.sink, ElementsAre(Pair("checkpointLocation", "file:///data/checkpoint")));
}

TEST(Plan, ManyPartitionsShareChecksums) {
  auto options = query_options();
  options.partitions = 100;
  EXPECT_EQ(metrics_plan(options).metrics.size(), 4u + 60u + 3u * 16u);
}

TEST(Plan, ForwardWritesHeadersAndKeepsPartitions) {
  const StreamPlan plan = forward_plan(query_options());
  EXPECT_EQ(plan.format, "kafka");
  EXPECT_EQ(plan.kept, "ok");
  EXPECT_THAT(plan.written, Contains("partition"));
  EXPECT_THAT(plan.written.back(), HasSubstr("CAST('3' AS BINARY)"));
  EXPECT_THAT(plan.written.back(), HasSubstr("CAST(reference AS STRING)"));
  EXPECT_THAT(plan.sink, Contains(Pair("topic", "events.weir-out")));
  EXPECT_THAT(plan.sink, Contains(Pair("kafka.bootstrap.servers", "127.0.0.1:9092")));
}

TEST(Plan, BecomesRelationsFromTheInsideOut) {
  ::spark::connect::WriteStreamOperationStart message;
  write_message(forward_plan(query_options()), message);
  EXPECT_EQ(message.processing_time_interval(), "1000 milliseconds");
  EXPECT_EQ(message.query_name(), "weir-step-1");
  const auto& written = message.input();
  ASSERT_TRUE(written.has_project());
  ASSERT_TRUE(written.project().input().has_filter());
  const auto& observed = written.project().input().filter().input();
  ASSERT_TRUE(observed.has_collect_metrics());
  EXPECT_EQ(observed.collect_metrics().name(), kMetricsName);
  const auto& columns = observed.collect_metrics().input();
  const auto& parsed = columns.project().input();
  ASSERT_TRUE(parsed.project().input().has_read());
  EXPECT_TRUE(parsed.project().input().read().is_streaming());
  EXPECT_EQ(parsed.project().input().common().plan_id(), 0);
  EXPECT_EQ(written.common().plan_id(), 5);
}

TEST(ConnectUrl, IsHostAndPort) {
  EXPECT_EQ(parse_connect_url("sc://spark:15009").value(), "spark:15009");
  EXPECT_EQ(parse_connect_url("sc://spark/").value(), "spark:15002");
  for (const char* wrong : {"spark:15002", "sc://", "sc://:15002", "sc://spark:x", "sc://spark:0",
                            "sc://spark:1/;token=abc", "http://spark:15002"}) {
    const auto parsed = parse_connect_url(wrong);
    ASSERT_FALSE(parsed) << wrong;
    EXPECT_EQ(parsed.error().code, Code::kUsage);
  }
}

TEST(QueryHandle, SurvivesBeingWritten) {
  const QueryHandle handle{Session::make(), "id", "run"};
  const auto read = QueryHandle::parse(handle.text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->session.id, handle.session.id);
  EXPECT_EQ(read->run_id, "run");
  EXPECT_FALSE(QueryHandle::parse("{}"));
  EXPECT_FALSE(QueryHandle::parse("{\"user\":1}"));
}

TEST(Client, SaysWhenNobodyAnswers) {
  Client client(fmt::format("127.0.0.1:{}", free_port().value()), Session::make());
  const auto version = client.version(nanos_from_seconds(5));
  ASSERT_FALSE(version);
  EXPECT_EQ(version.error().code, Code::kUnreachable);
}

TEST(QueryDriver, KeepsAskingUntilItIsStopped) {
  QueryDriver::Options options;
  options.plan = [](int64_t) { return StreamPlan(); };
  QueryDriver driver(options, Anchor::take(), [](auto&&...) {});
  driver.connect(fmt::format("127.0.0.1:{}", free_port().value()), 1);
  SystemClock clock(Anchor::take());
  const Nanos limit = clock.now() + nanos_from_seconds(30);
  while (!driver.state().error && clock.now() < limit)
    clock.sleep_until(clock.now() + nanos_from_millis(5));
  EXPECT_EQ(driver.state().phase, QueryDriver::Phase::kConnecting);
  ASSERT_TRUE(driver.state().error);
  EXPECT_EQ(driver.state().error->code, Code::kUnreachable);
  EXPECT_EQ(driver.state().attempt, 0);
  driver.stop(Nanos(0));
  EXPECT_EQ(driver.state().phase, QueryDriver::Phase::kStopped);
}

TEST(Errors, NameTheJavaClassAndWhatHelps) {
  const Error missing = error_from_java(
      "Spark could not start the query", "org.apache.spark.sql.AnalysisException",
      "Failed to find data source: kafka. Please deploy the application as per ...");
  EXPECT_EQ(missing.code, Code::kUsage);
  EXPECT_THAT(missing.why, HasSubstr("org.apache.spark.sql.AnalysisException: Failed to find"));
  EXPECT_THAT(missing.remedy, HasSubstr("spark-sql-kafka-0-10"));
  EXPECT_EQ(
      error_from_java("x", "java.lang.IllegalArgumentException", "Streaming query 7 is not found")
          .code,
      Code::kNotFound);
  EXPECT_EQ(error_from_java("x", "java.lang.IllegalArgumentException",
                            "Run id mismatch for query id 7. The query might have restarted.")
                .code,
            Code::kNotFound);
  EXPECT_EQ(error_from_java("x", "", "m\n=== Streaming Query ===\nits plan").why, "m");
}

TEST(ServerError, NamesKnownCauses) {
  const auto told = [](const char* log) { return server_error("it ended", log); };
  EXPECT_THAT(told("a\njava.net.BindException: Address already in use\nb").why,
              HasSubstr("its port is taken"));
  EXPECT_THAT(told("java.lang.UnsupportedClassVersionError: org/apache/spark").why,
              HasSubstr("too old"));
  EXPECT_THAT(told("JAVA_HOME is not set").why, HasSubstr("there is no Java"));
  EXPECT_THAT(told("Error: Failed to load class org.apache.spark.sql.connect.service.X").why,
              HasSubstr("no Connect server"));
  EXPECT_THAT(told("java.lang.NoSuchMethodError: 'void org.apache...'").remedy,
              HasSubstr("exactly the version"));
  EXPECT_THAT(told("org.apache.spark.SparkException: Could not parse Master URL: 'x'").code,
              Code::kUsage);
  EXPECT_THAT(told("Exception: Master must either be yarn or start with spark").why,
              HasSubstr("does not know this master"));
  EXPECT_THAT(told("java.lang.Exception: x\n\tat a.B.c(B.scala:1)\n").why,
              Not(HasSubstr("B.scala")));
  const Error other = told("1\n2\n3\n4\n5\n6\n7\n8\n9\nten\n");
  EXPECT_EQ(other.code, Code::kFailed);
  EXPECT_THAT(other.why, HasSubstr("3\n4\n5\n6\n7\n8\n9\nten"));
  EXPECT_THAT(other.why, Not(HasSubstr("2\n")));
  EXPECT_THAT(told("").why, HasSubstr("wrote nothing"));
}

TEST(ServerCommand, LetsTheUsersSettingsWin) {
  ServerOptions options;
  options.home = "/spark";
  options.master = "local[2]";
  options.port = 15009;
  options.folder = "/data";
  options.conf = {{"spark.ui.enabled", "true"}, {"spark.executor.cores", "3"}};
  const auto command = server_command(options);
  EXPECT_EQ(command.arguments.front(), "/spark/bin/spark-submit");
  EXPECT_THAT(command.arguments, Contains("spark.ui.enabled=true"));
  EXPECT_THAT(command.arguments, Not(Contains("spark.ui.enabled=false")));
  EXPECT_THAT(command.arguments, Contains("spark.executor.cores=3"));
  EXPECT_THAT(command.arguments, Contains("spark.connect.grpc.binding.port=15009"));
  EXPECT_THAT(command.environment, Contains(Pair("SPARK_LOCAL_IP", "127.0.0.1")));
  options.master = "spark://host:7077";
  EXPECT_FALSE(server_command(options).environment.contains("SPARK_LOCAL_IP"));
}

}  // namespace
}  // namespace weir::spark
