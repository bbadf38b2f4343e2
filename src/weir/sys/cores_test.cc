#include "weir/sys/cores.h"

#include <gtest/gtest.h>

#include <thread>

namespace weir {
namespace {

TEST(Cores, AreReadAsTasksetTakesThem) {
  EXPECT_EQ(*parse_cores("3", "x"), (Cores{3}));
  EXPECT_EQ(*parse_cores("0,2-5", "x"), (Cores{0, 2, 3, 4, 5}));
  EXPECT_EQ(*parse_cores("7,1-2,2", "x"), (Cores{1, 2, 7}));
}

TEST(Cores, WhatIsNoListIsRefusedWithARemedy) {
  for (const char* text : {"", "a", "1,", ",1", "3-2", "1-", "-1", "1 2", "0-99999999"}) {
    const auto refused = parse_cores(text, "target.cores");
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().code, Code::kUsage);
    EXPECT_NE(refused.error().what.find("target.cores"), std::string::npos);
    EXPECT_FALSE(refused.error().remedy.empty());
  }
}

TEST(Cores, AreWrittenAsRanges) {
  EXPECT_EQ(to_text(Cores{}), "");
  EXPECT_EQ(to_text(Cores{0, 2, 3, 4, 7}), "0,2-4,7");
}

TEST(Cores, BoundAThreadFromThenOn) {
  std::thread([] {
    const Cores all = usable_cores();
    ASSERT_FALSE(all.empty());
    ASSERT_TRUE(run_on({all.back()}));
    EXPECT_EQ(usable_cores(), (Cores{all.back()}));
    EXPECT_FALSE(run_on({1023}));
  }).join();
}

}  // namespace
}  // namespace weir
