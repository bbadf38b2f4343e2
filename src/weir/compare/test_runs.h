// Runs as the tests of this module need them: a fixed-rate run with chosen figures.
#pragma once
#include <fmt/format.h>

#include <string>

#include "weir/compare/stored_run.h"

namespace weir::compare {

struct TestRun {
  int minute = 0;  // when it was started
  double cpu = 0.7, p99 = 200, rate = 100'000;
  bool quick = false;
  std::string version = "0.1.0", trigger = "1s";

  StoredRun make() const {
    StoredRun run;
    run.path = fmt::format("runs/{}", minute);
    run.plan.rates = {rate};
    auto& result = run.result;
    result.id = fmt::format("run-{}", minute);
    result.started = fmt::format("2026-11-22T{:02}:{:02}:00Z", minute / 60, minute % 60);
    result.quick = quick;
    result.exit_code = 0;
    result.target.broker = "embedded", result.target.engine = "native";
    run::Step step;
    step.offered_eps = step.processed_eps = rate;
    step.verdict = "keeps_up";
    step.audit.processed = 1'000'000;
    step.audit.complete = true;
    step.cpu_seconds = {{"broker", cpu / 2}, {"engine", cpu / 2}, {"generator", 5}};
    step.latency = run::Latency{};
    step.latency->p99 = p99;
    result.load = run::Load{};
    result.load->steps = {step};
    (void)lab::set_key("engine.trigger=" + trigger, run.plan);
    run.fingerprint = fingerprint_of(
        result, run.plan,
        R"({"weir": ")" + version + R"(", "cpu": "x", "cores": 2, "memory_bytes": 25276502016})");
    return run;
  }
};

}  // namespace weir::compare
