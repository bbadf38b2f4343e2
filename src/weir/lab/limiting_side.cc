#include "weir/lab/limiting_side.h"

#include <fmt/format.h>

#include <algorithm>

#include "weir/lab/experiments.h"
#include "weir/lab/resources.h"
#include "weir/stats/interval.h"

namespace weir::lab {
namespace {

constexpr double kBusy = 0.85;        // of what a side has: it had no more to give
constexpr double kHandedOver = 0.99;  // of what was due; below, the generator's threads were full
constexpr double kAcknowledged = 0.97;
constexpr int64_t kAckSecondsLeast = 3;
constexpr double kDiskBusy = 0.9;    // of the time
constexpr double kFixedCost = 0.30;  // of the trigger
constexpr double kSkew = 2;          // times its even share of the backlog in one partition
constexpr double kBacklogLeast = 1;  // triggers (or seconds) of load, for a skew to mean anything

double share_of(double part, double whole) { return whole > 0 ? part / whole : 0; }

// Seconds in which a process could have worked: the generator ends with the load.
double lifetime_of(const StepData& data, const std::string& process) {
  const Nanos until = process == "generator" ? data.end : data.drained;
  return std::max((until - data.start).seconds(), 0.1);
}

double cores_used(const StepData& data, const run::Step& step, const std::string& process) {
  const auto found = step.cpu_seconds.find(process);
  return found == step.cpu_seconds.end() ? 0 : found->second / lifetime_of(data, process);
}

std::string shares_text(const StepData& data, const run::Step& step) {
  std::string text;
  for (const auto& [process, cpu] : step.cpu_seconds)
    text += fmt::format("{}{} {:.0f}%", text.empty() ? "" : ", ", process,
                        100 * cores_used(data, step, process));
  return text;
}

int64_t tasks_of(const StepData& data) {
  return std::min(data.spec.partitions, data.spec.parallelism);
}

class Evidence {
 public:
  Evidence(const StepData& data, const run::Step& step, Nanos from, Nanos to)
      : data_(data), step_(step), from_(from), to_(to) {}

  std::vector<run::Limit> all() {
    generator();
    broker();
    disk();
    cores();
    engine();
    partitions();
    skew();
    fixed_cost();
    return std::move(limits_);
  }

 private:
  void add(const char* side, double share, std::string evidence) {
    limits_.push_back({side, share, std::move(evidence)});
  }

  void generator() {
    if (!step_.sent_eps || !step_.offered_eps || step_.refused > 0) return;
    const double share = share_of(*step_.sent_eps, *step_.offered_eps);
    if (share < kHandedOver)
      add("generator", share,
          fmt::format("it handed over {:.0f}% of what was due although its client had room",
                      100 * share));
  }

  // What its client's queue could not take is seen at once; what still found room there is seen by
  // acknowledgements that come later and later.
  void broker() {
    if (!step_.acked_eps || !step_.offered_eps) return;
    double share = acknowledged_meanwhile();
    if (step_.refused > 0) share = std::min(share, share_of(*step_.acked_eps, *step_.offered_eps));
    if (share >= kAcknowledged) return;
    std::string text = fmt::format("it acknowledged {:.0f}% of what was offered", 100 * share);
    if (step_.refused > 0)
      text += fmt::format(", and {} events found the client's queue full",
                          rate_text(double(step_.refused)));
    if (const auto load = disk_load_of(data_.resources))
      text += fmt::format(
          "; it used {:.1f} cores, and the disk of its data was busy {:.0f}% of the "
          "time",
          cores_used(data_, step_, "broker"), 100 * load->busy_share);
    add("broker", share, text);
  }

  // Events due within a time W are acknowledged within W and by how much later the last of them are
  // acknowledged after they were due than the first. 1 where that cannot be told.
  double acknowledged_meanwhile() const {
    std::optional<std::pair<int64_t, double>> first, last;  // second, ms from due to acknowledged
    for (size_t row = 0; row < data_.offered.rows(); ++row) {
      const auto second = data_.offered.integer(row, "second");
      const auto delay = data_.offered.number(row, "ack_mean_ms");
      if (!second || !delay || *second < from_.second() || *second >= to_.second()) continue;
      last = {*second, *delay};
      if (!first) first = last;
    }
    if (!first || last->first - first->first < kAckSecondsLeast) return 1;
    const double span = double(last->first - first->first);
    const double later = std::max(0.0, (last->second - first->second) / 1e3);
    return span / (span + later);
  }

  // A broker that flushes before it acknowledges has always a request on its way to a disk that is
  // its limit.
  void disk() {
    const auto load = disk_load_of(data_.resources);
    if (load && load->busy_share >= kDiskBusy)
      add("disk", load->busy_share,
          fmt::format("that of the data was busy {:.0f}% of the time, with {:.0f} MB/s written",
                      100 * load->busy_share, load->written_bytes_per_s / 1e6));
  }

