#include "weir/report/many_page.h"

#include <gtest/gtest.h>

#include "weir/report/sample_run.h"

namespace weir::report {
namespace {

StoredRun run_of(const char* broker, const char* engine, const char* id) {
  StoredRun stored{sample_result(), "/nonexistent"};
  stored.result.target.broker = broker, stored.result.target.engine = engine;
  stored.result.id = id;
  return stored;
}

TEST(ManyPage, NamesTargetsAndTellsRunsOfOneTargetApart) {
  const auto names = names_of({run_of("embedded", "native", "a"), run_of("h:9092", "spark", "b"),
                               run_of("h:9092", "spark", "c")});
  EXPECT_EQ(names, (std::vector<std::string>{"embedded + native", "Kafka + spark, b",
                                             "Kafka + spark, c"}));
}

TEST(ManyPage, SaysWhatEachTargetPromisesAndWhereRunsAreUnlike) {
  auto a = run_of("embedded", "native", "a"), b = run_of("h:9092", "spark", "b");
  b.result.target.guarantee = "at least once", b.result.target.durable = false;
  b.result.target.versions = {{"Spark", "3.5.7"}};
  b.result.target.workload = "forward";
  const std::string html = many_page({a, b});
  for (const char* words : {"at least once", "Spark 3.5.7", "The runs were not alike",
                            "workload: metrics (a); forward (b)", "fig-throughput_vs_rate"})
    EXPECT_NE(html.find(words), std::string::npos) << words;
}

}  // namespace
}  // namespace weir::report
