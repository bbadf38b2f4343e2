#include "weir/stats/hlog.h"

#include <gtest/gtest.h>

#include "weir/stats/histogram_goldens.h"

namespace weir {
namespace {

Nanos at_second(int64_t second) { return Nanos(second * 1'000'000'000); }

std::string golden_as_we_write_it() {
  HlogInterval first{at_second(1'700'000'000), at_second(1), {}}, second = first;
  first.histogram.record(1'234'567);
  second.start = at_second(1'700'000'001);
  for (int64_t i = 0; i < 10'000; ++i) second.histogram.record(i * i);
  return hlog_header(Nanos(1'700'000'000'250'000'000)) + hlog_line(first) + hlog_line(second);
}

TEST(Hlog, WritesByteForByteWhatHistogramLogWriterWrites) {
  // Java prints a histogram's maximum as the highest value of its bucket; ours is the exact one.
  std::string golden = kLogGolden;
  golden.replace(golden.find(",1234.943,"), 10, ",1234.567,");
  golden.replace(golden.find(",100007.935,"), 12, ",99980.001,");
  EXPECT_EQ(golden_as_we_write_it(), golden);
}

TEST(Hlog, ReadsWhatJavaWrote) {
  const auto log = parse_hlog(kLogGolden);
  ASSERT_TRUE(log) << to_text(log.error());
  EXPECT_EQ(log->start, Nanos(1'700'000'000'250'000'000));
  ASSERT_EQ(log->intervals.size(), 2u);
  EXPECT_EQ(log->intervals[1].start, at_second(1'700'000'001));
  EXPECT_EQ(log->intervals[1].length, at_second(1));
  EXPECT_EQ(log->intervals[1].histogram.total(), 10'000);
}

TEST(Hlog, KeepsTheExactMaximumAndWhatTheEncodingLeavesOut) {
  HlogInterval interval{at_second(5), Nanos(1'500'000'000), {}};
  interval.histogram.record(7'654'321);
  interval.histogram.record(4'000'001);
  interval.histogram.record(-3, 2);
  interval.histogram.record(Histogram::kHighestMicros + 1, 5);
  HlogInterval plain{at_second(6), Nanos(1'000'000'000), {}};
  plain.histogram.record(7'654'321);
  const auto log = parse_hlog(hlog_header(at_second(5)) + hlog_line(interval) + hlog_line(plain));
  ASSERT_TRUE(log) << to_text(log.error());
  const Histogram& first = log->intervals[0].histogram;
  EXPECT_EQ(first.max(), Histogram::kHighestMicros + 1);
  EXPECT_EQ(first.min(), 4'000'001);
  EXPECT_EQ(first.overflow(), 5);
  EXPECT_EQ(first.negatives(), 2);
  EXPECT_EQ(log->intervals[0].length, Nanos(1'500'000'000));
  EXPECT_EQ(log->intervals[1].histogram.max(), 7'654'321);
  EXPECT_EQ(log->intervals[1].histogram.overflow(), 0);
}

TEST(Hlog, UnderstandsRelativeTimesAndTags) {
  const std::string empty = Histogram().encode_base64();
  const auto by_start =
      parse_hlog("#[StartTime: 1000000000.500 (seconds since epoch), x]\nTag=a,1.25,1.000,0.000," +
                 empty + "\n");
  ASSERT_TRUE(by_start) << to_text(by_start.error());
  EXPECT_EQ(by_start->intervals[0].start, Nanos(1'000'000'001'750'000'000));
  const auto by_base =
      parse_hlog("#[BaseTime: 2000.000 (seconds since epoch)]\n1.25,1.000,0.000," + empty + "\n");
  ASSERT_TRUE(by_base);
  EXPECT_EQ(by_base->intervals[0].start, Nanos(2'001'250'000'000));
}

TEST(Hlog, DropsALineThatWasCutAndNamesOneThatIsDamaged) {
  const std::string whole = golden_as_we_write_it();
  const auto cut = parse_hlog(std::string_view(whole).substr(0, whole.size() - 1));
  ASSERT_TRUE(cut);
  EXPECT_EQ(cut->intervals.size(), 1u);
  std::string damaged = whole;
  damaged.replace(damaged.find("HIST"), 4, "****");
  const auto refused = parse_hlog(damaged);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::kCorrupt);
  EXPECT_EQ(refused.error().what.substr(0, 7), "line 4 ");
}

}  // namespace
}  // namespace weir
