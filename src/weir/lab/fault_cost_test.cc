#include "weir/lab/fault_cost.h"

#include <gtest/gtest.h>

#include "weir/sys/clock.h"

namespace weir::lab {
namespace {

StepData step_with(const std::string& kind) {
  StepData data;
  data.spec.rate_eps = 5000;
  data.spec.length = nanos_from_seconds(9);
  data.spec.fault.emplace();
  data.spec.fault->kind = kind;
  data.start = kFakeStart, data.end = kFakeStart + nanos_from_seconds(9);
  data.window = nanos_from_seconds(1);
  data.fault.injected = kFakeStart + nanos_from_seconds(4);
  return data;
}

run::Fault costs_of(const StepData& data) {
  run::Fault fault;
  judge_fault_cost(data, fault);
  return fault;
}

TEST(FaultCost, CountsMalformedEventsInTheEnginesBatches) {
  StepData data = step_with("event:poison");
  data.fault.poisoned = 4;
  data.batches = run::Table::parse("batch_id,malformed\n0,0\n1,3\n2,1\n");
  const run::Fault fault = costs_of(data);
  EXPECT_EQ(*fault.poisoned, 4);
  EXPECT_EQ(*fault.malformed, 4);
}

TEST(FaultCost, SaysWhenAnEngineDoesNotTellWhatWasMalformed) {
  StepData data = step_with("event:poison");
  data.fault.poisoned = 4;
  const run::Fault fault = costs_of(data);
  EXPECT_FALSE(fault.malformed);
  EXPECT_NE(fault.why.at("malformed"), "");
  EXPECT_FALSE(costs_of(step_with("engine:kill")).poisoned);
}

TEST(FaultCost, WhatAKilledGeneratorNeverBroughtIsNoBacklog) {
  StepData data = step_with("producer:kill");
  data.audit.processed = 43'000;
  data.audit.lost = 100;
  data.audit.pending = 59;
  EXPECT_EQ(unoffered_events(data), 45'000 - 43'159);
  data.spec.fault->kind = "engine:kill";
  EXPECT_EQ(unoffered_events(data), 0);
}

TEST(FaultCost, DoesNotCallRereadWhatALostCheckpointLetForget) {
  StepData data = step_with("checkpoint:lose");
  data.batches = run::Table::parse(
      "batch_id,attempt,offsets_us,started_us,read_done_us,batch_events\n0,1,5,10,20,700\n");
  data.audit.duplicated = 19'959;
  const run::Fault fault = costs_of(data);
  EXPECT_EQ(*fault.repeated_events, 19'959);
  EXPECT_FALSE(fault.reread_events);
}

}  // namespace
}  // namespace weir::lab
