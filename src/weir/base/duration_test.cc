#include "weir/base/duration.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(Duration, ReadsWhatPeopleWrite) {
  EXPECT_EQ(parse_duration("5 seconds").value(), Nanos(5'000'000'000));
  EXPECT_EQ(parse_duration("200 ms").value(), Nanos(200'000'000));
  EXPECT_EQ(parse_duration("200ms").value(), Nanos(200'000'000));
  EXPECT_EQ(parse_duration("25m").value(), Nanos(1'500'000'000'000));
  EXPECT_EQ(parse_duration("0").value(), Nanos(0));
  EXPECT_EQ(parse_duration("1.5").value(), Nanos(1'500'000'000));
}

TEST(Duration, RefusesTheRest) {
  for (const char* text : {"", "s", "-1s", "5 parsecs", "1e300 h", "nan"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(Duration, TextReadsBack) {
  for (const char* text : {"200ms", "5s", "25m", "2h", "0s", "1500ms"})
    EXPECT_EQ(duration_text(parse_duration(text).value()), text);
}

}  // namespace
}  // namespace weir
