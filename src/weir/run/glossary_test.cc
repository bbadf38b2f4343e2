#include "weir/run/glossary.h"

#include <gtest/gtest.h>

#include <set>

namespace weir::run {
namespace {

TEST(Glossary, FindsATermHoweverItIsWritten) {
  for (const char* word : {"falls_behind", "falls behind", "Falls-Behind"}) {
    ASSERT_NE(explain(word), nullptr) << word;
    EXPECT_EQ(explain(word)->word, "falls_behind");
  }
  ASSERT_NE(explain("w001"), nullptr);
  EXPECT_EQ(explain("W999"), nullptr);
  EXPECT_EQ(explain(""), nullptr);
}

TEST(Glossary, TellsMeaningEffectAndRemedyOfEachWordOnce) {
  std::set<std::string> words;
  for (const auto& term : glossary()) {
    EXPECT_TRUE(words.insert(term.word).second) << term.word;
    EXPECT_FALSE(term.meaning.empty() || term.effect.empty() || term.remedy.empty()) << term.word;
  }
}

}  // namespace
}  // namespace weir::run
