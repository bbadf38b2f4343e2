// What a step stored, read back for verifying.
#include "weir/lab/stored_step.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "weir/base/types.h"
#include "weir/event/audit.h"
#include "weir/event/ledger.h"
#include "weir/lab/judge.h"
#include "weir/lab/simulated_pipeline.h"

namespace weir::lab {
namespace {

namespace fs = std::filesystem;

class StoredStep : public testing::Test {
 protected:
  StoredStep() {
    std::string folder = fs::temp_directory_path() / "weir-stored-step-XXXXXX";
    folder_ = mkdtemp(folder.data());
    auto ledger = LedgerWriter::create(folder_ + "/ledger-3.bin", 3, 1).value();
    ledger.handed_over(PartitionId(0), 1, Nanos(0), kDue);
    EXPECT_TRUE(ledger.settle(PartitionId(0), 0, 1, Outcome::kAcked));
    EXPECT_TRUE(ledger.close());
    AuditSet seen;
    seen.add(EventId::make(kDue, 3, 0, 0), {0, 0, 0});
    EXPECT_TRUE(seen.write(folder_ + "/observed.bin"));
  }
  ~StoredStep() override { fs::remove_all(folder_); }

  AuditReport read_back(const AuditReport& told) {
    StepData data = SimulatedPipeline().run(1000, nanos_from_seconds(1), nanos_from_seconds(5), 1);
    data.folder = folder_;
    data.audit = told;
    data.drain_complete = told.complete;
    data.spec.schedule.length = data.spec.length;
    EXPECT_TRUE(write_step_files(data));
    const auto back = read_stored_step(folder_);
    EXPECT_TRUE(back) << to_text(back.error());
    return back ? back->audit : AuditReport();
  }

  static constexpr Nanos kDue = Nanos(1'700'000'000'000'000'000);
  std::string folder_;
};

TEST_F(StoredStep, IdsAreJudgedAnew) {
  AuditReport told;
  told.complete = true;
  told.lost = 7;
  EXPECT_EQ(read_back(told).lost, 1u);
}

// That ids were learnt through checksums does not show in the ids.
TEST_F(StoredStep, AnAuditByChecksumsKeepsItsLevel) {
  AuditReport told;
  told.level = "checksum";
  told.complete = true;
  told.receipt_lost = 5;
  const auto back = read_back(told);
  EXPECT_EQ(back.level, "checksum");
  EXPECT_EQ(back.receipt_lost, 5u);
  EXPECT_EQ(back.lost, 1u);
}

TEST_F(StoredStep, WhatWasOnlyCountedStandsAsItWas) {
  AuditReport told;
  told.level = "count";
  told.complete = true;
  told.processed = 2;
  told.lost = 0;
  const auto back = read_back(told);
  EXPECT_EQ(back.level, "count");
  EXPECT_EQ(back.processed, 2u);
  EXPECT_EQ(back.lost, 0u);
}

}  // namespace
}  // namespace weir::lab
