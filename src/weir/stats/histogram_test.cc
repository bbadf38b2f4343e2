#include "weir/stats/histogram.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "weir/stats/histogram_goldens.h"

namespace weir {
namespace {

// The values that histogram_goldens.java recorded under this name.
Histogram recorded_as(std::string_view name) {
  Histogram histogram;
  if (name == "one") histogram.record(1'234'567);
  if (name == "squares")
    for (int64_t i = 0; i < 10'000; ++i) histogram.record(i * i);
  if (name == "scattered") {
    uint64_t x = 42;
    for (int i = 0; i < 20'000; ++i) {
      x = x * 6364136223846793005u + 1442695040888963407u;
      const uint64_t width = (x >> 58) % 36;
      histogram.record(int64_t(x >> 20 & ((uint64_t{1} << width) - 1)));
    }
  }
  if (name == "ends") {
    histogram.record(0, 3'000'000'000);
    histogram.record(Histogram::kHighestMicros);
  }
  return histogram;
}

using Bucket = std::tuple<int64_t, int64_t, int64_t>;
std::vector<Bucket> buckets(const Histogram& histogram) {
  std::vector<Bucket> found;
  histogram.for_each(
      [&](int64_t low, int64_t high, int64_t count) { found.emplace_back(low, high, count); });
  return found;
}

TEST(Histogram, EncodesByteForByteAsHdrHistogramInJava) {
  for (const auto& golden : kHistogramGoldens)
    EXPECT_EQ(recorded_as(golden.name).encode_base64(), golden.base64) << golden.name;
}

TEST(Histogram, DecodesWhatJavaWroteAndAgreesOnItsStatistics) {
  for (const auto& golden : kHistogramGoldens) {
    SCOPED_TRACE(golden.name);
    const auto histogram = Histogram::decode_base64(golden.base64);
    ASSERT_TRUE(histogram) << to_text(histogram.error());
    EXPECT_EQ(buckets(*histogram), buckets(recorded_as(golden.name)));
    EXPECT_EQ(histogram->total(), golden.total);
    EXPECT_NEAR(histogram->mean(), golden.mean, std::abs(golden.mean) * 1e-12);
    const double quantiles[] = {0.5, 0.95, 0.99, 0.999, 1};
    for (int i = 0; i < 5; ++i)
      EXPECT_EQ(histogram->quantile(quantiles[i]), golden.percentiles[i]) << quantiles[i];
  }
}

TEST(Histogram, QuantilesAreWithinThreeDigitsOfTheSortedValues) {
  std::mt19937_64 random(7);
  std::lognormal_distribution<double> draw(10, 3);
  std::vector<int64_t> values;
  Histogram histogram;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(std::min(int64_t(draw(random)), Histogram::kHighestMicros));
    histogram.record(values.back());
  }
  std::sort(values.begin(), values.end());
  for (double q : {0.001, 0.07, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0}) {
    const int64_t exact = values[size_t(std::ceil(q * 20'000 - 1e-6)) - 1];
    EXPECT_GE(histogram.quantile(q), exact) << q;
    EXPECT_LE(double(histogram.quantile(q)), double(exact) * 1.001 + 1) << q;
  }
  EXPECT_EQ(histogram.min(), values.front());
  EXPECT_EQ(histogram.max(), values.back());
  EXPECT_EQ(histogram.quantile(0), histogram.quantile(1.0 / 20'000));
}

TEST(Histogram, CountsOverflowAndNegativesApart) {
  Histogram histogram;
  histogram.record(-5, 3);
  histogram.record(10, 8);
  histogram.record(Histogram::kHighestMicros + 7, 2);
  histogram.record(11, 0);
  EXPECT_EQ(histogram.total(), 8);
  EXPECT_EQ(histogram.negatives(), 3);
  EXPECT_EQ(histogram.overflow(), 2);
  EXPECT_EQ(histogram.max(), Histogram::kHighestMicros + 7);
  EXPECT_EQ(histogram.min(), 10);
  EXPECT_EQ(histogram.quantile(0.8), 10);
  EXPECT_EQ(histogram.quantile(0.81), Histogram::kHighestMicros + 7);
  EXPECT_EQ(histogram.count_above(9), 10);
  EXPECT_EQ(histogram.count_above(10), 2);
  EXPECT_EQ(histogram.count_above(INT64_MAX), 2);
  EXPECT_EQ(histogram.count_above(-1), 10);
}

TEST(Histogram, AnEmptyOneAnswersZero) {
  Histogram histogram;
  EXPECT_EQ(histogram.min(), 0);
  EXPECT_EQ(histogram.max(), 0);
  EXPECT_EQ(histogram.mean(), 0);
  EXPECT_EQ(histogram.quantile(0.99), 0);
  EXPECT_EQ(histogram.count_above(0), 0);
  EXPECT_TRUE(buckets(histogram).empty());
  histogram.record(Histogram::kHighestMicros + 1);
  EXPECT_EQ(histogram.quantile(0.5), Histogram::kHighestMicros + 1);
  EXPECT_EQ(histogram.mean(), 0);
}

TEST(Histogram, MergingEqualsRecordingEverythingInOne) {
  std::mt19937_64 random(11);
  Histogram parts[3], whole;
  for (int i = 0; i < 5000; ++i) {
    const int64_t value = int64_t(random() >> (random() % 60 + 4));
    parts[i % 3].record(value);
    whole.record(value);
  }
  parts[2].record(-1);
  whole.record(-1);
  Histogram merged;
  merged.merge(Histogram());
  for (const auto& part : parts) merged.merge(part);
  EXPECT_EQ(buckets(merged), buckets(whole));
  EXPECT_EQ(merged.total(), whole.total());
  EXPECT_EQ(merged.overflow(), whole.overflow());
  EXPECT_EQ(merged.negatives(), 1);
  EXPECT_EQ(merged.min(), whole.min());
  EXPECT_EQ(merged.max(), whole.max());
}

TEST(Histogram, ClearForgetsEverythingAndCanBeUsedAgain) {
  Histogram histogram = recorded_as("scattered");
  histogram.clear();
  EXPECT_EQ(histogram.total(), 0);
  EXPECT_EQ(histogram.max(), 0);
  EXPECT_TRUE(buckets(histogram).empty());
  EXPECT_EQ(histogram.encode_base64(), Histogram().encode_base64());
  histogram.record(1'234'567);
  EXPECT_EQ(histogram.encode_base64(), recorded_as("one").encode_base64());
}

TEST(Histogram, RestoresWhatTheEncodingLeavesOut) {
  Histogram histogram;
  histogram.record(100'001);
  histogram.record(1'234'567);
  auto decoded = Histogram::decode_base64(histogram.encode_base64());
  ASSERT_TRUE(decoded);
  EXPECT_NE(decoded->max(), 1'234'567);
  decoded->restore(100'001, 1'234'567, 0, 4);
  EXPECT_EQ(decoded->min(), 100'001);
  EXPECT_EQ(decoded->max(), 1'234'567);
  EXPECT_EQ(decoded->negatives(), 4);
  decoded->restore(5, 99, 0, 0);  // contradicts the buckets: not taken
  EXPECT_EQ(decoded->min(), 100'001);
  EXPECT_EQ(decoded->max(), 1'234'567);
}

TEST(Histogram, RefusesDamagedBytesAndNeverCrashes) {
  const std::string good = recorded_as("squares").encode_compressed();
  for (size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(Histogram::decode_compressed(std::string_view(good).substr(0, size))) << size;
  std::mt19937_64 random(3);
  for (int i = 0; i < 2000; ++i) {
    std::string bad = good;
    bad[random() % bad.size()] ^= char(1 << random() % 8);
    const auto decoded = Histogram::decode_compressed(bad);
    if (!decoded) {
      EXPECT_EQ(decoded.error().code, Code::kCorrupt);
    }
  }
  EXPECT_FALSE(Histogram::decode_base64("HIST*AAA"));
  EXPECT_FALSE(Histogram::decode_base64("HIS"));
  EXPECT_FALSE(Histogram::decode_base64(""));
}

TEST(Histogram, RefusesAnotherRange) {
  // new Histogram(1, 3600000000L, 3), empty, in Java.
  EXPECT_FALSE(
      Histogram::decode_base64("HISTFAAAAB94nJNpmSzMwMDAxAABzFCaEURcm7yEwf4DRGxHAQBIywPI"));
}

}  // namespace
}  // namespace weir
