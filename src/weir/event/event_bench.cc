// Events per second and core: making them, reading them, auditing them.
//   cmake --preset release -DWEIR_BENCH=ON && cmake --build build/release --target
//   weir_event_event_bench
#include <benchmark/benchmark.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "weir/base/check.h"
#include "weir/event/audit.h"
#include "weir/event/event.h"
#include "weir/event/ledger.h"
#include "weir/event/result.h"

namespace weir {
namespace {
constexpr int kEvents = 4000;  // about what stays in a core's cache: 1 MB

Nanos due(uint64_t i) { return Nanos(1'700'000'000'000'000'000 + int64_t(i) * 2000); }
EventId id(uint64_t i) { return EventId::make(due(i), 5, uint32_t(i / 4 % 4), i / 16 * 4 + i % 4); }

std::vector<std::string> events(const std::string& behind) {
  const EventEncoder encoder(200);
  std::vector<std::string> events;
  for (uint64_t i = 0; i < kEvents; ++i) {
    std::string text(encoder.bytes_max(), '\0');
    text.resize(size_t(encoder.encode(text.data(), id(i), i, due(i)) - text.data()));
    events.push_back(text + behind);
  }
  return events;
}

void encode(benchmark::State& state) {
  const EventEncoder encoder(200);
  std::string text(encoder.bytes_max() * 100, '\0');
  uint64_t i = 0;
  for (auto _ : state) {
    char* at = text.data();
    for (int n = 0; n < 100; ++n, ++i) at = encoder.encode(at, id(i), i, due(i));
    benchmark::DoNotOptimize(at);
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(encode);

// With "" the parser's fast path, with a blank behind the event the general one.
void parse(benchmark::State& state, const std::string& behind) {
  const auto texts = events(behind);
  EventParser parser;
  size_t i = 0;
  for (auto _ : state) {
    auto event = parser.parse(texts[i++ % kEvents]);
    WEIR_CHECK(event && event->id);
    benchmark::DoNotOptimize(event);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(parse, own_layout, std::string());
BENCHMARK_CAPTURE(parse, any_layout, std::string(" "));

void project(benchmark::State& state) {
  const auto texts = events("");
  EventParser parser;
  std::string out;
  size_t i = 0;
  for (auto _ : state) {
    out.clear();
    parser.append_projection(*parser.parse(texts[i++ % kEvents]), out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(project)->Name("parse and project");

void collect(benchmark::State& state) {
  IdCollector collector;
  uint64_t i = 0;
  for (auto _ : state) collector.add(id(i++));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(collect)->Name("make an id and collect it");

void audit(benchmark::State& state) {
  AuditSet set;
  uint64_t i = 0;
  for (auto _ : state) {
    const EventId one = id(i);
    set.add(one, {int32_t(one.partition()), int64_t(i), int64_t(i / 500'000)});
    ++i;
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(audit)->Name("make an id and audit it");

// In bytes: what this process holds now, or the most it ever held since reset_peak().
uint64_t resident(const char* field) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;)
    if (uint64_t kib = 0; word == field && status >> kib) return kib << 10;
  return 0;
}
void reset_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

// 10^9 ids as forward's records: 500,000 events per second in batches of 200 ms, the producers
// taking turns. `window` events come output partition by output partition, as a reader fetches
// them; with `hashed` a record's output partition follows from its id (Spark's default), so that
// those of one input partition come in holes. Counted: the most memory above what there was before,
// in which it then judges, writes observed.bin, and reads and judges that.
void audit_of_many(benchmark::State& state, uint32_t producers, uint32_t partitions,
                   uint64_t window, bool hashed) {
  constexpr uint64_t kIds = 1'000'000'000, kBatch = 100'000;
  const auto output_of = [&](uint64_t i) {
    return hashed ? uint32_t(i * 0x9E3779B97F4A7C15ull >> 40) % partitions
                  : uint32_t(i / 4 % partitions);
  };
  for (auto _ : state) {
    reset_peak();
    const uint64_t before = resident("VmRSS:");
    std::vector<Ledger> ledgers(producers);
    std::vector<uint64_t> sequences(size_t(producers) * partitions);
    AuditSet set;
    std::vector<std::vector<std::pair<EventId, SeenAt>>> fetched(partitions);
    for (uint64_t i = 0; i < kIds;) {
      for (const uint64_t end = std::min(i + window, kIds); i < end; ++i) {
        const uint32_t producer = uint32_t(i / 4 / partitions % producers);
        const uint32_t input = uint32_t(i / 4 % partitions);
        uint64_t& sequence = sequences[size_t(producer) * partitions + input];
        const uint32_t output = output_of(i);
        fetched[output].push_back({EventId::make(due(i), producer, input, sequence++),
                                   {int32_t(output), int64_t(i), int64_t(i / kBatch)}});
      }
      for (auto& records : fetched) {
        for (const auto& [one, at] : records) set.add(one, at);
        records.clear();
      }
    }
    for (uint32_t p = 0; p < producers; ++p) {
      ledgers[p].producer = p;
      ledgers[p].first_due = due(0), ledgers[p].last_due = due(kIds);
      for (uint32_t q = 0; q < partitions; ++q)
        if (const uint64_t count = sequences[size_t(p) * partitions + q]; count > 0)
          ledgers[p].ranges.push_back({q, 0, count - 1, Outcome::kAcked});
    }
    const AuditReport report = set.judge(ledgers, true);
    WEIR_CHECK_EQ(report.processed, kIds);
    WEIR_CHECK_EQ(report.lost + report.duplicated + report.foreign, 0u);
    const std::string path = std::filesystem::temp_directory_path() / "weir-event-bench-observed";
    WEIR_CHECK(set.write(path).has_value());
    set = AuditSet();
    const auto read = AuditSet::read(path);
    WEIR_CHECK(read.has_value());
    WEIR_CHECK_EQ(read->judge(ledgers, true).processed, kIds);
    state.counters["peak_MB"] = double(resident("VmHWM:") - before) / 1e6;
    state.counters["file_MB"] = double(std::filesystem::file_size(path)) / 1e6;
    std::filesystem::remove(path);
  }
  state.SetItemsProcessed(state.iterations() * int64_t(kIds));
}
BENCHMARK_CAPTURE(audit_of_many, in_order, 1u, 4u, uint64_t{20'000}, false)->Iterations(1);
BENCHMARK_CAPTURE(audit_of_many, hashed, 1u, 4u, uint64_t{200'000}, true)->Iterations(1);
BENCHMARK_CAPTURE(audit_of_many, many_producers, 16u, 64u, uint64_t{200'000}, false)->Iterations(1);

void hand_over(benchmark::State& state) {
  const std::string path = std::filesystem::temp_directory_path() / "weir-event-bench-ledger.bin";
  std::filesystem::remove(path);
  auto ledger = LedgerWriter::create(path, 1, 4);
  WEIR_CHECK(ledger.has_value());
  uint64_t i = 0;
  for (auto _ : state) {
    ledger->handed_over(PartitionId(int32_t(i % 4)), i / 4, due(i), due(i));
    WEIR_CHECK(
        ledger->settle(PartitionId(int32_t(i % 4)), i / 4, i / 4, Outcome::kAcked).has_value());
    ++i;
  }
  state.SetItemsProcessed(state.iterations());
  std::filesystem::remove(path);
}
BENCHMARK(hand_over)->Name("hand over and settle one run");

}  // namespace
}  // namespace weir
