#include "weir/compare/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "weir/base/nearest.h"
#include "weir/lab/objectives.h"

namespace weir::compare {
namespace {

constexpr const char* kEngineCpu = "engine_cpu_s_per_million";
constexpr const char* kBrokerCpu = "broker_cpu_s_per_million";

run::Figure value_of(const run::Step& step, const std::string& name) {
  if (name == kEngineCpu) return lab::cpu_per_million(step, "engine");
  if (name == kBrokerCpu) return lab::cpu_per_million(step, "broker");
  return lab::figure_of_step(step, name);
}

void add_search(const run::Load& load, std::vector<Sample>& found) {
  const auto add = [&](const char* name, const run::Estimate& estimate) {
    if (estimate.estimate) found.push_back({{name, ""}, {*estimate.estimate}, estimate, 0});
  };
  add("sustainable_eps", load.sustainable_eps);
  add("capacity_eps", load.capacity_eps);
}

void add_faults(const run::Faults& faults, std::vector<Sample>& found) {
  const std::pair<const char*, run::Figure run::Fault::*> figures[] = {
      {"first_output_s", &run::Fault::first_output_s},
      {"drained_s", &run::Fault::drained_s},
      {"in_band_s", &run::Fault::in_band_s}};
  std::map<MetricKey, Sample> samples;
  for (const auto& fault : faults.faults)
    for (const auto& [name, member] : figures) {
      if (!fault.valid || !(fault.*member)) continue;
      Sample& sample = samples[{name, fault.kind}];
      sample.values.push_back(*(fault.*member));
      sample.offered_eps +=
          (fault.offered_eps.value_or(0) - sample.offered_eps) / double(sample.values.size());
    }
  for (auto& [key, sample] : samples) {
    sample.key = key;
    found.push_back(std::move(sample));
  }
}

}  // namespace

const std::vector<MetricMeaning>& metrics() {
  static const std::vector<MetricMeaning> all = {
      {"cpu_s_per_million", "s", "CPU seconds of broker and engine per million events", true},
      {"p99_ms", "ms", "99th percentile of the event latency", true},
      {"p50_ms", "ms", "its median", true},
      {kEngineCpu, "s", "CPU seconds of the engine alone per million events", true},
      {kBrokerCpu, "s", "CPU seconds of the broker alone per million events", true},
      {"sustainable_eps", "events/s", "the sustainable rate, by the bounds of both searches",
       false},
      {"capacity_eps", "events/s", "stored events processed back to back", false},
      {"first_output_s", "s", "after a fault, until results come again", true},
      {"drained_s", "s", "after a fault, until the backlog is as low as before", true},
      {"in_band_s", "s", "after a fault, until latency is as low as before", true}};
  return all;
}

Result<MetricMeaning> find_metric(const std::string& name) {
  std::vector<std::string> known;
  for (const auto& metric : metrics()) {
    if (metric.name == name) return metric;
    known.push_back(metric.name);
  }
  const std::string close = nearest(name, known);
  std::string all;
  for (const auto& each : known) all += (all.empty() ? "" : ", ") + each;
  return fail(Code::kUsage, "unknown metric " + name, "weir compares by " + all,
              close.empty() ? "name one of these" : "did you mean " + close + "?");
}

std::string MetricKey::text() const { return condition.empty() ? name : name + " " + condition; }

std::map<double, const run::Step*> steps_at_given_rates(const StoredRun& run) {
  std::map<double, const run::Step*> found;
  if (!run.result.load || run.plan.rates.empty()) return found;
  for (const auto& step : run.result.load->steps)
    if (step.offered_eps && step.verdict != "invalid") found[*step.offered_eps] = &step;
  return found;
}

std::string rate_condition(double rate_eps) { return fmt::format("at {:.0f} events/s", rate_eps); }

std::vector<Sample> samples_of(const StoredRun& run) {
  std::vector<Sample> found;
  for (const auto& [rate, step] : steps_at_given_rates(run))
    for (const char* name : {"cpu_s_per_million", "p99_ms", "p50_ms", kEngineCpu, kBrokerCpu})
      if (const auto value = value_of(*step, name))
        found.push_back({{name, rate_condition(rate)}, {*value}, {}, 0});
  if (run.result.load && run.plan.rates.empty()) add_search(*run.result.load, found);
  if (run.result.faults) add_faults(*run.result.faults, found);
  return found;
}

}  // namespace weir::compare
