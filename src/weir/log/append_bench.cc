// What the log adds to the disk under it: appends with group commit beside the bare write and
// fdatasync of as many bytes per flush, in the same run. Compare the two by ratio.
#include <benchmark/benchmark.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>

#include "weir/log/store.h"
#include "weir/record/batch_builder.h"

namespace weir::log {
namespace {

constexpr int kPartitions = 4;
constexpr size_t kEventBytes = 231;

std::string temporary_folder() {
  std::string path = (std::filesystem::temp_directory_path() / "weir-bench-XXXXXX").string();
  return mkdtemp(path.data());
}

std::string batch_of_events(int64_t count) {
  record::BatchBuilder builder;
  const std::string event(kEventBytes, 'e');
  for (int64_t i = 0; i < count; ++i) builder.append(1'700'000'000'000 + i, {}, event);
  return std::string(builder.finish());
}

// Appends in flight, bounded as a client bounds its own.
class Window {
 public:
  explicit Window(int64_t most) : most_(most) {}
  void enter() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return inside_ < most_; });
    ++inside_;
  }
  void leave() {
    std::lock_guard lock(mutex_);
    if (--inside_ == most_ - 1 || inside_ == 0) changed_.notify_all();
  }
  void drain() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return inside_ == 0; });
  }

 private:
  const int64_t most_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int64_t inside_ = 0;
};

// Batches of range(0) events into 4 partitions from one thread, range(1) in flight.
void append_group_commit(benchmark::State& state) {
  const std::string batch = batch_of_events(state.range(0));
  auto disk = real_disk();
  SystemClock clock(Anchor::take());
  LogStoreOptions options;
  options.folder = temporary_folder();
  std::atomic<int64_t> flushes{0};
  options.on_advance = [&](PartitionLog&) { ++flushes; };
  auto store = *LogStore::open(*disk, clock, options);
  std::shared_ptr<PartitionLog> logs[kPartitions];
  for (int p = 0; p < kPartitions; ++p) logs[p] = *store->create({"bench", PartitionId(p)});
  Window window(state.range(1));
  int64_t next = 0;
  for (auto _ : state) {
    window.enter();
    const auto result =
        logs[next++ % kPartitions]->append(batch, [&](AppendOutcome) { window.leave(); });
    if (result.outcome != AppendOutcome::kPending) state.SkipWithError("not accepted");
  }
  window.drain();
  state.SetBytesProcessed(next * int64_t(batch.size()));
  state.SetItemsProcessed(next * state.range(0));
  state.counters["bytes/flush"] = double(next) * double(batch.size()) / double(flushes);
  store.reset();
  std::filesystem::remove_all(options.folder);
}
BENCHMARK(append_group_commit)
    ->Args({1, 1})
    ->Args({70, 1})
    ->Args({70, 64})
    ->Args({700, 64})
    ->Args({4000, 16})
    ->UseRealTime()
    ->MeasureProcessCPUTime();

// The disk alone: each of range(0) threads writes range(1) bytes to its file and syncs, again and
// again; one iteration is one such write of every thread.
void bare_write_and_sync(benchmark::State& state) {
  const std::string bytes(size_t(state.range(1)), 'e');
  auto disk = real_disk();
  const std::string folder = temporary_folder();
  const int64_t rounds = 100;
  for (auto _ : state) {
    std::vector<std::thread> threads;
    for (int64_t i = 0; i < state.range(0); ++i) {
      threads.emplace_back([&, i] {
        auto file = *disk->open(folder + "/" + std::to_string(i));
        for (int64_t round = 0; round < rounds; ++round)
          if (!file->append(bytes) || !file->sync()) std::abort();
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  const int64_t writes = int64_t(state.iterations()) * state.range(0) * rounds;
  state.SetBytesProcessed(writes * int64_t(bytes.size()));
  state.SetItemsProcessed(writes);
  std::filesystem::remove_all(folder);
}
BENCHMARK(bare_write_and_sync)
    ->Args({1, 300})
    ->Args({1, 17'000})
    ->Args({4, 150'000})
    ->Args({4, 600'000})
    ->Args({4, 2'000'000})
    ->UseRealTime()
    ->MeasureProcessCPUTime();

}  // namespace
}  // namespace weir::log
