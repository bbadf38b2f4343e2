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

// What stands between the header and the data: the part that people read.
std::string body_of(const std::string& html) {
  const size_t from = html.find("<main>");
  return html.substr(from, html.find("</main>") - from);
}

TEST_F(Page, HasItsNinePartsInOrder) {
  const auto sample = write_sample_run(path_);
  write_load_files(sample);
  const auto written = write_page(sample);
  ASSERT_TRUE(written) << to_text(written.error());
  const std::string html = *run::Folder::open(path_)->read("report.html");
  size_t last = 0;
  for (const char* part :
       {"id=\"verdict\"", "id=\"trust\"", "id=\"load\"", "id=\"stages\"", "id=\"time\"",
        "id=\"scale\"", "id=\"faults\"", "id=\"comparison\"", "id=\"method\""}) {
    const size_t at = html.find(std::string("<section ") + part);
    ASSERT_NE(at, std::string::npos) << part;
    EXPECT_GT(at, last) << part;
    last = at;
  }
  for (const char* words : {"Cannot tell for every objective", "620,000", "Quick mode",
                            "differences below 5% cannot be told apart", "id=\"audit\""})
    EXPECT_NE(html.find(words), std::string::npos) << words;
  EXPECT_EQ(count(html, "<section"), count(html, "</section>"));
  EXPECT_EQ(count(body_of(html), "<figure"), count(body_of(html), "</figure>"));
}

TEST_F(Page, NeedsNoNetworkAndNoOtherFile) {
  const std::string html = page(sample_result(), write_sample_run(path_));
  EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
  for (const char* link : {" src=", "@import", "url(", "<iframe"})
    EXPECT_EQ(html.find(link), std::string::npos) << link;
  EXPECT_EQ(count(body_of(html), "http"), 0u);
  EXPECT_LT(html.size(), 1'500'000u);
}

TEST_F(Page, GivesNoLatencyToAStepThatFallsBehind) {
  auto result = sample_result();
  result.load->steps = {result.load->steps[2]};
  result.scale.reset(), result.faults.reset();
  const std::string html = page(result, write_sample_run(path_));
  EXPECT_NE(html.find("No step has latencies"), std::string::npos);
  EXPECT_NE(html.find("this step falls behind: the mean batch takes 1.31 triggers"),
            std::string::npos);
  EXPECT_NE(html.find("\"hollow\":[1]"), std::string::npos);
}

TEST_F(Page, EscapesWhatComesFromTheRun) {
  auto result = sample_result();
  const std::string script = "</script><script>alert(1)</script>", image = "\"><img src=x>";
  result.findings = {script}, result.command = script, result.id = image;
  result.load->steps[0].reason = image, result.load->steps[0].label = script;
  result.faults->faults[0].kind = script, result.faults->faults[0].label = image;
  result.target.versions[script] = image;
  const std::string html = page(result, write_sample_run(path_));
  EXPECT_EQ(html.find("<script>alert"), std::string::npos);
  EXPECT_EQ(html.find("<img"), std::string::npos);
  EXPECT_EQ(count(html, "<script"), 4u);  // uPlot, figures, page and the data
}

TEST_F(Page, SaysWhatWatchingCost) {
  // 0.09 s over 1.8 M events in the shortest step, beside 3.6 s: 2.5% in all of them.
  const std::string html = page(sample_result(), write_sample_run(path_));
  EXPECT_NE(html.find("2.5% of what broker and engine used"), std::string::npos);
}

TEST_F(Page, ShowsTheSearchWhatItLeftOutAndTheSizing) {
  auto result = sample_result();
  result.load->until = {"p99_ms <= 250"};
  result.load->probes = {{"overload", 800'000, "falls_behind", "", 688'000.0, {}, 1, ""},
                         {"confirm low", 620'000, "keeps_up", "", 619'500.0, true, 2, ""}};
  result.load->not_measured = {"curve at 30%"};
  result.load->sizing.capacity_eps = 688'000;
  result.load->sizing.rows = {{0.5, 310'000, 0.55, {{60, 49.2}, {3600, {}}}}};
  const std::string html = page(result, write_sample_run(path_));
  for (const char* words : {"again: must keep up", "no time left for: curve at 30%", "● met",
                            "p99_ms &lt;= 250", "drained after 60 s out", "49.2 s", "never"})
    EXPECT_NE(html.find(words), std::string::npos) << words;
}

TEST_F(Page, PrintsNoLossWhereNobodyCanTell) {
  auto result = sample_result();
  result.load.reset(), result.scale.reset();
  for (auto& fault : result.faults->faults) fault.audit.level = "none";
  const std::string html = body_of(page(result, write_sample_run(path_)));
  EXPECT_NE(html.find("lost and duplicated cannot be told"), std::string::npos);
  EXPECT_EQ(html.find("lost 0"), std::string::npos);
  EXPECT_NE(html.find("cannot be told: events cannot be told apart"), std::string::npos);
}

TEST_F(Page, SaysSoWhenARunWasCutOff) {
  run::RunResult result;
  const std::string html = page(result, write_sample_run(path_));
  EXPECT_NE(html.find("Not finished"), std::string::npos);
  EXPECT_EQ(html.find("id=\"load\""), std::string::npos);
}

TEST_F(Page, HoldsARunAgainstABaseline) {
  auto before = sample_result(), after = sample_result();
  before.id = "before";
  before.load->sustainable_eps.low = 600'000, before.load->sustainable_eps.high = 640'000;
  after.load->sustainable_eps.estimate = 800'000;
  after.load->sustainable_eps.low = 780'000, after.load->sustainable_eps.high = 820'000;
  after.target.workload = "forward";
  const std::string html = page(after, write_sample_run(path_), &before);
  EXPECT_NE(html.find("better"), std::string::npos);
  EXPECT_NE(html.find("workload: metrics (before); forward"), std::string::npos);
  EXPECT_NE(html.find("cannot tell"), std::string::npos);  // of p99, one run each
}

}  // namespace
}  // namespace weir::report
