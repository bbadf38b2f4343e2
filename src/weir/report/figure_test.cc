#include "weir/report/figure.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "weir/report/figures.h"
#include "weir/report/numbers.h"
#include "weir/report/pack.h"
#include "weir/report/sample_run.h"
#include "weir/report/scale.h"

namespace weir::report {
namespace {

Figure one_line(std::vector<double> x, std::vector<double> y) {
  Figure figure;
  figure.id = "line";
  Series series{.name = "line"};
  series.x = std::move(x), series.y = std::move(y);
  figure.panels = {{{.label = "y"}, {series}, {}}};
  return figure;
}

TEST(Figure, WritesMissingValuesAsNullAndAsEmptyCells) {
  const Figure figure = one_line({0, 1}, {2.5, kMissing});
  const auto json = nlohmann::json::parse(to_json(figure));
  EXPECT_EQ(json["panels"][0]["series"][0]["y"].dump(), "[2.5,null]");
  EXPECT_EQ(to_csv(figure),
            "panel,series,x,y,low,high,hollow,label\ny,line,0,2.5,,,,\ny,line,1,,,,,\n");
  EXPECT_TRUE(has_data(figure));
  EXPECT_FALSE(has_data(one_line({0}, {kMissing})));
}

TEST(Figure, QuotesWordsInItsCsv) {
  Figure figure = one_line({0}, {1});
  figure.panels[0].series[0].name = "a, \"b\"\nc";
  EXPECT_NE(to_csv(figure).find("\"a, \"\"b\"\" c\""), std::string::npos);
}

TEST(Figure, GivesABarItsPlaceUponTheOneBefore) {
  Figure figure;
  figure.x = {.scale = AxisScale::kCategory, .categories = {"10 k"}};
  Series a{.name = "a", .mark = Mark::kBars}, b{.name = "b", .colour = 1, .mark = Mark::kBars};
  a.add(0, 2), b.add(0, 3);
  figure.panels = {{{.label = "ms"}, {a, b}, {}}};
  EXPECT_NE(to_csv(figure).find("ms,b,0,3,2,5,,10 k"), std::string::npos);
}

TEST(FigureLint, FindsWhatAFigureMustNeverDo) {
  EXPECT_TRUE(faults_of(one_line({0}, {1})).empty());
  Figure linear = one_line({0}, {1});
  linear.panels[0].y.unit = Unit::kMillis;
  EXPECT_EQ(faults_of(linear).size(), 1u);
  Figure cut = one_line({0}, {1});
  cut.panels[0].y.low = 5;
  EXPECT_EQ(faults_of(cut).size(), 1u);
  Figure alike = one_line({0}, {1});
  alike.panels[0].series.push_back({.name = "", .colour = 1});
  EXPECT_EQ(faults_of(alike).size(), 1u);
}

class RunFigures : public testing::Test {
 protected:
  std::string path_ = testing::TempDir() + "weir-figures-" +
                      testing::UnitTest::GetInstance()->current_test_info()->name();
  std::vector<Figure> figures_;
  void SetUp() override {
    std::filesystem::remove_all(path_);
    const auto folder = write_sample_run(path_);
    write_load_files(folder);
    figures_ = figures_of(*run::result_from_json(*folder.read("result.json")), path_);
  }
  void TearDown() override { std::filesystem::remove_all(path_); }
  const Figure* find(std::string_view id) const {
    for (const auto& figure : figures_)
      if (figure.id == id) return &figure;
    return nullptr;
  }
};

TEST_F(RunFigures, IncludeTheOriginsOwnByName) {
  for (const char* id : {"throughput_vs_rate", "p95_latency_vs_rate", "exp2_p95_latency"})
    EXPECT_NE(find(id), nullptr) << id;
}

TEST_F(RunFigures, BreakNoRuleOfTheirs) {
  for (const auto& figure : figures_) {
    for (const auto& fault : faults_of(figure)) ADD_FAILURE() << fault;
    EXPECT_FALSE(figure.caption.empty()) << figure.id;
    EXPECT_FALSE(figure.summary.empty()) << figure.id;
    EXPECT_FALSE(figure.samples.empty()) << figure.id;
  }
}

TEST_F(RunFigures, DrawHollowWhatDoesNotKeepUp) {
  const Figure* figure = find("throughput_vs_rate");
  ASSERT_NE(figure, nullptr);
  const Series& processed = figure->panels[0].series[1];
  EXPECT_EQ(processed.x, (std::vector<double>{300'000, 620'000, 700'000, 800'000}));
  EXPECT_EQ(processed.hollow, (std::vector<bool>{false, false, true, true}));
}

TEST_F(RunFigures, HaveAnIntervalWhereTheRunHasOne) {
  const Series processed = find("throughput_vs_rate")->panels[0].series[1];
  ASSERT_EQ(processed.low.size(), 4u);
  // 300,000 offered, 299,800 processed, growth known within -1% and +1.2%.
  EXPECT_NEAR(processed.low[0], 299'800 - 0.012 * 300'000, 1e-3);
  EXPECT_NEAR(processed.high[0], 300'000, 1e-3);
  const Figure* latency = find("latency_vs_rate");
  ASSERT_NE(latency, nullptr);
  const Series& p99 = latency->panels[0].series[2];
  ASSERT_EQ(p99.name, "p99");
  EXPECT_NEAR(p99.low[0], 0.9 * p99.y[0], 1e-9);
  EXPECT_NEAR(p99.high[0], 1.2 * p99.y[0], 1e-9);
  const Figure* figure = find("cadence_vs_rate");
  ASSERT_NE(figure, nullptr);
  const Series& share = figure->panels[0].series[1];
  EXPECT_NEAR(share.y.back(), 131, 1e-9);
  EXPECT_NEAR(share.low.back(), 126, 1e-9);
  EXPECT_NEAR(share.high.back(), 136, 1e-9);
  EXPECT_TRUE(share.hollow.back());
}

TEST_F(RunFigures, MarkTheMomentsOfAFault) {
  const Figure* figure = find("fault_engine_1");
  ASSERT_NE(figure, nullptr);
  ASSERT_EQ(figure->panels.size(), 3u);
  std::vector<std::string> labels;
  for (const auto& marker : figure->markers) labels.push_back(marker.label);
  EXPECT_EQ(labels,
            (std::vector<std::string>{"injected", "noticed", "first output", "current again"}));
  EXPECT_EQ(figure->bands.at(0).kind, Band::kFault);
}

TEST(Scale, StartsRatesAtZeroAndEndsOnARoundNumber) {
  const std::vector<double> values{310, 874};
  const Scale scale = Scale::over(values, false, {}, {}, false);
  EXPECT_EQ(scale.low(), 0);
  EXPECT_EQ(scale.high(), 1000);
  EXPECT_EQ(scale.ticks(200, 44), (std::vector<double>{0, 250, 500, 750, 1000}));
}

TEST(Scale, SpansWholeDecadesOnALogarithmicAxis) {
  const std::vector<double> values{0, 3, 420, NAN};
  const Scale scale = Scale::over(values, true, {}, {}, false);
  EXPECT_EQ(scale.low(), 1);
  EXPECT_EQ(scale.high(), 1000);
  EXPECT_EQ(scale.ticks(100, 44), (std::vector<double>{1, 10, 100, 1000}));
}

TEST(Numbers, AreWrittenAsPeopleReadThem) {
  EXPECT_EQ(short_number(0), "0");
  EXPECT_EQ(short_number(950), "950");
  EXPECT_EQ(short_number(50'000), "50 k");
  EXPECT_EQ(short_number(999'900), "1 M");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
  EXPECT_EQ(grouped(-1234.56, 1), "-1,234.6");
  EXPECT_EQ(grouped(-0.01, 1), "0.0");
  EXPECT_EQ(grouped(999), "999");
}

TEST(Pack, EncodesAsTheStandardSays) {  // RFC 4648, section 10
  EXPECT_EQ(base64(""), "");
  EXPECT_EQ(base64("f"), "Zg==");
  EXPECT_EQ(base64("fo"), "Zm8=");
  EXPECT_EQ(base64("foobar"), "Zm9vYmFy");
}

TEST(Pack, NeverEndsItsElementEarly) {
  EXPECT_EQ(data_element("[\"</script><!--\"]").find("</script>", 0),
            data_element("[\"</script><!--\"]").rfind("</script>"));
  const std::string large = data_element("[\"" + std::string(300'000, 'x') + "\"]");
  EXPECT_NE(large.find("data-packed=\"gzip\""), std::string::npos);
  EXPECT_LT(large.size(), 2'000u);
}

}  // namespace
}  // namespace weir::report
