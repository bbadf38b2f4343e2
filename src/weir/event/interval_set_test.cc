#include "weir/event/interval_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace weir {
namespace {

TEST(IntervalSet, AgreesWithASetOfNumbersAndReportsEachPartOnce) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 50; ++round) {
    IntervalSet intervals;
    std::set<uint64_t> numbers;
    for (int i = 0; i < 200; ++i) {
      const uint64_t first = random() % 300, last = first + random() % 20;
      std::set<uint64_t> present, fresh;
      uint64_t next = first;
      const auto into = [&](std::set<uint64_t>& set) {
        return [&](uint64_t a, uint64_t b) {
          EXPECT_EQ(a, next);  // ascending, without gap or overlap
          next = b + 1;
          for (; a <= b; ++a) set.insert(a);
        };
      };
      intervals.add(first, last, into(present), into(fresh));
      EXPECT_EQ(next, last + 1);
      for (uint64_t n = first; n <= last; ++n) {
        EXPECT_EQ(present.contains(n), numbers.contains(n));
        EXPECT_NE(present.contains(n), fresh.contains(n));
      }
      numbers.insert(fresh.begin(), fresh.end());
      EXPECT_EQ(intervals.count(), numbers.size());
      EXPECT_EQ(intervals.highest(), *numbers.rbegin());
    }
    for (uint64_t n = 0; n < 330; ++n) EXPECT_EQ(intervals.contains(n), numbers.contains(n)) << n;
    uint64_t end = 0;
    for (const auto& [first, last] : intervals.spans()) {
      EXPECT_TRUE(end == 0 || first > end + 1);  // neighbours are joined
      end = last;
    }
  }
}

TEST(IntervalSet, DenseNumbersInOrderAreOneInterval) {
  IntervalSet intervals;
  for (uint64_t n = 0; n < 100'000; ++n) intervals.add(n, n);
  EXPECT_EQ(intervals.spans().size(), 1u);
}

}  // namespace
}  // namespace weir
