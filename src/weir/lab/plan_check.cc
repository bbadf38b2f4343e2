// Whether a plan's values make sense, alone and together.
#include <fmt/format.h>

#include <algorithm>

#include "weir/event/event_template.h"
#include "weir/lab/fault_plan.h"
#include "weir/lab/plan.h"
#include "weir/lab/until.h"
#include "weir/load/arrivals.h"
#include "weir/load/content.h"
#include "weir/sys/cores.h"

namespace weir::lab {
namespace {

template <class T, class Allowed>
Status check_each(const std::string& key, const std::vector<T>& items, Allowed&& allowed,
                  const std::string& rule) {
  for (const auto& item : items)
    if (!allowed(item))
      return fail(Code::kUsage, fmt::format("{} cannot be {}", key, item), rule,
                  "change " + key + " in the plan or with --set");
  return {};
}

Status check_word(const std::string& key, const std::string& word,
                  const std::vector<std::string>& words, const std::string& rule) {
  const auto known = [&](const std::string& each) {
    return std::find(words.begin(), words.end(), each) != words.end();
  };
  return check_each(key, std::vector{word}, known, rule);
}

Status check_range(const std::string& key, const std::vector<int64_t>& numbers, int64_t low,
                   int64_t high) {
  return check_each(
      key, numbers, [&](int64_t n) { return n >= low && n <= high; },
      fmt::format("it must be {} to {}", low, high));
}

bool is_address_list(const std::string& text) { return text.find(':') != std::string::npos; }

Status check_target(const Plan& plan) {
  if (!is_address_list(plan.broker))
    WEIR_TRY(check_word("target.broker", plan.broker, {"embedded", "apache"},
                        "a broker is embedded, apache, or host:port[,host:port]"));
  WEIR_TRY(check_word("target.engine", plan.engine, {"native", "spark", "seed", "external"},
                      "an engine is native, spark, seed or external"));
  if (plan.engine == "external" && plan.start.empty())
    return fail(Code::kUsage, "an external engine needs engine.start",
                "weir does not know how to start it",
                "write [engine] start = \"your command\" in the plan");
  if (!plan.target_cores.empty()) WEIR_TRY(parse_cores(plan.target_cores, "target.cores"));
  if (plan.broker == "embedded" || plan.broker == "apache")
    WEIR_TRY(check_each(
        "topic.replication", std::vector{plan.replication}, [](int64_t n) { return n == 1; },
        "this broker is one node and keeps one copy"));
  return check_range("topic.replication", {plan.replication}, 1, 100);
}

Status check_identity(const Plan& plan) {
  const std::string& identity = plan.identity;
  const bool named = (identity.starts_with("header:") && identity.size() > 7) ||
                     (identity.starts_with("json:/") && identity.size() > 6);
  if (!named)
    WEIR_TRY(check_word("event.identity", identity, {"event_id", "none"},
                        "an identity is event_id, header:NAME, json:/path or none"));
  if (identity != "event_id" && plan.engine != "external")
    return fail(Code::kUsage, "event.identity " + identity + " needs an external engine",
                "the engines that weir brings know events by their event_id",
                "leave event.identity out, or set target.engine = \"external\"");
  return {};
}

// Spark plans its expressions itself: none of them keeps a core busy, or waits, for as long as it
// is told.
Status check_added_work(const Plan& plan) {
  for (const auto& [key, us] :
       {std::pair("engine.cpu_us", plan.cpu_us), std::pair("engine.wait_us", plan.wait_us)}) {
    WEIR_TRY(check_each(
        key, std::vector{us}, [](double each) { return each >= 0 && each <= 1e6; },
        "it must be 0 to 1,000,000 microseconds for each event"));
    if (us > 0 && plan.engine != "native")
      return fail(Code::kUsage, fmt::format("{} needs weir's own engine", key),
                  "weir cannot make an event cost more time in engine " + plan.engine,
                  fmt::format("leave {} out, or set target.engine = \"native\"", key));
  }
  return {};
}

Status check_sizes(const Plan& plan) {
  WEIR_TRY(check_range("topic.partitions", {plan.partitions}, 1, 4096));
  WEIR_TRY(check_range("engine.parallelism", {plan.parallelism}, 1, 4096));
  WEIR_TRY(check_range("scale.partitions", plan.scale_partitions, 1, 4096));
  WEIR_TRY(check_range("scale.parallelism", plan.scale_parallelism, 1, 4096));
  WEIR_TRY(check_each(
      "scale.rate", std::vector{plan.scale_rate},
      [](double rate) { return rate == 0 || rate >= 1; }, "a rate is at least 1 event/s, or 0"));
  WEIR_TRY(check_range("faults.repetitions", {plan.repetitions}, 1, 100'000));
  return check_each(
      "event.size", std::vector{plan.event_size},
      [](int64_t n) { return n >= 120 && n <= 1'000'000; }, "an event has 120 to 1,000,000 bytes");
}

Status check_load(const Plan& plan) {
  constexpr int64_t kGeneratorsMax = 64;
  WEIR_TRY(check_range("scale.repetitions", {plan.scale_repetitions}, 1, 1000));
  WEIR_TRY(check_range("load.producers", {plan.producers}, 1, kGeneratorsMax));
  WEIR_TRY(check_range("load.processes", {plan.processes}, 1, 16));
  if (plan.producers * plan.processes > kGeneratorsMax)
    return fail(Code::kUsage, "load.producers x load.processes is above 64",
                "each is a client with a queue and a connection of its own",
                "lower one of them in the plan or with --set");
  WEIR_TRY(load::Arrivals::parse(plan.schedule, "load.schedule"));
  WEIR_TRY(load::KeyLaw::parse(plan.keys, "load.keys"));
  const auto sizes = WEIR_TRY(load::SizeLaw::parse(plan.sizes, "load.sizes"));
  const auto payload = WEIR_TRY(load::parse_payload(plan.payload, "load.payload"));
  if (plan.event_template.empty() || (sizes.is_fixed() && payload == load::Payload::kConstant))
    return {};
  if (!WEIR_TRY(EventTemplate::read(plan.event_template)).has_payload())
    return fail(Code::kUsage, "the event template has no {{payload}}",
                "load.sizes and load.payload are made there, and all else is sent as it stands",
                "put {{payload}} into the template, or leave them out");
  return {};
}

}  // namespace

Status check_plan(const Plan& plan) {
  for (const auto& experiment : plan.experiments)
    WEIR_TRY(check_word("experiments", experiment, {"load", "scale", "faults"},
                        "an experiment is load, scale or faults"));
  WEIR_TRY(check_target(plan));
  WEIR_TRY(check_faults(plan));
  WEIR_TRY(check_word("engine.workload", plan.workload, {"metrics", "forward"},
                      "a workload is metrics or forward"));
  WEIR_TRY(check_identity(plan));
  WEIR_TRY(check_sizes(plan));
  WEIR_TRY(check_load(plan));
  WEIR_TRY(check_added_work(plan));
  WEIR_TRY(check_until(plan.until));
  WEIR_TRY(check_each(
      "load.rates", plan.rates, [](double rate) { return rate >= 1; },
      "a rate is at least 1 event/s"));
  if (!plan.search && plan.rates.empty())
    return fail(Code::kUsage, "load.search is false and load.rates is empty",
                "then there is no rate to try", "give load.rates or set load.search = true");
  return {};
}

}  // namespace weir::lab
