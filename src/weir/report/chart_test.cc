#include "weir/report/chart.h"

#include <gtest/gtest.h>

#include <cmath>

#include "weir/report/scale.h"

namespace weir::report {
namespace {

Chart one_line(std::vector<Point> points) {
  Chart chart;
  chart.series.push_back({.name = "line", .data = std::move(points)});
  return chart;
}

size_t count(const std::string& text, std::string_view part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
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
  EXPECT_DOUBLE_EQ(scale.position(10, 0, 300), 100);
  EXPECT_EQ(scale.ticks(100, 44), (std::vector<double>{1, 10, 100, 1000}));
}

TEST(Scale, StandsOnOneValueOrNone) {
  const std::vector<double> none, zero{0};
  EXPECT_LT(Scale::over(none, false, {}, {}, false).low(),
            Scale::over(none, false, {}, {}, false).high());
  EXPECT_LT(Scale::over(zero, false, {}, {}, false).low(),
            Scale::over(zero, false, {}, {}, false).high());
  EXPECT_LT(Scale::over(none, true, {}, {}, false).low(),
            Scale::over(none, true, {}, {}, false).high());
}

TEST(Chart, BreaksALineAtAMissingValue) {
  const std::string svg = to_svg(one_line({{0, 1.0}, {1, 2.0}, {2, {}}, {3, NAN}, {4, 1.0}}));
  EXPECT_EQ(count(svg, "M"), 2u);
  EXPECT_EQ(count(svg, "<circle"), 3u);
}

TEST(Chart, DrawsHollowWhatDoesNotKeepUp) {
  const std::string svg = to_svg(one_line({{0, 1.0}, {1, 2.0, true, "a < b"}}));
  EXPECT_EQ(count(svg, "class=\"hollow"), 1u);
  EXPECT_NE(svg.find("<title>a &lt; b</title>"), std::string::npos);
}

TEST(Chart, SaysWhenThereIsNothingToDraw) {
  EXPECT_NE(to_svg(one_line({{0, NAN}})).find("no data"), std::string::npos);
}

TEST(Chart, NamesAMarkerOnARowOfItsOwnWhereTwoWouldTouch) {
  Chart chart = one_line({{0, 1.0}, {100, 1.0}});
  chart.markers = {{50, "first output"}, {51, "drained"}};
  const std::string svg = to_svg(chart);
  EXPECT_NE(svg.find(">first output<"), std::string::npos);
  EXPECT_NE(svg.find(">drained<"), std::string::npos);
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

}  // namespace
}  // namespace weir::report
