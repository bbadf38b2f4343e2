#include "weir/lab/observer_load.h"

#include <algorithm>
#include <vector>

#include "weir/event/result.h"
#include "weir/kafka/producer.h"
#include "weir/lab/topic_observer.h"

namespace weir::lab {
namespace {

constexpr double kRate = 100'000;
constexpr int kReceipts = 1000;
constexpr Nanos kLimit = nanos_from_seconds(10);
constexpr const char* kQuery = "00000000-0000-4000-8000-000000000000";

// Batch `number`: as many events of each input partition, dense, as old as if they had come evenly.
Receipt receipt_of(const ObserverLoad& load, int number, uint64_t each, Nanos now,
                   const Histogram& ages) {
  Receipt receipt;
  receipt.query = kQuery;
  receipt.batch = number;
  receipt.attempt = 1;
  receipt.reference = now;
  for (int32_t p = 0; p < load.partitions; ++p) {
    const uint64_t first = each * uint64_t(number);
    receipt.ranges.push_back({0, uint32_t(p), first, first + each - 1});
    receipt.input_end[p] = int64_t(first + each);
  }
  receipt.ages = ages;
  receipt.events = int64_t(each) * load.partitions;
  return receipt;
}

}  // namespace

Result<uint64_t> write_receipts(const ObserverLoad& load, Nanos now) {
  const auto producer = WEIR_TRY(kafka::Producer::open(load.client, load.topic, {}));
  const double batch = std::max(kRate * load.trigger.seconds(), double(load.partitions));
  const auto each = uint64_t(batch / load.partitions);
  Histogram ages;
  for (uint64_t i = 0; i < each; ++i)
    ages.record(int64_t(uint64_t(load.trigger.micros()) * i / each), load.partitions);
  uint64_t settled = 0;
  const auto collect = [&](const kafka::DeliveryReport& report) {
    if (report.delivery == kafka::Delivery::kAcked) settled += report.count;
  };
  for (int i = 0; i < kReceipts; ++i) {
    const std::string value = to_json(receipt_of(load, i, each, now, ages));
    const HeaderList headers = to_headers({OutputKind::kReceipt, kQuery, i, 1});
    std::vector<kafka::Header> views;
    for (const auto& [key, text] : headers) views.push_back({key, text});
    kafka::Record record;
    record.value = value;
    record.headers = views;
    if (producer->send(PartitionId(i % load.partitions), {&record, 1},
                       uint64_t(i / load.partitions)) != 1)
      return fail(Code::kFailed, "the receipts for the self-test could not be written",
                  "the producer's queue is full");
    producer->poll(Nanos(0), collect);
  }
  SystemClock clock(Anchor::take());
  for (const Nanos end = clock.now() + kLimit; settled < kReceipts && clock.now() < end;)
    producer->poll(nanos_from_millis(5), collect);
  if (settled < kReceipts)
    return fail(Code::kFailed, "the receipts for the self-test could not be written",
                "the broker did not acknowledge them in time");
  return each * uint64_t(load.partitions) * kReceipts;
}

Result<double> reading_rate(const ObserverLoad& load, Clock& clock,
                            const std::function<bool()>& interrupted) {
  TopicObserver::Options options;
  options.client = load.client;
  options.topic = load.topic;
  options.partitions = load.partitions;
  const Nanos begin = clock.now();
  const auto observer = WEIR_TRY(TopicObserver::start(options, Anchor::take()));
  observer->set_origin(begin);
  while (observer->distinct() < load.events) {
    if (interrupted()) return fail(Code::kInterrupted, "interrupted");
    if (clock.now() > begin + kLimit)
      return fail(Code::kFailed, "the observer could not be measured alone",
                  "it did not see in time what was written for it");
    clock.sleep_until(clock.now() + nanos_from_millis(1));
  }
  observer->stop();
  return double(load.events) / std::max((clock.now() - begin).seconds(), 1e-3);
}

}  // namespace weir::lab
