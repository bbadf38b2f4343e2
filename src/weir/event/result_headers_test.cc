#include <gtest/gtest.h>

#include "weir/event/result.h"

namespace weir {
namespace {
using Views = std::vector<std::pair<std::string_view, std::string_view>>;

std::optional<OutputHeaders> there_and_back(const OutputHeaders& headers) {
  const HeaderList list = to_headers(headers);
  return from_headers(Views(list.begin(), list.end()));
}

TEST(OutputHeaders, SurviveTheirText) {
  for (OutputKind kind : {OutputKind::kReceipt, OutputKind::kEvent, OutputKind::kFence}) {
    const auto found = there_and_back({kind, "q-1", 41, 7});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->kind, kind);
    EXPECT_EQ(found->query, "q-1");
    EXPECT_EQ(found->batch, kind == OutputKind::kFence ? -1 : 41);
    EXPECT_EQ(found->attempt, 7);
  }
}

TEST(OutputHeaders, AreTextThatAPersonReads) {
  EXPECT_EQ(to_headers({OutputKind::kEvent, "q", 12, 3}), (HeaderList{{"weir-kind", "event"},
                                                                      {"weir-query", "q"},
                                                                      {"weir-batch", "12"},
                                                                      {"weir-attempt", "3"}}));
}

TEST(OutputHeaders, OfForeignRecordsAreNotUnderstood) {
  const Views good{{"x", ""}, {"weir-kind", "event"}, {"weir-query", "q"}, {"weir-attempt", "1"}};
  ASSERT_TRUE(from_headers(good));
  EXPECT_EQ(from_headers(good)->batch, -1);
  EXPECT_FALSE(from_headers({}));
  for (size_t i = 1; i < good.size(); ++i) {
    Views without = good;
    without.erase(without.begin() + long(i));
    EXPECT_FALSE(from_headers(without)) << i;
  }
  for (std::string_view wrong : {"", "-1", "1x", "99999999999999999999", " 1"}) {
    Views bad = good;
    bad[3].second = wrong;
    EXPECT_FALSE(from_headers(bad)) << wrong;
  }
  Views odd = good;
  odd[1].second = "Event";
  EXPECT_FALSE(from_headers(odd));
}

TEST(FenceFilter, DropsWhatADeadAttemptStillWrites) {
  FenceFilter filter;
  const PartitionId a(0), b(1);
  const OutputHeaders old{OutputKind::kEvent, "q", 5, 1}, newer{OutputKind::kEvent, "q", 5, 2};
  const OutputHeaders fence{OutputKind::kFence, "q", -1, 2}, foreign{OutputKind::kEvent, "r", 5, 1};
  EXPECT_TRUE(filter.accept(a, old));
  EXPECT_FALSE(filter.accept(a, fence));
  EXPECT_FALSE(filter.accept(a, old));
  EXPECT_TRUE(filter.accept(a, newer));
  EXPECT_TRUE(filter.accept(a, foreign));  // another query
  EXPECT_TRUE(filter.accept(b, old));      // another partition
  EXPECT_EQ(filter.dropped(), 1);
}

TEST(FenceFilter, AnOlderFenceLowersNothing) {
  FenceFilter filter;
  const PartitionId a(0);
  filter.accept(a, {OutputKind::kFence, "q", -1, 3});
  filter.accept(a, {OutputKind::kFence, "q", -1, 2});
  EXPECT_FALSE(filter.accept(a, {OutputKind::kReceipt, "q", 1, 2}));
  EXPECT_TRUE(filter.accept(a, {OutputKind::kReceipt, "q", 1, 3}));
}

}  // namespace
}  // namespace weir
