// A pipeline on a fake clock whose truth is known: a micro-batch engine with a fixed cost per
// batch, a service rate with noise, stalls and planted outages. Its steps leave what real ones
// leave, so that everything after the measuring is tried on them: judge_step(), judge_fault(), the
// search.
//
// For tests only (simulated_pipeline_test.cc holds its code). Pure: the same seed, the same step.
#pragma once
#include <cstdint>
#include <vector>

#include "weir/lab/step.h"

namespace weir::lab {

struct SimulatedPipeline {
  double trigger_s = 1;
  double fixed_s = 0.1;          // of each batch
  double service_eps = 100'000;  // while it computes
  double noise = 0.05;           // of the service time, relative, from batch to batch
  double correlation = 0.6;      // of the noise of neighbouring batches (AR(1))
  double stall_every_s = 20;     // busy seconds from one stall to the next; 0: none
  double stall_s = 0.3;
  struct Outage {
    double from_s = 0, length_s = 0;  // since the load's start; nothing is computed meanwhile
  };
  std::vector<Outage> outages;

  // The rate at which the mean batch takes one trigger.
  double limit_eps() const;
  // One step at `rate_eps`: load for `length`, then the drain. Windows of one second.
  StepData run(double rate_eps, Nanos warmup, Nanos length, uint64_t seed) const;
};

}  // namespace weir::lab
