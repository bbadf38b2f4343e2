#include "weir/report/markdown.h"

#include <gmock/gmock.h>

#include "weir/report/sample_run.h"

namespace weir::report {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Markdown, TellsVerdictFindingsTablesAndCommand) {
  const auto result = sample_result();
  const std::string text = markdown(result);
  for (const auto& sentence : result.findings) EXPECT_THAT(text, HasSubstr(sentence));
  for (const char* part : {"## weir: ", "### Load", "### Scale", "### Faults", "| keeps up |"})
    EXPECT_THAT(text, HasSubstr(part));
  EXPECT_THAT(text, HasSubstr("    " + result.command));
}

TEST(Markdown, SaysByTheExitCodeWhatBecameOfTheRun) {
  auto result = sample_result();
  result.exit_code.reset();
  EXPECT_THAT(markdown(result), HasSubstr("not finished"));
  result.exit_code = 6;
  EXPECT_THAT(markdown(result), HasSubstr("not valid"));
  result.exit_code = 130;
  EXPECT_THAT(markdown(result), HasSubstr("interrupted"));
}

TEST(Markdown, KeepsTextFromOutsideInItsCell) {
  auto result = sample_result();
  result.exit_code = 3;
  result.objectives = {{"p99 | <b>\nx", 3.0, false}};
  const std::string text = markdown(result);
  EXPECT_THAT(text, HasSubstr("p99 \\| \\<b\\> x | 3 | **missed** |"));
}

TEST(Markdown, StaysShortForAnEndlessRun) {
  auto result = sample_result();
  result.load->steps.resize(5000, result.load->steps.at(0));
  const std::string text = markdown(result);
  EXPECT_THAT(text, HasSubstr("more steps"));
  EXPECT_LT(text.size(), 30'000U);
}

TEST(Markdown, LeavesOutWhatWasNotRun) {
  run::RunResult result;
  result.exit_code = 0;
  EXPECT_THAT(markdown(result), Not(HasSubstr("###")));
}

}  // namespace
}  // namespace weir::report
