// event:poison: malformed events among the load, one to each partition of the input topic.
#include <fmt/format.h>

#include "weir/kafka/producer.h"
#include "weir/lab/fault_actions.h"

namespace weir::lab {
namespace {

constexpr std::string_view kPoison = R"({"event_id": "poison", and here the JSON ends)";

class Poison : public FaultAction {
 public:
  // A producer takes a moment to know its topic.
  Status prepare(const FaultTargets& targets, Nanos) override {
    if (producer_) return {};
    producer_ =
        WEIR_TRY(kafka::Producer::open(targets.broker.client(), targets.topic, {.linger_ms = 0}));
    return {};
  }

  Status begin(const FaultTargets& targets, Nanos now) override {
    WEIR_TRY(prepare(targets, now));
    const kafka::Record record{{}, kPoison, {}, -1};
    for (int32_t p = 0; p < producer_->partitions(); ++p)
      if (producer_->send(PartitionId(p), {&record, 1}, uint64_t(p)) == 1) ++sent_;
    return {};
  }

  Result<std::optional<std::string>> effect(const FaultTargets&, Nanos) override {
    std::string trouble;
    producer_->poll(Nanos(0), [&](const kafka::DeliveryReport& report) {
      if (report.delivery != kafka::Delivery::kAcked)
        trouble = report.error;
      else
        where_ += fmt::format("{}{}:{}", where_.empty() ? "" : ", ", report.partition.value,
                              report.offset_first);
      acked_ += int64_t(report.count);
    });
    if (!trouble.empty())
      return fail(Code::kFailed, "a malformed event could not be written", trouble);
    if (acked_ < sent_) return std::nullopt;
    return fmt::format("{} malformed events acknowledged, partition:offset {}", acked_, where_);
  }

  std::optional<bool> noticed(const FaultTargets&) override { return std::nullopt; }
  Nanos mend_at(const FaultTimes& times) const override { return *times.death_proved; }
  Status mend(const FaultTargets&) override {
    producer_.reset();
    return {};
  }
  Result<std::optional<bool>> mended(const FaultTargets&, Nanos) override {
    return std::optional<bool>();  // what is in the topic stays there
  }
  Result<bool> undone(const FaultTargets&, const FaultTimes&) override { return true; }
  bool give_up(const FaultTargets&) override { return false; }
  int64_t poisoned() const override { return acked_; }

 private:
  std::unique_ptr<kafka::Producer> producer_;
  int64_t sent_ = 0, acked_ = 0;
  std::string where_;
};

}  // namespace

std::unique_ptr<FaultAction> make_poison() { return std::make_unique<Poison>(); }

}  // namespace weir::lab
