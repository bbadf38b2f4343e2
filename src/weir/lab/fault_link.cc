// Faults on the link between engine and broker, by weir's own proxy: link:cut, link:delay,
// link:throttle, and sink:slow, which holds Produce requests only.
#include <fmt/format.h>

#include <algorithm>

#include "weir/lab/fault_actions.h"
#include "weir/proxy/link_probe.h"
#include "weir/proxy/link_proxy.h"

namespace weir::lab {
namespace {

using proxy::Counts;
using proxy::LinkProbe;

// A request that has no answer for so long, where it usually takes a millisecond, is stalled.
constexpr Nanos kStalled = nanos_from_millis(200);
// How long bytes are counted before a rate is told.
constexpr Nanos kRateSpan = nanos_from_millis(500);
// What a proxy that keeps time to a millisecond may be early or late.
constexpr Nanos kSlack = nanos_from_millis(1);
// A rate is held over small portions; the first may be ahead of its time.
constexpr double kRateSlack = 1.1;
constexpr double kRateMin = 1000;  // bytes per second; below it nothing is under way
constexpr Nanos kProbePause = nanos_from_millis(20);

class LinkFault : public FaultAction {
 public:
  explicit LinkFault(const FaultSpec& spec) : spec_(spec) {}

  Status prepare(const FaultTargets& targets, Nanos now) override {
    if (targets.link == nullptr) return {};  // begin() tells
    if (!first_) first_ = Reading{now, targets.link->counts()};
    const bool is_probed = spec_.kind == "link:cut" || spec_.kind == "link:delay";
    if (is_probed && !usual_) WEIR_TRY(ask(targets, now, usual_));
    return {};
  }

  Status begin(const FaultTargets& targets, Nanos now) override {
    if (targets.link == nullptr)
      return fail(Code::kFailed, spec_.kind + " has no link to act on",
                  "this step's engine reaches its broker directly");
    probe_.reset();
    begun_ = {now, targets.link->counts()};
    if (!first_) first_ = begun_;
    targets.link->set(WEIR_TRY(policy(targets.link->counts(), now)));
    return {};
  }

  Result<std::optional<std::string>> effect(const FaultTargets& targets, Nanos now) override {
    const Counts counts = targets.link->counts();
    if (spec_.kind == "sink:slow") return slow_sink(counts);
    if (spec_.kind == "link:throttle") return throttled(counts, now);
    std::optional<LinkProbe::Answer> answer;
    WEIR_TRY(ask(targets, now, answer));
    if (spec_.kind == "link:delay") return delayed(answer);
    return spec_.cut == "reset" ? reset(counts, answer, now) : stalled(counts, answer, now);
  }

  std::optional<bool> noticed(const FaultTargets&) override { return std::nullopt; }
  Nanos mend_at(const FaultTimes& times) const override { return *times.injected + spec_.pause; }

  Status mend(const FaultTargets& targets) override {
    targets.link->set({});
    probe_.reset();
    return {};
  }

  // Once the broker answers over the link again.
  Result<std::optional<bool>> mended(const FaultTargets& targets, Nanos now) override {
    std::optional<LinkProbe::Answer> answer;
    WEIR_TRY(ask(targets, now, answer));
    return answer && answer->answered;
  }

  Result<bool> undone(const FaultTargets&, const FaultTimes&) override { return true; }

  bool give_up(const FaultTargets& targets) override {
    if (targets.link != nullptr) targets.link->set({});
    return false;
  }

 private:
  struct Reading {
    Nanos at;
    Counts counts;
  };

  Result<proxy::Policy> policy(const Counts& counts, Nanos now) {
    proxy::Policy policy;
    if (spec_.kind == "link:cut") {
      policy.cut = spec_.cut == "reset" ? proxy::Cut::kReset : proxy::Cut::kBlackhole;
    } else if (spec_.kind == "link:delay") {
      policy.delay_up = policy.delay_down = spec_.delay;
    } else if (spec_.kind == "sink:slow") {
      policy.hold_produce = spec_.delay;
    } else {
      const double span = (now - first_->at).seconds();
      usual_rate_ = span <= 0 ? 0 : double(passed(counts) - passed(first_->counts)) / span;
      rate_ = spec_.throttle > 0 ? spec_.throttle : usual_rate_ / 2;
      if (rate_ < kRateMin)
        return fail(Code::kFailed, "nothing passed the link before it was to be throttled",
                    fmt::format("{:.0f} bytes per second are left when it is halved", rate_),
                    "set faults.throttle to a number of bytes per second");
      policy.bytes_per_s_up = policy.bytes_per_s_down = rate_;
    }
    return policy;
  }

