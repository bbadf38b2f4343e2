#include "weir/report/page.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "weir/report/sample_run.h"

namespace weir::report {
namespace {

class Page : public testing::Test {
 protected:
  std::string path_ = testing::TempDir() + "weir-report-" +
                      testing::UnitTest::GetInstance()->current_test_info()->name();
  void SetUp() override { std::filesystem::remove_all(path_); }
  void TearDown() override { std::filesystem::remove_all(path_); }
};

size_t count(const std::string& text, std::string_view part) {
  size_t n = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST_F(Page, ShowsEveryPartOfARun) {
  const auto written = write_page(write_sample_run(path_));
  ASSERT_TRUE(written) << to_text(written.error());
  const auto folder = run::Folder::open(path_);
  const std::string html = *folder->read("report.html");
  for (const char* part : {"id=\"trust\"", "id=\"load\"", "id=\"scale\"", "id=\"faults\"",
                           "id=\"audit\"", "id=\"method\"", "Cannot tell for every objective",
                           "620,000", "quick", "differences below 5% cannot be told apart"})
    EXPECT_NE(html.find(part), std::string::npos) << part;
  EXPECT_EQ(count(html, "<section"), count(html, "</section>"));
  EXPECT_EQ(count(html, "<figure"), count(html, "</figure>"));
  EXPECT_EQ(count(html, "<svg"), 2u + 1u + 2u * 3u);
}

TEST_F(Page, NeedsNoNetworkAndNoOtherFile) {
  const std::string html = page(sample_result(), write_sample_run(path_));
  for (const char* link : {"src=", "@import", "url(", "<script"})
    EXPECT_EQ(html.find(link), std::string::npos) << link;
  for (size_t at = html.find("http"); at != std::string::npos; at = html.find("http", at + 1))
    EXPECT_EQ(html.substr(at, 26), "http://www.w3.org/2000/svg");  // a name, never fetched
}

TEST_F(Page, GivesNoLatencyToAStepThatFallsBehind) {
  auto result = sample_result();
  result.load->steps = {result.load->steps[2]};
  result.scale.reset(), result.faults.reset();
  const std::string html = page(result, write_sample_run(path_));
  EXPECT_NE(html.find("no data"), std::string::npos);
  EXPECT_NE(html.find("this step falls behind: the mean batch takes 1.31 triggers"),
            std::string::npos);
  EXPECT_NE(html.find("circle class=\"hollow c0\""), std::string::npos);
}

TEST_F(Page, EscapesWhatComesFromTheRun) {
  auto result = sample_result();
  result.findings = {"<script>alert(1)</script>"};
  result.load->steps[0].reason = "\"><img>";
  const std::string html = page(result, write_sample_run(path_));
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find("<img"), std::string::npos);
}

TEST_F(Page, SaysSoWhenARunWasCutOff) {
  run::RunResult result;
  const std::string html = page(result, write_sample_run(path_));
  EXPECT_NE(html.find("Not finished"), std::string::npos);
  EXPECT_EQ(html.find("id=\"load\""), std::string::npos);
}

}  // namespace
}  // namespace weir::report
