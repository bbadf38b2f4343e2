#include "weir/run/table.h"

#include <gtest/gtest.h>

namespace weir::run {
namespace {

TEST(Table, FindsCellsByColumn) {
  const Table table = Table::parse("a,b,c\n1,2.5,x\n\n3,,y\n4,5,torn");
  EXPECT_EQ(table.rows(), 2u);
  EXPECT_EQ(table.integer(0, "a"), 1);
  EXPECT_EQ(table.number(0, "b"), 2.5);
  EXPECT_EQ(table.text(1, "c"), "y");
  EXPECT_FALSE(table.number(1, "b"));
  EXPECT_FALSE(table.number(0, "c"));
  EXPECT_FALSE(table.number(0, "d"));
  EXPECT_FALSE(table.number(7, "a"));
  EXPECT_FALSE(table.has("d"));
}

}  // namespace
}  // namespace weir::run
