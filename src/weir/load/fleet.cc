#include "weir/load/fleet.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>

namespace weir::load {
namespace {

// A generator's resources; they are opened by one thread and used by another.
struct Member {
  GeneratorOptions options;
  std::unique_ptr<kafka::Producer> producer;
  std::optional<LedgerWriter> ledger;
  std::unique_ptr<Generator> generator;
  std::thread thread;
  Status status;
};

GeneratorOptions options_of(const FleetOptions& fleet, int n) {
  GeneratorOptions options = fleet.load;
  options.share.first += options.share.stride * uint64_t(n);
  options.share.stride *= uint64_t(fleet.producers);
  options.producer += uint32_t(n);
  return options;
}

Result<std::vector<Member>> open_members(const FleetOptions& fleet) {
  std::vector<Member> members{size_t(fleet.producers)};
  for (int n = 0; n < fleet.producers; ++n) {
    Member& member = members[size_t(n)];
    member.options = options_of(fleet, n);
    member.producer =
        WEIR_TRY(kafka::Producer::open(fleet.client, fleet.topic, producer_options(fleet)));
    if (member.producer->partitions() > EventId::kPartitions)
      return fail(Code::kUsage, "topic " + fleet.topic + " has too many partitions",
                  "an event's id has room for 4096", "choose a topic with fewer partitions");
    if (fleet.out.empty()) continue;
    const std::string path =
        fleet.out + "/ledger-" + std::to_string(member.options.producer) + ".bin";
    member.ledger = WEIR_TRY(
        LedgerWriter::create(path, member.options.producer, member.producer->partitions()));
  }
  return members;
}

Status make_out_folder(Disk& disk, const std::string& path) {
  auto made = disk.make_folders(path);
  if (made) return {};
  Error error = std::move(made).error();
  if (error.code == Code::kFailed) error.code = Code::kUsage;
  if (error.remedy.empty()) error.remedy = "choose another folder with --out";
  return tl::unexpected(std::move(error));
}

Status finish(std::vector<Member>& members, const OfferedLog& log, FleetReport& report) {
  Status status = log.status();
  for (Member& member : members) {
    if (status && !member.status) status = member.status;
    if (member.ledger)
      if (Status closed = member.ledger->close(); status && !closed) status = closed;
    report.last_hand_over = std::max(report.last_hand_over, member.generator->last_hand_over());
    if (report.first_failure.empty()) report.first_failure = member.generator->first_failure();
  }
  report.totals = log.totals();
  return status;
}

}  // namespace

double FleetReport::achieved_eps() const {
  const double seconds = (last_hand_over - start).seconds();
  return seconds > 0 ? double(totals.handed_over) / seconds : 0;
}

kafka::ProducerOptions producer_options(const FleetOptions& options) {
  constexpr double kQueueSeconds = 30;
  constexpr double kFloodRate = 100'000;  // without a rate: a queue that stays in the caches' reach
  constexpr int64_t kBytesMax = 2LL << 30, kBytesMin = 16LL << 20, kRecordsMin = 10'000;
  const double rate = options.load.rate_eps > 0
                          ? options.load.rate_eps / double(options.load.share.stride)
                          : kFloodRate;
  const int64_t records = int64_t(rate * kQueueSeconds) / options.producers;
  constexpr double kRecord = 33;  // beside its value
  const auto event_bytes = int64_t(event_bytes_mean(options.load) + kRecord);
  kafka::ProducerOptions producer;
  producer.acks = options.acks;
  producer.queue_records_max = std::max(records, kRecordsMin);
  producer.queue_bytes_max = std::clamp(
      records * event_bytes, kBytesMin,
      std::max(kBytesMin, kBytesMax / options.producers / int64_t(options.load.share.stride)));
  return producer;
}

Result<FleetReport> send_load(const FleetOptions& options, Clock& clock, Disk& disk,
                              const std::function<Generator::Wish()>& wish,
                              const std::function<void(const FleetReport&)>& begun,
                              const std::function<void(const Offered&)>& second) {
  if (!options.out.empty()) WEIR_TRY(make_out_folder(disk, options.out));
  WEIR_TRY(check_options(options.load));
  auto members = WEIR_TRY(open_members(options));
  const auto log = WEIR_TRY(OfferedLog::open(disk, options.out, options.producers));

  constexpr Nanos kLead = nanos_from_millis(50);  // for the threads to start
  FleetReport report;
  report.start = options.load.start.value > 0 ? options.load.start : clock.now() + kLead;
  report.last_hand_over = report.start;
  report.partitions = members[0].producer->partitions();
  report.settings = members[0].producer->settings();
  for (const Member& member : members) report.producers.push_back(member.options.producer);
  begun(report);

  std::atomic<int> running = options.producers;
  std::atomic<bool> broken = false;
  const auto shared_wish = [&] {
    const auto wanted = wish();
    return broken && wanted == Generator::Wish::kGoOn ? Generator::Wish::kDrain : wanted;
  };
  for (int n = 0; n < options.producers; ++n) {
    Member& member = members[size_t(n)];
    member.options.start = report.start;
    member.generator =
        std::make_unique<Generator>(member.options, clock, *member.producer,
                                    member.ledger ? &*member.ledger : nullptr, *log, n);
    member.thread = std::thread([&member, &shared_wish, &running, &broken] {
      member.status = member.generator->run(shared_wish);
      if (!member.status) broken = true;
      --running;
    });
  }
  constexpr Nanos kLook = nanos_from_millis(20);
  for (Nanos next = report.start + nanos_from_seconds(1); running > 0;) {
    const Nanos now = clock.now();
    clock.sleep_until(now + kLook);
    if (now < next) continue;
    next += nanos_from_seconds(1);
    second(log->totals());
  }
  for (Member& member : members) member.thread.join();
  WEIR_TRY(finish(members, *log, report));
  return report;
}

}  // namespace weir::load
