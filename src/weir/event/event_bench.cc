// Events per second and core: making them, reading them, auditing them.
//   cmake --preset release -DWEIR_BENCH=ON && cmake --build build/release --target
//   weir_event_event_bench
#include <benchmark/benchmark.h>

#include <filesystem>
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
