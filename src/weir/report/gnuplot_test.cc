#include "weir/report/gnuplot.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "weir/report/figures.h"
#include "weir/report/sample_run.h"

namespace weir::report {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

class Gnuplot : public testing::Test {
 protected:
  std::string path_ = testing::TempDir() + "weir-gnuplot-" +
                      testing::UnitTest::GetInstance()->current_test_info()->name();
  void SetUp() override { fs::remove_all(path_); }
  void TearDown() override { fs::remove_all(path_); }
  std::vector<Figure> sample_figures() {
    const auto folder = write_sample_run(path_);
    write_load_files(folder);
    return figures_of(*run::result_from_json(*folder.read("result.json")), path_);
  }
};

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

// The cells of a line of CSV.
std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells{""};
  bool inside = false;
  for (const char c : line) {
    if (c == '"')
      inside = !inside;
    else if (c == ',' && !inside)
      cells.emplace_back();
    else
      cells.back() += c;
  }
  return cells;
}

std::string cell(const Json& value) {
  return value.is_null() ? "" : value.get<double>() == 0 ? "0" : value.dump();
}
bool equal(const std::string& csv, const Json& value) {
  if (value.is_null() || csv.empty()) return csv.empty() && value.is_null();
  return std::stod(csv) == value.get<double>();
}

// What the page is given (JSON) and what gnuplot is given (the table, by rows) are the same points,
// in the same order, under the same names; bands and markers stand in the script.
TEST_F(Gnuplot, IsGivenWhatThePageIsGiven) {
  for (const auto& figure : sample_figures()) {
    const Json page = Json::parse(to_json(figure));
    const auto lines = split(to_csv(figure), '\n');
    const std::string script = gnuplot_script(figure, 1);
    size_t line = 1;
    for (const auto& panel : page["panels"]) {
      size_t first = line - 1;
      if (panel.contains("heat")) {
        const size_t cells = panel["heat"]["count"].size();
        for (size_t i = 0; i < cells; ++i, ++line)
          EXPECT_TRUE(equal(cells_of(lines.at(line)).at(3), panel["heat"]["count"][i]));
      }
      for (const auto& series : panel["series"]) {
        first = line - 1;
        for (size_t i = 0; i < series["x"].size(); ++i, ++line) {
          const auto cells = cells_of(lines.at(line));
          EXPECT_EQ(cells.at(1), series["name"].get<std::string>()) << figure.id;
          EXPECT_TRUE(equal(cells.at(2), series["x"][i]))
              << figure.id << " " << cell(series["x"][i]);
          EXPECT_TRUE(equal(cells.at(3), series["y"][i]))
              << figure.id << " " << cell(series["y"][i]);
        }
        if (line - 1 == first) continue;
        const std::string rows = fmt::format("every ::{}::{}", first, line - 2);
        EXPECT_NE(script.find(rows), std::string::npos) << figure.id << " " << rows;
      }
    }
    EXPECT_EQ(line, lines.size()) << figure.id;
    for (const auto& marker : page["markers"])
      EXPECT_NE(script.find("'" + marker["label"].get<std::string>() + "'"), std::string::npos);
  }
}

TEST_F(Gnuplot, GetsTheSameBytesForTheSameRun) {
  const auto figures = sample_figures();
  for (const auto& figure : figures) {
    EXPECT_EQ(gnuplot_script(figure, 2), gnuplot_script(figure, 2));
    EXPECT_EQ(to_csv(figure), to_csv(figure));
  }
}

TEST_F(Gnuplot, IsNotNeeded) {
  const auto done = write_figures(sample_figures(), path_ + "/figures", {"svg"}, 1, "");
  ASSERT_TRUE(done);
  EXPECT_NE(done->remark.find("gnuplot is not installed"), std::string::npos);
  EXPECT_TRUE(fs::exists(path_ + "/figures/throughput_vs_rate.csv"));
  EXPECT_TRUE(fs::exists(path_ + "/figures/throughput_vs_rate.gp"));
}

TEST_F(Gnuplot, RunsNothingThatALabelBringsIn) {
  Figure figure;
  figure.id = "hostile";
  const std::string bad = "'\n!touch pwned\n`touch pwned` \"; system('touch pwned') %s \\";
  Series series{.name = bad, .mark = Mark::kBoth};
  series.add(0, 1), series.add(1, 2);
  figure.x = {.label = bad, .scale = AxisScale::kCategory, .categories = {bad, bad}};
  figure.markers = {{0.5, bad}};
  figure.panels = {{{.label = bad}, {series}, {}}};
  const std::string script = gnuplot_script(figure, 1);
  for (const auto& line : split(script, '\n')) EXPECT_FALSE(line.starts_with("!")) << line;
  const char* path = std::getenv("PATH");
  const std::string gnuplot = find_gnuplot(path == nullptr ? "" : path);
  if (gnuplot.empty()) {
    const char* ci = std::getenv("CI");
    ASSERT_TRUE(ci == nullptr || std::string_view(ci) != "true") << "gnuplot is not installed";
    GTEST_SKIP() << "gnuplot is not installed";
  }
  const auto done = write_figures({figure}, path_, {"svg"}, 1, gnuplot);
  ASSERT_TRUE(done) << to_text(done.error());
  EXPECT_FALSE(fs::exists(path_ + "/pwned"));
  EXPECT_FALSE(fs::exists("pwned"));
  EXPECT_GT(fs::file_size(path_ + "/hostile.svg"), 1000u);
}

}  // namespace
}  // namespace weir::report
