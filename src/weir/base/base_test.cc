#include <gtest/gtest.h>

#include "weir/base/bytes.h"
#include "weir/base/check.h"
#include "weir/base/crc32c.h"
#include "weir/base/nearest.h"
#include "weir/base/result.h"
#include "weir/base/types.h"

namespace weir {
namespace {

TEST(Crc32c, MatchesTheExamplesOfRfc3720) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAu);
  EXPECT_EQ(crc32c(std::string(32, '\xFF')), 0x62A8AB43u);
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
}

TEST(Crc32c, ContinuesOverPieces) {
  EXPECT_EQ(crc32c("6789", crc32c("12345")), crc32c("123456789"));
}

TEST(Bytes, StoresBigEndian) {
  std::string out;
  append_be(out, int32_t(0x01020304));
  EXPECT_EQ(out, "\x01\x02\x03\x04");
  EXPECT_EQ(load_be<int32_t>(out.data()), 0x01020304);
}

Result<int> fails() { return fail(Code::kUsage, "no number", "it is a word", "write digits"); }
Result<int> passes_on() { return WEIR_TRY_IN("plan", fails()) + 1; }

TEST(Result, PassesErrorsUpWithTheirPlace) {
  EXPECT_EQ(to_text(passes_on().error()),
            "plan: no number\n  why: it is a word\n  try: write digits");
}

TEST(Check, PrintsItsOperands) {
  EXPECT_DEATH(WEIR_CHECK_EQ(Offset(2), Offset(3)),
               "check failed: Offset\\(2\\) == Offset\\(3\\) \\(2 against 3\\)");
}

TEST(Nearest, FindsAMisspeltWordAndNothingForAStrangeOne) {
  EXPECT_EQ(nearest("--ratte", {"--rate", "--size"}), "--rate");
  EXPECT_EQ(nearest("zebra", {"--rate", "--size"}), "");
}

}  // namespace
}  // namespace weir
