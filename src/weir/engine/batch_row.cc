#include "weir/engine/batch_row.h"

#include <fmt/format.h>

#include <vector>

#include "weir/base/parse_number.h"

namespace weir::engine {
namespace {
Histogram shifted(const Histogram& from, int64_t shift_us) {
  Histogram to;
  from.for_each([&](int64_t low, int64_t high, int64_t count) {
    to.record((low + high) / 2 + shift_us, count);
  });
  if (from.overflow() > 0) to.record(Histogram::kHighestMicros + 1, from.overflow());
  return to;
}

BatchRow::Latency latency_of(const Histogram& h, double shift_ms) {
  if (h.total() == 0) return {};
  const auto ms = [&](double us) { return us / 1000 + shift_ms; };
  return {ms(h.mean()), ms(double(h.quantile(0.5))), ms(double(h.quantile(0.95))),
          ms(double(h.quantile(0.99)))};
}

// Walks over the cells of a line; any that is missing or no number makes it invalid.
class Cells {
 public:
  explicit Cells(std::string_view line) : rest_(line) {}
  std::string_view next() {
    if (ended_) valid_ = false;
    const size_t comma = rest_.find(',');
    const auto cell = rest_.substr(0, comma);
    ended_ = comma == std::string_view::npos;
    rest_.remove_prefix(ended_ ? rest_.size() : comma + 1);
    return cell;
  }
  template <class T>
  void read(T& value) {
    const auto parsed = parse_number<T>(next());
    valid_ = valid_ && parsed.has_value();
    value = parsed.value_or(value);
  }
  void read_or_empty(int64_t& value) {
    if (rest_.starts_with(','))
      next();
    else
      read(value);
  }
  void read_us(Nanos& value) {
    int64_t us = 0;
    read(us);
    value = nanos_from_micros(us);
  }
  void read(BatchRow::Latency& latency) {
    for (double* value : {&latency.mean, &latency.p50, &latency.p95, &latency.p99}) read(*value);
  }
  bool valid_to_end() const { return valid_ && ended_; }

 private:
  std::string_view rest_;
  bool ended_ = false, valid_ = true;
};
}  // namespace

const char* BatchRow::header() {
  return "batch_id,epoch_sec,batch_events,mean_latency_ms,p50_latency_ms,p95_latency_ms,"
         "p99_latency_ms,seed_mean_latency_ms,seed_p50_latency_ms,seed_p95_latency_ms,"
         "seed_p99_latency_ms,attempt,trigger_ms,planned_us,started_us,read_done_us,acked_us,"
         "committed_us,duration_ms,malformed,foreign,backlog_after,plan_us,offsets_us,output_us,"
         "record_us,commit_us,query";
}

std::string BatchRow::text() const {
  const auto four = [](const Latency& l) {
    return fmt::format("{:.3f},{:.3f},{:.3f},{:.3f}", l.mean, l.p50, l.p95, l.p99);
  };
  const double duration_ms = committed.value == 0 ? 0 : double((committed - planned).value) / 1e6;
  return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{:.3f},{},{},{},{},{},{},{},{},{}", batch,
                     planned.second(), events, four(latency), four(seed), attempt, trigger_ms,
                     planned.micros(), started.micros(), read_done.micros(), acked.micros(),
                     committed.micros(), duration_ms, malformed, foreign,
                     backlog_after < 0 ? "" : std::to_string(backlog_after),
                     (started - planned).micros(), offsets_cost.micros(), output_cost.micros(),
                     record_cost.micros(), commit_cost.micros(), query);
}

std::optional<BatchRow> BatchRow::parse(std::string_view line) {
  BatchRow row;
  Cells cells(line);
  int64_t epoch_sec = 0, plan_us = 0;
  double duration_ms = 0;
  cells.read(row.batch);
  cells.read(epoch_sec);
  cells.read(row.events);
  cells.read(row.latency);
  cells.read(row.seed);
  cells.read(row.attempt);
  cells.read(row.trigger_ms);
  for (Nanos* instant : {&row.planned, &row.started, &row.read_done, &row.acked, &row.committed})
    cells.read_us(*instant);
  cells.read(duration_ms);
  cells.read(row.malformed);
  cells.read(row.foreign);
  cells.read_or_empty(row.backlog_after);
  cells.read(plan_us);
  for (Nanos* cost : {&row.offsets_cost, &row.output_cost, &row.record_cost, &row.commit_cost})
    cells.read_us(*cost);
  row.query = cells.next();
  if (!cells.valid_to_end()) return std::nullopt;
  return row;
}

void fill_latencies(BatchRow& row, const Histogram& ages, Nanos reference,
                    const Histogram& visible) {
  Histogram latency = shifted(ages, (row.acked - reference).micros());
  latency.merge(visible);
  row.latency = latency_of(latency, 0);
  const Nanos whole_second(row.planned.second() * 1'000'000'000);
  row.seed = latency_of(ages, double((whole_second - reference).value) / 1e6);
}

}  // namespace weir::engine
