#include "weir/kafka/broker_clock.h"

#include <algorithm>
#include <map>

#include "weir/kafka/consumer.h"
#include "weir/kafka/producer.h"

namespace weir::kafka {
namespace {

constexpr int kRecords = 5;        // for each partition: the first one also pays for connections
constexpr int64_t kOwnTimeMs = 1;  // what the records say themselves
constexpr Nanos kTurn = nanos_from_millis(20);

struct Sample {
  Nanos sent, acked;
};
using Samples = std::vector<std::map<int64_t, Sample>>;  // by partition and offset

// One record at a time, so that nothing waits for another one's answer.
Result<Samples> send_samples(Producer& producer, Clock& clock, Nanos end) {
  Samples samples(size_t(producer.partitions()));
  uint64_t tag = 0;
  std::string trouble;
  for (int round = 0; round < kRecords; ++round)
    for (size_t p = 0; p < samples.size(); ++p) {
      const Record record{.value = "clock", .timestamp_ms = kOwnTimeMs};
      Sample sample{clock.now(), {}};
      producer.send(PartitionId(int32_t(p)), {&record, 1}, tag++);
      while (producer.in_flight() > 0 && clock.now() < end)
        producer.poll(kTurn, [&](const DeliveryReport& report) {
          sample.acked = clock.now();
          if (report.delivery == Delivery::kAcked && report.offset_first >= 0)
            samples[p][report.offset_first] = sample;
          else
            trouble = report.error;
        });
      if (clock.now() >= end)
        return fail(Code::kTimeout, "no acknowledgement in time", trouble, "try again");
    }
  if (!trouble.empty()) return fail(Code::kFailed, "a record was refused", trouble, {});
  return samples;
}

}  // namespace

ClockOffset clock_offset(Nanos sent, Nanos acked, int64_t stamped_ms) {
  const Nanos stamp = nanos_from_millis(stamped_ms);
  const Nanos least = stamp - acked, most = stamp + nanos_from_millis(1) - sent;
  return {Nanos((least.value + most.value) / 2), Nanos((most.value - least.value + 1) / 2)};
}

Result<std::vector<ClockOffset>> clock_offsets(const ClientConfig& client, const std::string& topic,
                                               Clock& clock, Nanos limit) {
  const Nanos end = clock.now() + limit;
  auto producer = WEIR_TRY(Producer::open(client, topic, {.linger_ms = 0}));
  const Samples samples = WEIR_TRY(send_samples(*producer, clock, end));
  auto consumer = WEIR_TRY(Consumer::open(client, topic, {}));
  size_t left = 0;
  for (size_t p = 0; p < samples.size(); ++p) {
    left += samples[p].size();
    WEIR_TRY(consumer->assign(PartitionId(int32_t(p)), Offset(0)));
  }
  std::vector<ClockOffset> found(samples.size(), {Nanos(), Nanos(INT64_MAX)});
  while (left > 0) {
    if (clock.now() >= end)
      return fail(Code::kTimeout, "the records were not read back in time", {}, "try again");
    for (const auto& run : WEIR_TRY(consumer->poll(kTurn, 1000)))
      for (const auto& record : run.records) {
        const size_t p = size_t(run.partition.value);
        if (p >= samples.size()) continue;
        const auto sample = samples[p].find(record.offset.value);
        if (sample == samples[p].end()) continue;
        --left;
        if (record.timestamp_ms == kOwnTimeMs)
          return fail(Code::kFailed, "the broker stamps no time of its own",
                      "its records keep the producer's time", {});
        const auto offset =
            clock_offset(sample->second.sent, sample->second.acked, record.timestamp_ms);
        if (offset.bound < found[p].bound) found[p] = offset;
      }
  }
  return found;
}

}  // namespace weir::kafka