  // All that there are; where broker and engine have some for themselves, these.
  void cores() {
    double used = 0;
    for (const auto& [process, cpu] : step_.cpu_seconds)
      if (data_.target_cores == 0 || is_target(process)) used += cores_used(data_, step_, process);
    const int64_t has = target_cores();
    if (has > 0 && used >= kBusy * double(has))
      add("cores", used / double(has),
          fmt::format("{:.1f} of {}{} in use ({})", used, has,
                      data_.target_cores > 0 ? " that broker and engine have" : "",
                      shares_text(data_, step_)));
  }

  static bool is_target(const std::string& process) {
    return process != "generator" && process != "observer";
  }
  int64_t target_cores() const { return data_.target_cores > 0 ? data_.target_cores : data_.cores; }

  // Its tasks are threads: each can use a core, and no more than there are.
  void engine() {
    const int64_t tasks = tasks_of(data_);
    const double has = double(std::min<int64_t>(tasks, std::max<int64_t>(target_cores(), 1)));
    const double used = cores_used(data_, step_, "engine");
    if (used >= kBusy * has && has > 0) {
      add("engine", used / has,
          fmt::format("its {} task{} {:.2f} cores", tasks, tasks == 1 ? " uses" : "s use", used));
      return;
    }
    const double busy =
        share_of(step_.processed_eps.value_or(0) * data_.spec.added_us / 1e6, double(tasks));
    if (busy >= kBusy)
      add("engine", busy,
          fmt::format("its {} task{} {:.0f}% of the time in the {:g} us added to each event", tasks,
                      tasks == 1 ? " spends" : "s spend", 100 * busy, data_.spec.added_us));
  }

  void partitions() {
    if (data_.spec.partitions >= data_.spec.parallelism) return;
    add("partitions", share_of(data_.spec.partitions, data_.spec.parallelism),
        fmt::format("{} partition{} keep{} only {} of {} workers busy", data_.spec.partitions,
                    data_.spec.partitions == 1 ? "" : "s", data_.spec.partitions == 1 ? "s" : "",
                    data_.spec.partitions, data_.spec.parallelism));
  }

  // What each partition was behind when the load ended, by the last receipt before.
  void skew() {
    const std::map<int32_t, int64_t>* read_to = nullptr;
    for (const auto& seen : data_.observed.results)
      if (seen.at <= data_.end && !seen.input_end.empty()) read_to = &seen.input_end;
    if (read_to == nullptr || data_.spec.partitions < 2) return;
    std::map<int32_t, double> behind;
    for (const auto& [partition, next] : *read_to) behind[partition] = -double(next);
    for (const auto& ledger : data_.ledgers)
      for (const auto& range : ledger.ranges)
        if (range.outcome == Outcome::kAcked)
          behind[int32_t(range.partition)] += double(range.last - range.first + 1);
    double total = 0;
    std::pair<int32_t, double> most{0, 0};
    for (const auto& [partition, events] : behind) {
      total += std::max(events, 0.0);
      if (events > most.second) most = {partition, events};
    }
    const double span = std::max(data_.spec.trigger.seconds(), 0.2) * kBacklogLeast;
    if (total < span * data_.spec.rate_eps) return;
    const double share = most.second / total, even = 1.0 / double(data_.spec.partitions);
    if (share >= kSkew * even)
      add("skew", share,
          fmt::format("partition {} holds {:.0f}% of the backlog, {:.0f}% would be even",
                      most.first, 100 * share, 100 * even));
  }

  // What a batch costs however few its events are: planning, output and commit, of batches.csv.
  void fixed_cost() {
    const double trigger_ms = data_.spec.trigger.seconds() * 1e3;
    if (trigger_ms <= 0) return;
    std::vector<double> costs;
    for (size_t row = 0; row < data_.batches.rows(); ++row) {
      const auto planned = data_.batches.integer(row, "planned_us");
      if (!planned || nanos_from_micros(*planned) < from_ || nanos_from_micros(*planned) >= to_)
        continue;
      double us = 0;
      for (const char* column : {"plan_us", "output_us", "record_us", "commit_us"})
        us += data_.batches.number(row, column).value_or(0);
      costs.push_back(us / 1e3);
    }
    const double middle = stats::quantile(costs, 0.5).value_or(0);
    if (middle >= kFixedCost * trigger_ms)
      add("fixed_cost", middle / trigger_ms,
          fmt::format("a batch spends {:.0f} ms on planning, output and commit, {:.0f}% of the "
                      "trigger",
                      middle, 100 * middle / trigger_ms));
  }

  const StepData& data_;
  const run::Step& step_;
  const Nanos from_, to_;
  std::vector<run::Limit> limits_;
};

}  // namespace

std::vector<run::Limit> limits_of(const StepData& data, const run::Step& step, Nanos from,
                                  Nanos to) {
  return Evidence(data, step, from, to).all();
}

std::string limits_text(const std::vector<run::Limit>& limits, const StepData& data,
                        const run::Step& step) {
  std::string text;
  for (const auto& limit : limits) {
    std::string side = limit.side;
    std::replace(side.begin(), side.end(), '_', ' ');
    text += fmt::format("{}{}: {}", text.empty() ? "" : "; ", side, limit.evidence);
  }
  if (text.empty())
    text = fmt::format("not found: no process was at its limit ({})", shares_text(data, step));
  return text;
}

}  // namespace weir::lab
