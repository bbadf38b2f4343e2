#include "weir/lab/embedded_broker.h"

#include <poll.h>
#include <unistd.h>

#include "weir/lab/fault_plan.h"
#include "weir/sys/clock.h"
#include "weir/sys/net.h"

namespace weir::lab {
namespace {

constexpr Nanos kBrokerReadyLimit = nanos_from_seconds(20);

}  // namespace

Status EmbeddedBroker::begin_step(const StepPlace& place) {
  place_ = place;
  if (!link_ && !context_.discard && needs_link(context_.plan))
    link_ = WEIR_TRY_IN("link", proxy::LinkProxy::start());
  return launch("127.0.0.1:0", "127.0.0.1:0");
}

Status EmbeddedBroker::launch(const std::string& listen, const std::string& other) {
  ChildOptions options;
  options.arguments = {context_.program, "broker", "--listen",
                       listen,           "--data", place_.data + "/broker"};
  if (context_.discard) options.arguments.push_back("--discard");
  if (link_)
    options.arguments.insert(options.arguments.end(),
                             {"--also-listen", other + "=" + link_->address().text()});
  options.environment["WEIR_ANCHOR"] = context_.anchor.text();
  options.log = place_.log_prefix + "broker.log";
  options.stdout_pipe = true;
  options.cores = context_.cores;
  child_ = WEIR_TRY_IN("broker", TrackedChild::start(options, context_.guard));
  said_.clear();
  ready_ = false;
  limit_ = SystemClock(context_.anchor).now() + kBrokerReadyLimit;
  return {};
}

Result<bool> EmbeddedBroker::ready() {
  if (ready_) return true;
  pollfd waiting{child_->child().stdout_fd(), POLLIN, 0};
  const bool ended = child_->child().poll().has_value();
  if (poll(&waiting, 1, 0) > 0) {
    char buffer[256];
    const ssize_t n = read(waiting.fd, buffer, sizeof buffer);
    if (n > 0) said_.append(buffer, size_t(n));
  }
  if (said_.find('\n') == std::string::npos) {
    if (!ended && SystemClock(context_.anchor).now() < limit_) return false;
  } else if (auto ready = said_ready(); !ready || *ready) {
    return ready;
  }
  return fail(Code::kFailed, "the broker did not become ready",
              log_tail(place_.log_prefix + "broker.log"),
              "read " + place_.log_prefix + "broker.log");
}

// "weir broker ready on A, also on B, data in ...": the addresses as they are bound.
Result<bool> EmbeddedBroker::said_ready() {
  const auto address_after = [this](const std::string& words) {
    const size_t at = said_.find(words);
    if (at == std::string::npos) return std::string();
    const size_t from = at + words.size();
    return said_.substr(from, said_.find_first_of(", ", from) - from);
  };
  const std::string address = address_after("ready on ");
  if (address.empty()) return false;
  if (link_) {
    other_ = address_after(", also on ");
    WEIR_TRY_IN("link", link_->lead_to(WEIR_TRY(Address::parse(other_))));
  }
  client_.brokers = address;
  ready_ = true;
  return true;
}

void EmbeddedBroker::end_step() {
  if (child_) child_->stop(nanos_from_seconds(5));
  child_.reset();
}

NamedProcesses EmbeddedBroker::processes() {
  if (!child_) return {};
  return {{"broker", child_->id()}};
}

Status EmbeddedBroker::restart() { return launch(client_.brokers, other_); }

std::string EmbeddedBroker::description() const { return "weir broker " WEIR_VERSION; }

}  // namespace weir::lab