  static uint64_t passed(const Counts& counts) { return counts.bytes_down; }

  // One probe after the other, each on a connection of its own.
  Status ask(const FaultTargets& targets, Nanos now, std::optional<LinkProbe::Answer>& answer) {
    if (!probe_) {
      if (now < next_probe_) return {};
      probe_ = WEIR_TRY_IN("probe", LinkProbe::start(targets.link->address(), now));
    }
    answer = probe_->poll(now);
    if (!answer) return {};
    probe_.reset();
    next_probe_ = now + kProbePause;
    return {};
  }

  std::string usually() const {
    return usual_ && usual_->answered
               ? fmt::format(", {:.1f} ms before", usual_->took.exact_millis())
               : std::string();
  }

  std::optional<std::string> reset(const Counts& counts,
                                   const std::optional<LinkProbe::Answer>& answer, Nanos now) {
    if (!answer || answer->answered) return std::nullopt;
    return fmt::format("{} connections reset within {:.1f} ms; a new one: {}",
                       counts.reset - begun_.counts.reset, (now - begun_.at).exact_millis(),
                       answer->trouble);
  }

  std::optional<std::string> stalled(const Counts& counts,
                                     const std::optional<LinkProbe::Answer>& answer, Nanos now) {
    // What was under way when the link was cut may pass still.
    const bool passes =
        counts.bytes_down != begun_.counts.bytes_down || counts.bytes_up != begun_.counts.bytes_up;
    if (answer || passes) begun_ = {now, counts};
    if (!probe_ || now - std::max(probe_->begun(), begun_.at) < kStalled) return std::nullopt;
    return fmt::format("no answer in {:.0f} ms{}, and no byte passed on {} connections",
                       kStalled.exact_millis(), usually(), counts.open);
  }

  std::optional<std::string> delayed(const std::optional<LinkProbe::Answer>& answer) {
    if (!answer || !answer->answered || answer->took + kSlack < spec_.delay * 2)
      return std::nullopt;
    return fmt::format("a request took {:.1f} ms there and back{}", answer->took.exact_millis(),
                       usually());
  }

  std::optional<std::string> throttled(const Counts& counts, Nanos now) {
    const Nanos span = now - begun_.at;
    if (span < kRateSpan || counts.held_down + counts.held_up == 0) return std::nullopt;
    const double rate = double(passed(counts) - passed(begun_.counts)) / span.seconds();
    if (rate > rate_ * kRateSlack) return std::nullopt;
    return fmt::format(
        "{:.0f} kB/s towards the engine in {:.0f} ms, {:.0f} kB/s before, and {:.0f} kB waited",
        rate / 1e3, span.exact_millis(), usual_rate_ / 1e3,
        double(counts.held_down + counts.held_up) / 1e3);
  }

  std::optional<std::string> slow_sink(const Counts& counts) {
    if (counts.produces == begun_.counts.produces || counts.latest_produce + kSlack < spec_.delay)
      return std::nullopt;
    return fmt::format("a Produce request was answered after {:.1f} ms, {:.1f} ms before",
                       counts.latest_produce.exact_millis(),
                       begun_.counts.latest_produce.exact_millis());
  }

  FaultSpec spec_;
  std::optional<Reading> first_;  // in the second before
  Reading begun_;
  std::optional<LinkProbe> probe_;
  std::optional<LinkProbe::Answer> usual_;
  Nanos next_probe_;
  double usual_rate_ = 0, rate_ = 0;  // bytes per second towards the engine
};

}  // namespace

std::unique_ptr<FaultAction> make_link_fault(const FaultSpec& spec) {
  return std::make_unique<LinkFault>(spec);
}

}  // namespace weir::lab
