#include "apps/weir/checklist.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include "weir/kafka/admin.h"
#include "weir/kafka/broker_clock.h"
#include "weir/spark/client.h"

namespace weir::cli {
namespace {

constexpr Nanos kClockLimit = nanos_from_seconds(15), kConnectLimit = nanos_from_seconds(15);
constexpr Nanos kClockNote = nanos_from_millis(100);  // apart for certain: worth a word

void line(const std::string& name, const std::string& text, const char* state) {
  fmt::print("{:<4}  {:<8} {}\n", state, name, text);
  std::fflush(stdout);
}

std::string millis(Nanos span) { return fmt::format("{:.1f} ms", double(span.value) / 1e6); }

// The broker whose clock is the furthest away for certain.
void check_clocks(Checklist& list, const kafka::ClientConfig& reach, const std::string& topic) {
  SystemClock clock(Anchor::take());
  const auto found = kafka::clock_offsets(reach, topic, clock, kClockLimit);
  if (!found)
    return list.note("clocks", "not compared: " + found.error().what,
                     "nothing is needed: latencies use this machine's clock alone");
  const auto certain = [](const kafka::ClockOffset& at) {
    return std::abs(at.offset.value) - at.bound.value;
  };
  const auto worst = *std::max_element(found->begin(), found->end(),
                                       [&](auto& a, auto& b) { return certain(a) < certain(b); });
  const std::string words = fmt::format(
      "brokers minus this machine: {}{} ± {} at most, {} looked at",
      worst.offset.value < 0 ? "" : "+", millis(worst.offset), millis(worst.bound), found->size());
  if (certain(worst) <= kClockNote.value) return list.ok("clocks", words);
  list.note("clocks", words,
            "chronyc makestep or the like; latencies use this machine's clock alone, times in the "
            "brokers' logs do not fit the run's");
}

}  // namespace

void Checklist::ok(const std::string& name, const std::string& text) { line(name, text, "ok"); }
void Checklist::note(const std::string& name, const std::string& text, const std::string& remedy) {
  line(name, text, "note");
  std::printf("           try: %s\n", remedy.c_str());
}
void Checklist::stop(const std::string& name, const std::string& text, const std::string& remedy) {
  line(name, text, "stop");
  if (!remedy.empty()) std::printf("           try: %s\n", remedy.c_str());
  ++stops_;
}
void Checklist::stop(const std::string& name, const Error& error) {
  stop(name, error.what + (error.why.empty() ? "" : ": " + error.why), error.remedy);
}

void check_cluster(Checklist& list, const kafka::ClientConfig& reach, int32_t replication) {
  const auto admin = kafka::Admin::open(reach);
  if (!admin) return list.stop("brokers", admin.error());
  const auto cluster = (*admin)->cluster();
  if (!cluster) return list.stop("brokers", cluster.error());
  const auto setting = [&](const char* name) {
    const auto found = cluster->settings.find(name);
    return found == cluster->settings.end() ? std::string("not told") : found->second;
  };
  list.ok("brokers", (*admin)->broker_description());
  list.ok("version",
          fmt::format("protocol {}, min.insync.replicas {}",
                      setting("inter.broker.protocol.version"), setting("min.insync.replicas")));
  if (cluster->brokers < replication)
    list.stop("copies", fmt::format("{} copies on {} brokers", replication, cluster->brokers),
              fmt::format("--set topic.replication={}", cluster->brokers));
  // To create and to delete is the only proof that both are allowed. Leaders are spread over the
  // brokers, so a partition for each broker asks all of them for their time.
  std::random_device random;
  const std::string name = fmt::format("weir-check-{:08x}", random());
  const int32_t partitions = std::max(1, cluster->brokers);
  auto made = (*admin)->create_topic(name, partitions, replication,
                                     {{"message.timestamp.type", "LogAppendTime"}});
  const bool stamps = made.has_value();
  if (!made) made = (*admin)->create_topic(name, partitions, replication, {});
  if (!made) return list.stop("topics", made.error());
  if (stamps) check_clocks(list, reach, name);
  if (const auto gone = (*admin)->delete_topic(name); !gone)
    return list.stop("topics", gone.error());
  list.ok("topics", "one could be created and deleted");
}

void check_connect(Checklist& list, const std::string& url) {
  const auto address = spark::parse_connect_url(url);
  if (!address) return list.stop("spark", address.error());
  const auto version = spark::Client(*address, spark::Session::make()).version(kConnectLimit);
  if (!version) return list.stop("spark", version.error());
  list.ok("spark", fmt::format("Apache Spark {} answers at {}", *version, url));
  list.ok("clock", "of Spark: not compared; on another machine latencies of the workload metrics "
                   "hold the difference, those of forward do not");
}

}  // namespace weir::cli
