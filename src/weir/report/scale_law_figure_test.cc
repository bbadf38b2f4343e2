#include <gtest/gtest.h>

#include "weir/report/figures.h"
#include "weir/report/sections.h"

namespace weir::report {
namespace {

run::RunResult fitted_result() {
  run::RunResult result;
  auto& scale = result.scale.emplace();
  for (const int32_t tasks : {1, 2, 4, 8, 16}) {
    run::Step cell;
    cell.label = std::to_string(tasks) + "p";
    cell.partitions = cell.parallelism = tasks;
    cell.processed_eps = 1'000.0 * tasks;
    scale.cells.push_back(cell);
  }
  scale.cores_note = "This machine has 2 cores.";
  auto& fit = scale.fit.emplace();
  fit.law = "amdahl";
  fit.lambda_eps.estimate = 1'000;
  fit.sigma.estimate = 0.01, fit.sigma.low = 0.0, fit.sigma.high = 0.02;
  fit.runs = 4, fit.n_min = 1, fit.n_max = 8, fit.n_limit = 12;
  fit.note = "the universal scalability law needs 6 distinct n (these are 4)";
  fit.curve = {{1, 900.0, 1'000.0, 1'100.0}, {8, 7'000.0, 7'500.0, 8'000.0}};
  fit.left_out = {"16p: 16 tasks share 2 cores"};
  return result;
}

TEST(ScaleLaw, IsDrawnWithItsIntervalWithinItsRange) {
  const Figure figure = scale_law(fitted_result());
  ASSERT_EQ(figure.panels.size(), 1u);
  EXPECT_TRUE(faults_of(figure).empty());
  int lines = 0;
  for (const auto& series : figure.panels[0].series) {
    if (series.mark != Mark::kLine) continue;
    ++lines;
    EXPECT_EQ(series.x, (std::vector<double>{1, 8})) << series.name;
  }
  EXPECT_EQ(lines, 4);  // law, both ends of its interval, proportion
}

TEST(ScaleLaw, DrawsHollowWhatItDoesNotRestOn) {
  const Figure figure = scale_law(fitted_result());
  for (const auto& series : figure.panels[0].series)
    if (series.mark == Mark::kDots) {
      EXPECT_EQ(series.x, (std::vector<double>{1, 2, 4, 8, 16}));
      EXPECT_EQ(series.hollow, (std::vector<bool>{false, false, false, false, true}));
    }
}

TEST(ScaleLaw, HasNoFigureWhereNoneWasFitted) {
  auto result = fitted_result();
  result.scale->fit->law.clear();
  result.scale->fit->refused = "a law takes at least 4 distinct n";
  EXPECT_FALSE(has_data(scale_law(result)));
  const std::string html = scale_section(result, {});
  EXPECT_NE(html.find("No law of scaling is fitted: a law takes at least 4 distinct n."),
            std::string::npos);
  EXPECT_NE(html.find("16 tasks share 2 cores"), std::string::npos);
  EXPECT_NE(html.find("This machine has 2 cores."), std::string::npos);
  result.scale.reset();
  EXPECT_FALSE(has_data(scale_law(result)));
}

}  // namespace
}  // namespace weir::report
