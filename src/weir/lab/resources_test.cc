#include "weir/lab/resources.h"

#include <gtest/gtest.h>

namespace weir::lab {
namespace {

constexpr const char* kHead =
    "second,process,pid,cpu_seconds,resident_bytes,read_bytes,written_bytes\n";

run::Table table_of(const std::string& rows) { return run::Table::parse(kHead + rows); }

TEST(Resources, CountTheCpuOfAStepFromItsStart) {
  const auto used =
      cpu_seconds_of(table_of("-0.150,broker,10,1.00,0,0,0\n"
                              "-0.150,machine,0,500.00,0,0,0\n"
                              "1.000,broker,10,1.50,0,0,0\n"
                              "1.000,engine,11,0.20,0,0,0\n"  // killed after this
                              "2.000,engine,12,0.30,0,0,0\n"  // its successor
                              "2.000,broker,10,2.25,0,0,0\n"));
  EXPECT_EQ(used.size(), 2u);
  EXPECT_DOUBLE_EQ(used.at("broker"), 1.25);
  EXPECT_DOUBLE_EQ(used.at("engine"), 0.5);
}

TEST(Resources, TellWhatOthersUsedAndWhatTheHypervisorKept) {
  const auto found =
      surroundings_of(table_of("0.000,broker,10,1.00,0,0,0\n"
                               "0.000,machine,0,500.00,0,0,0\n"
                               "0.000,stolen,0,20.00,0,0,0\n"
                               "10.000,broker,10,6.00,0,0,0\n"
                               "10.000,machine,0,513.00,0,0,0\n"
                               "10.000,stolen,0,20.50,0,0,0\n"));
  EXPECT_DOUBLE_EQ(*found.others_cores, 0.8);
  EXPECT_DOUBLE_EQ(*found.stolen_cores, 0.05);
}

TEST(Resources, TellNothingOfAMachineThatWasNotSampled) {
  const auto found = surroundings_of(table_of("0.000,broker,10,1.00,0,0,0\n"));
  EXPECT_FALSE(found.others_cores);
  EXPECT_FALSE(found.stolen_cores);
}

TEST(Resources, TellHowBusyTheDiskWas) {
  const auto disk =
      disk_load_of(table_of("-0.100,disk,0,100.00,0,7,1000\n0.500,disk,0,100.55,0,7,2000\n"
                            "1.900,disk,0,101.50,0,7,201000\n"));
  ASSERT_TRUE(disk);
  EXPECT_DOUBLE_EQ(disk->busy_share, 0.75);
  EXPECT_DOUBLE_EQ(disk->written_bytes_per_s, 100'000);
  EXPECT_FALSE(disk_load_of(table_of("0.000,broker,10,1.00,0,0,0\n")));
}

TEST(Resources, NeverTakeARoundingForLessThanNothing) {
  const auto found =
      surroundings_of(table_of("0.000,broker,10,0.00,0,0,0\n0.000,machine,0,5.00,0,0,0\n"
                               "1.000,broker,10,0.91,0,0,0\n1.000,machine,0,5.90,0,0,0\n"));
  EXPECT_EQ(found.others_cores, 0);
}

}  // namespace
}  // namespace weir::lab
