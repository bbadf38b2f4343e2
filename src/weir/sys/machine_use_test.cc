#include "weir/sys/machine_use.h"

#include <gtest/gtest.h>

namespace weir {
namespace {

TEST(MachineUse, CountsWhatIsNeitherIdleNorWaiting) {
  const auto use =
      parse_machine_use("cpu  100 20 30 4000 500 6 7 80 9 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n");
  ASSERT_TRUE(use);
  EXPECT_DOUBLE_EQ(use->busy_seconds, 1.63);
  EXPECT_DOUBLE_EQ(use->stolen_seconds, 0.8);
  EXPECT_DOUBLE_EQ(parse_machine_use("cpu 1000 0 0 0 0 0 0 0", 1000)->busy_seconds, 1);
}

TEST(MachineUse, IsNoneWhereTheTextIsAnother) {
  for (const char* text : {"", "cpu", "cpu  1 2 3", "cpu0 1 2 3 4 5 6 7 8", "cpu  1 2 3 4 5 6 7 x",
                           "intr 1 2 3 4 5 6 7 8"})
    EXPECT_FALSE(parse_machine_use(text)) << text;
}

TEST(DeviceUse, IsOfTheDeviceWithTheseNumbers) {
  constexpr const char* kText =
      "   7       0 loop0 1 0 2 3 4 0 5 6 0 7 8\n"
      " 254       0 vda 10 1 80 30 20 2 4000 60 1 1500 90 0 0 0 0 5 6\n"
      " 254       1 vda1 9 1 79 30 20 2 3999 60 0 1499 90\n";
  const auto use = parse_device_use(kText, 254, 0);
  ASSERT_TRUE(use);
  EXPECT_DOUBLE_EQ(use->busy_seconds, 1.5);
  EXPECT_EQ(use->read_bytes, 80 * 512);
  EXPECT_EQ(use->written_bytes, 4000 * 512);
  EXPECT_EQ(parse_device_use(kText, 254, 1)->written_bytes, 3999 * 512);
  EXPECT_FALSE(parse_device_use(kText, 254, 2));
}

TEST(DeviceUse, IsNoneWhereTheTextIsCut) {
  for (const char* text : {"", " 254", " 254 0", " 254 0 vda", " 254 0 vda 1 2 3 4 5 6 7 8 9\n"})
    EXPECT_FALSE(parse_device_use(text, 254, 0)) << text;
  EXPECT_FALSE(device_use("/no/such/folder"));
}

TEST(MachineUse, GrowsOnThisMachine) {
  const auto first = machine_use();
  ASSERT_TRUE(first);
  EXPECT_GT(first->busy_seconds, 0);
  EXPECT_GE(machine_use()->busy_seconds, first->busy_seconds);
}

}  // namespace
}  // namespace weir
