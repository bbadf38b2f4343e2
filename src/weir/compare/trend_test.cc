#include "weir/compare/trend.h"

#include <gtest/gtest.h>

#include "weir/compare/test_runs.h"

namespace weir::compare {
namespace {

// CPU per million events of runs an hour apart.
std::vector<StoredRun> series(const std::vector<double>& values) {
  std::vector<StoredRun> runs;
  for (size_t i = 0; i < values.size(); ++i)
    runs.push_back(TestRun{.minute = int(i), .cpu = values[i]}.make());
  return runs;
}

const TrendSeries& cpu_of(const TrendGroup& group) {
  for (const auto& each : group.series)
    if (each.key.name == "cpu_s_per_million") return each;
  ADD_FAILURE() << "no series of CPU";
  return group.series[0];
}

TEST(Trend, GroupsLikeRunsAcrossVersions) {
  const auto groups = trends_of({TestRun{.minute = 0}.make(), TestRun{.minute = 1}.make(),
                                 TestRun{.minute = 2, .version = "0.2.0"}.make(),
                                 TestRun{.minute = 5, .quick = true}.make()});
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].runs.size(), 1u);  // the newest first
  ASSERT_EQ(groups[1].runs.size(), 3u);
  EXPECT_TRUE(groups[1].runs[1].changed.empty());
  EXPECT_EQ(groups[1].runs[2].changed[0], "version.weir: 0.1.0, now 0.2.0");
}

TEST(Trend, MarksAValueThatEarlierOnesDoNotLetOneExpect) {
  const auto groups = trends_of(series({0.70, 0.71, 0.69, 0.70, 0.72, 0.70, 0.71, 0.90, 0.5}));
  const auto& points = cpu_of(groups[0]).points;
  for (size_t i = 0; i < 7; ++i) EXPECT_EQ(points[i].mark, Mark::kNone) << i;
  EXPECT_EQ(points[7].mark, Mark::kWorse);
  EXPECT_EQ(points[8].mark, Mark::kBetter);
}

TEST(Trend, DoesNotMarkByEye) {
  // Twice as much, and only five runs before it: nobody can say.
  const auto groups = trends_of(series({0.70, 0.71, 0.69, 0.70, 0.72, 1.4}));
  for (const auto& point : cpu_of(groups[0]).points) EXPECT_EQ(point.mark, Mark::kNone);
}

TEST(Trend, MarksSearchesByTheirBounds) {
  std::vector<StoredRun> runs;
  const std::pair<double, double> bounds[] = {{98, 110}, {100, 112}, {130, 140}, {90, 99}};
  for (const auto& [low, high] : bounds) {
    StoredRun run = TestRun{.minute = int(runs.size())}.make();
    run.plan.rates.clear();
    auto& estimate = run.result.load->sustainable_eps;
    estimate.estimate = low, estimate.low = low, estimate.high = high, estimate.level = 0.95;
    runs.push_back(run);
  }
  const auto groups = trends_of(runs);
  const auto& points = groups[0].series[0].points;
  EXPECT_EQ(groups[0].series[0].key.name, "sustainable_eps");
  EXPECT_EQ(points[1].mark, Mark::kNone);
  EXPECT_EQ(points[2].mark, Mark::kBetter);
  EXPECT_EQ(points[3].mark, Mark::kWorse);
}

TEST(Trend, IsWrittenAsTextCsvAndJson) {
  const auto groups = trends_of(series({0.7, 0.8, 0.9}));
  EXPECT_EQ(sparkline(cpu_of(groups[0]).points), "▁▅█");
  EXPECT_EQ(sparkline({}), "");
  const std::string csv = to_csv(groups);
  EXPECT_TRUE(csv.starts_with("group,started,run,metric,condition,unit,value,low,high,mark\n"));
  EXPECT_NE(csv.find(",run-1,cpu_s_per_million,at 100000 events/s,s,0.8,,,\n"), std::string::npos)
      << csv;
  EXPECT_NE(terminal_text(groups).find("▁▅█"), std::string::npos);
  EXPECT_NE(markdown(groups).find("| run-2 |"), std::string::npos);
  EXPECT_NE(to_json(groups).find("\"schema\": \"weir.trend/1\""), std::string::npos);
}

}  // namespace
}  // namespace weir::compare
