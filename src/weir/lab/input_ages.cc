#include "weir/lab/input_ages.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "weir/run/table.h"

namespace weir::lab {
namespace {
namespace fs = std::filesystem;

using Four = std::array<double, 4>;  // mean, p50, p95, p99 in ms
constexpr const char* kFour[] = {"mean_latency_ms", "p50_latency_ms", "p95_latency_ms",
                                 "p99_latency_ms"};

Four four_of(const Histogram& h, double shift_ms) {
  if (h.total() == 0) return {};
  const auto ms = [&](double us) { return us / 1e3 + shift_ms; };
  return {ms(h.mean()), ms(double(h.quantile(0.5))), ms(double(h.quantile(0.95))),
          ms(double(h.quantile(0.99)))};
}

std::string text_of(const Four& four) {
  return fmt::format("{:.3f},{:.3f},{:.3f},{:.3f}", four[0], four[1], four[2], four[3]);
}

// What the origin's own files say of each batch; a file that cannot be read is left out.
std::map<int64_t, Four> origin_rows(const std::string& folder) {
  std::map<int64_t, Four> rows;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error);
       !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const std::string name = at->path().filename().string();
    if (!name.ends_with(".csv") || name.starts_with('.')) continue;
    const auto table = run::Table::read(at->path().string());
    if (!table) continue;
    for (size_t row = 0; row < table->rows(); ++row) {
      const auto batch = table->integer(row, "batch_id");
      if (!batch) continue;
      Four& four = rows[*batch];
      for (size_t i = 0; i < four.size(); ++i) four[i] = table->number(row, kFour[i]).value_or(0);
    }
  }
  return rows;
}

}  // namespace

void InputAges::add(int32_t partition, int64_t offset, Nanos due) {
  Lane& lane = lanes_[partition];
  lane.read = offset + 1;
  if (!lane.waiting.empty()) {
    Run& last = lane.waiting.back();
    if (last.first + last.count == offset && last.due.millis() == due.millis()) {
      ++last.count;
      return;
    }
  }
  lane.waiting.push_back({offset, 1, due});
}

int64_t InputAges::read_up_to(int32_t partition) const {
  const auto found = lanes_.find(partition);
  return found == lanes_.end() ? 0 : found->second.read;
}

void InputAges::pass(int32_t partition, int64_t next,
                     const std::function<void(Nanos, int64_t)>& f) {
  auto& waiting = lanes_[partition].waiting;
  while (!waiting.empty() && waiting.front().first < next) {
    Run& run = waiting.front();
    const int64_t passed = std::min(run.count, next - run.first);
    f(run.due, passed);
    run.first += passed;
    run.count -= passed;
    if (run.count > 0) return;
    waiting.pop_front();
  }
}

std::string batches_csv(const std::vector<SeenBatch>& batches, Nanos trigger,
                        const std::string& origin_csv) {
  const auto origin = origin_csv.empty() ? std::map<int64_t, Four>{} : origin_rows(origin_csv);
  std::string text =
      "batch_id,epoch_sec,batch_events,mean_latency_ms,p50_latency_ms,p95_latency_ms,"
      "p99_latency_ms,seed_mean_latency_ms,seed_p50_latency_ms,seed_p95_latency_ms,"
      "seed_p99_latency_ms,trigger_ms,planned_us,acked_us,committed_us,duration_ms\n";
  for (const auto& batch : batches) {
    // All events of a batch became visible at once, so the origin's figure is a constant less.
    const Nanos second = nanos_from_seconds(double(batch.planned.second()));
    const double shift_ms = -double((batch.committed - second).value) / 1e6;
    const auto own = origin.find(batch.batch);
    const Four seed = own != origin.end() ? own->second : four_of(batch.latency, shift_ms);
    text += fmt::format("{},{},{},{},{},{},{},{},{},{:.3f}\n", batch.batch, batch.planned.second(),
                        batch.latency.total() + batch.latency.overflow(),
                        text_of(four_of(batch.latency, 0)), text_of(seed), trigger.millis(),
                        batch.planned.micros(), batch.committed.micros(), batch.committed.micros(),
                        double((batch.committed - batch.planned).value) / 1e6);
  }
  return text;
}

}  // namespace weir::lab
