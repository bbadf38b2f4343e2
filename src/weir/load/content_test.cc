// Keys, sizes and payloads: what is drawn against what was asked for.
#include "weir/load/content.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

namespace weir::load {
namespace {

KeyLaw keys(const std::string& text) { return KeyLaw::parse(text, "test").value(); }
SizeLaw sizes(const std::string& text) { return SizeLaw::parse(text, "test").value(); }

// Pearson's chi-square of draws against chances, where at least 10 were expected.
void expect_frequencies(const KeyLaw& law, const std::vector<double>& chances, uint64_t seed) {
  const int draws = 400'000;
  std::vector<int> seen(chances.size());
  for (uint64_t i = 0; i < draws; ++i) {
    const uint64_t user = law.user(seed, i);
    ASSERT_LT(user, chances.size());
    ++seen[user];
  }
  double chi = 0, rest = draws;
  int cells = 0, rest_seen = draws;
  for (size_t k = 0; k < chances.size(); ++k) {
    const double expected = chances[k] * draws;
    if (expected < 10) continue;
    chi += (seen[k] - expected) * (seen[k] - expected) / expected;
    rest -= expected, rest_seen -= seen[k];
    ++cells;
  }
  if (rest >= 10) chi += (rest_seen - rest) * (rest_seen - rest) / rest;
  EXPECT_LT(chi, cells + 3.3 * std::sqrt(2.0 * cells)) << law.text();
  EXPECT_GT(chi, cells - 4.5 * std::sqrt(2.0 * cells)) << law.text();
}

TEST(KeyLaw, UniformKeysAreAlikeOften) {
  expect_frequencies(keys("uniform:1000"), std::vector<double>(1000, 1e-3), 1);
  expect_frequencies(keys("uniform:3"), std::vector<double>(3, 1.0 / 3), 2);
}

TEST(KeyLaw, ZipfKeysFallWithTheirRank) {
  for (const double exponent : {0.5, 0.99, 1.0, 1.1, 2.5})
    for (const size_t count : {size_t{2}, size_t{1000}, size_t{100'000}}) {
      std::vector<double> chances(count);
      double all = 0;
      for (size_t k = 0; k < count; ++k) all += chances[k] = std::pow(double(k + 1), -exponent);
      for (double& chance : chances) chance /= all;
      expect_frequencies(keys("zipf:" + std::to_string(count) + ":" + std::to_string(exponent)),
                         chances, 3);
    }
  EXPECT_EQ(keys("zipf:1:2").user(5, 9), 0u);
}

TEST(KeyLaw, FollowsFromSeedAndNumber) {
  const KeyLaw law = keys("zipf:1000000:1.1");
  int alike = 0;
  for (uint64_t i = 0; i < 1000; ++i) {
    EXPECT_EQ(law.user(1, i), law.user(1, i));
    alike += law.user(1, i) == law.user(2, i);
  }
  EXPECT_LT(alike, 200);  // the first keys are common to both
  EXPECT_EQ(keys("round_robin").user(1, 12'345), 2345u);
  EXPECT_EQ(keys("user_id").user(1, 12'345), 2345u);
}

TEST(KeyLaw, ReadsBackAndRefuses) {
  for (const char* text : {"round_robin", "user_id", "uniform:17", "zipf:1000:1.1"})
    EXPECT_EQ(keys(text).text(), text);
  EXPECT_FALSE(keys("round_robin").is_keyed());
  EXPECT_TRUE(keys("user_id").is_keyed());
  for (const char* text :
       {"", "none", "uniform", "uniform:0", "uniform:1e3", "uniform:100000001", "zipf:10",
        "zipf:10:0", "zipf:10:11", "zipf:0:1", "zipf::1", "zipf:10:nan"})
    EXPECT_EQ(KeyLaw::parse(text, "load.keys").error().code, Code::kUsage) << text;
}

TEST(SizeLaw, DrawsWhatItSays) {
  EXPECT_EQ(sizes("fixed").draw(1, 2, 200), 200);
  const SizeLaw uniform = sizes("uniform:150..449");
  std::vector<double> drawn;
  std::map<int, int> seen;
  for (uint64_t i = 0; i < 60'000; ++i) ++seen[uniform.draw(4, i, 200)];
  EXPECT_EQ(seen.begin()->first, 150);
  EXPECT_EQ(seen.rbegin()->first, 449);
  double chi = 0;
  for (const auto& [size, count] : seen) chi += (count - 200.0) * (count - 200.0) / 200;
  EXPECT_LT(chi, 300 + 3.3 * std::sqrt(600));

  const SizeLaw normal = sizes("lognormal:3000:0.5");
  for (uint64_t i = 0; i < 60'000; ++i) drawn.push_back(normal.draw(4, i, 200));
  std::sort(drawn.begin(), drawn.end());
  // Quantiles of exp(normal), at deviations -1, 0, 1, 2.
  const double at[] = {0.158655, 0.5, 0.841345, 0.97725};
  for (int z = -1; z <= 2; ++z)
    EXPECT_NEAR(drawn[size_t(at[z + 1] * double(drawn.size()))] / (3000 * std::exp(0.5 * z)), 1,
                0.03)
        << z;
  EXPECT_LE(drawn.back(), normal.largest(200));
  EXPECT_NEAR(
      std::accumulate(drawn.begin(), drawn.end(), 0.0) / double(drawn.size()) / normal.mean(200), 1,
      0.02);
}

TEST(SizeLaw, StaysWithinItsBounds) {
  const SizeLaw law = sizes("lognormal:130:3");
  for (uint64_t i = 0; i < 10'000; ++i) {
    EXPECT_GE(law.draw(1, i, 200), SizeLaw::kLeast);
    EXPECT_LE(law.draw(1, i, 200), law.largest(200));
  }
  EXPECT_EQ(sizes("lognormal:1000000:3").largest(200), SizeLaw::kMost);
}

TEST(SizeLaw, ReadsBackAndRefuses) {
  for (const char* text : {"fixed", "uniform:150..400", "lognormal:300:0.8"})
    EXPECT_EQ(sizes(text).text(), text);
  for (const char* text : {"", "uniform:400..150", "uniform:1..200", "uniform:200", "lognormal:300",
                           "lognormal:300:0", "lognormal:300:4", "lognormal:10:1", "normal:1:2"})
    EXPECT_EQ(SizeLaw::parse(text, "load.sizes").error().code, Code::kUsage) << text;
}

TEST(PayloadWriter, WritesPrintableTextOfAnyLength) {
  for (const Payload payload : {Payload::kConstant, Payload::kText, Payload::kRandom}) {
    EXPECT_EQ(parse_payload(to_text(payload), "test").value(), payload);
    PayloadWriter writer(payload, 5, 1000);
    for (const size_t bytes : {0, 1, 7, 80, 999, 1000}) {
      const std::string text(writer.write(3, bytes));
      EXPECT_EQ(text.size(), bytes);
      for (const char c : text) EXPECT_TRUE(c >= ' ' && c < 127 && c != '"' && c != '\\') << c;
      EXPECT_EQ(text, writer.write(3, bytes));
      if (payload != Payload::kConstant && bytes > 20) {
        EXPECT_NE(text, writer.write(4, bytes));
      }
    }
  }
  EXPECT_EQ(parse_payload("zeros", "load.payload").error().code, Code::kUsage);
}

}  // namespace
}  // namespace weir::load
