#include "weir/broker/broker.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>

#include "weir/broker/dispatch.h"

namespace weir::broker {
namespace {

// How often to look whether the store has closed itself to writes.
constexpr Nanos kHealthCheck = nanos_from_seconds(1);

std::string new_member_id(const std::string& stem) {
  return stem.substr(0, 255) + "-" + to_text(random_uuid());
}

class LocalBroker final : public Broker {
 public:
  LocalBroker(Clock& clock, BrokerOptions options)
      : options_(std::move(options)), control_(clock), clock_(clock) {}
  ~LocalBroker() override { end_threads(); }

  Status open(Disk& disk);
  const Address& address() const override { return address_; }
  const std::vector<Address>& others() const override { return others_; }
  Status stop() override;

 private:
  Status open_data(Disk& disk);
  Status open_network();
  void start_threads();
  void end_threads();
  void accept(Fd socket);
  void advanced(const log::PartitionLog& log) {
    for (auto& reactor : reactors_) reactor->advanced(&log);
  }
  std::optional<Nanos> control_turn(Nanos now);

  const BrokerOptions options_;
  Address address_;
  std::vector<Address> others_;
  // Members below are used by those above their line: threads end first (end_threads), and answers
  // that come later find reactors that are stopped but there.
  std::vector<std::unique_ptr<Reactor>> reactors_;
  std::unique_ptr<log::LogStore> store_;
  std::unique_ptr<Catalog> catalog_;
  std::unique_ptr<Coordinator> coordinator_;
  Control control_;
  std::unique_ptr<Services> services_;
  std::vector<std::unique_ptr<Dispatch>> sessions_;
  Clock& clock_;
  bool failure_noted_ = false;
};

Status LocalBroker::open_data(Disk& disk) {
  WEIR_TRY(disk.make_folders(options_.data));
  log::LogStoreOptions options;
  options.folder = options_.data;
  options.defaults = log_config({});
  options.on_advance = [this](log::PartitionLog& log) { advanced(log); };
  store_ = WEIR_TRY(log::LogStore::open(disk, clock_, std::move(options)));
  catalog_ = WEIR_TRY(Catalog::open(disk, *store_, options_.data));
  WEIR_TRY(store_->enforce_retention());  // the limits may have been passed while nothing ran
  auto offsets = WEIR_TRY(CommittedOffsets::open(disk, options_.data + "/offsets"));
  coordinator_ = std::make_unique<Coordinator>(std::move(offsets), new_member_id);
  return {};
}

Status LocalBroker::open_network() {
  auto listeners = WEIR_TRY(listen_tcp(options_.listen));
  address_ = WEIR_TRY(local_address(listeners.front()));
  for (const auto& other : options_.others) {
    auto more = WEIR_TRY(listen_tcp(other.listen));
    others_.push_back(WEIR_TRY(local_address(more.front())));
    std::move(more.begin(), more.end(), std::back_inserter(listeners));
  }
  return reactors_.front()->listen(std::move(listeners),
                                   [this](Fd socket) { accept(std::move(socket)); });
}

Status LocalBroker::open(Disk& disk) {
  for (int i = 0; i < std::max(1, options_.threads); ++i)
    reactors_.push_back(WEIR_TRY(Reactor::open(clock_, ConnectionLimits{})));
  // The address first: a second broker by mistake should not wait for a recovery to learn of it.
  WEIR_TRY(open_network());
  WEIR_TRY(open_data(disk));
  start_threads();
  return {};
}

void LocalBroker::start_threads() {
  if (options_.discard) options_.note("--discard: what is acknowledged is not stored");
  std::map<uint16_t, Address> advertised_at;
  for (size_t i = 0; i < others_.size(); ++i)
    advertised_at[others_[i].port] = options_.others[i].advertised;
  services_ = std::make_unique<Services>(
      Services{*catalog_, *coordinator_, control_, clock_, options_.auto_create, options_.discard,
               options_.default_partitions, options_.advertised, std::move(advertised_at),
               [this](const log::PartitionLog& log) { advanced(log); }});
  control_.start([this](Nanos now) { return control_turn(now); });
  for (auto& reactor : reactors_) {
    sessions_.push_back(std::make_unique<Dispatch>(*services_, *reactor, options_.note));
    reactor->start(*sessions_.back());
  }
}

void LocalBroker::end_threads() {
  for (auto& reactor : reactors_) reactor->stop();
  control_.stop();
}

void LocalBroker::accept(Fd socket) {
  const auto least = std::min_element(
      reactors_.begin(), reactors_.end(),
      [](const auto& a, const auto& b) { return a->connections() < b->connections(); });
  (*least)->adopt(std::move(socket));
}

std::optional<Nanos> LocalBroker::control_turn(Nanos now) {
  if (const auto settled = coordinator_->settle(); !settled)
    options_.note("offsets could not be committed: " + to_text(settled.error()));
  if (!failure_noted_) {
    if (const auto failure = store_->failure()) {
      failure_noted_ = true;
      options_.note("the data folder takes no more writes, reads go on: " + to_text(*failure));
    }
  }
  const Nanos check = now + kHealthCheck;
  const auto due = coordinator_->tick(now);
  return due ? std::min(*due, check) : check;
}

Status LocalBroker::stop() {
  end_threads();
  return store_->close();
}

}  // namespace

Result<std::unique_ptr<Broker>> Broker::start(Disk& disk, Clock& clock, BrokerOptions options) {
  auto broker = std::make_unique<LocalBroker>(clock, std::move(options));
  WEIR_TRY(broker->open(disk));
  return std::unique_ptr<Broker>(std::move(broker));
}

}  // namespace weir::broker
