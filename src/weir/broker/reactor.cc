#include "weir/broker/reactor.h"

#include <algorithm>

#include "weir/base/check.h"

namespace weir::broker {
namespace {
// Tags of listeners; connections are numbered from 1.
constexpr uint64_t kListenerTags = uint64_t(1) << 63;
// How long to leave waiting connections alone when no descriptors are left.
constexpr Nanos kAcceptPause = nanos_from_millis(100);
}  // namespace

Result<std::unique_ptr<Reactor>> Reactor::open(Clock& clock, ConnectionLimits limits) {
  Poller poller = WEIR_TRY(Poller::open());
  return std::unique_ptr<Reactor>(new Reactor(clock, limits, std::move(poller)));
}

Reactor::~Reactor() { stop(); }

Status Reactor::listen(std::vector<Fd> listeners, OnAccept on_accept) {
  listeners_ = std::move(listeners);
  on_accept_ = std::move(on_accept);
  for (size_t i = 0; i < listeners_.size(); ++i)
    WEIR_TRY(poller_.add(listeners_[i], {}, kListenerTags + i));
  return {};
}

void Reactor::start(Session& session) {
  session_ = &session;
  on_request_ = [this](Connection& connection, std::span<char> frame) {
    return session_->on_request(connection, frame);
  };
  thread_ = std::thread([this] {
    home_ = std::this_thread::get_id();
    run();
    connections_.clear();
    listeners_.clear();
  });
}

void Reactor::stop() {
  stopping_ = true;
  poller_.wake();
  if (thread_.joinable()) thread_.join();
}

void Reactor::post(Work work) {
  bool wake;
  {
    std::lock_guard lock(mutex_);
    wake = posted_.empty() && advanced_.empty();
    posted_.push_back(std::move(work));
  }
  if (wake) poller_.wake();
}

void Reactor::listen_to_logs(bool on) {
  std::lock_guard lock(mutex_);
  wants_logs_ = on;
}

void Reactor::advanced(const log::PartitionLog* log) {
  bool wake;
  {
    std::lock_guard lock(mutex_);
    if (!wants_logs_) return;
    wake = posted_.empty() && advanced_.empty();
    if (std::find(advanced_.begin(), advanced_.end(), log) == advanced_.end())
      advanced_.push_back(log);
  }
  if (wake) poller_.wake();
}

void Reactor::adopt(Fd socket) {
  auto shared = std::make_shared<Fd>(std::move(socket));  // std::function wants copies
  post([this, shared] {
    const uint64_t id = next_connection_++;
    auto connection = std::make_unique<Connection>(id, std::move(*shared), limits_);
    connection->watched = connection->wanted();
    if (!poller_.add(connection->socket(), connection->watched, id)) return;
    connections_.emplace(id, std::move(connection));
    ++connection_count_;
  });
}

void Reactor::answer(uint64_t id, uint64_t slot, Reply reply) {
  if (!at_home()) {
    auto shared = std::make_shared<Reply>(std::move(reply));
    return post([this, id, slot, shared] { answer(id, slot, std::move(*shared)); });
  }
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  found->second->answer(slot, std::move(reply));
  if (touched_.empty() || touched_.back() != id) touched_.push_back(id);
}

void Reactor::close(Connection& connection) {
  const uint64_t id = connection.id();
  poller_.forget(connection.socket());
  session_->on_closed(connection);
  connections_.erase(id);
  --connection_count_;
}

void Reactor::settle(Connection& connection, Connection::Fate fate) {
  if (fate == Connection::Fate::kClosed) return close(connection);
  const Interest wanted = connection.wanted();
  if (wanted == connection.watched) return;
  connection.watched = wanted;
  if (!poller_.change(connection.socket(), wanted, connection.id())) close(connection);
}

void Reactor::accept_all() {
  for (const auto& listener : listeners_) {
    while (true) {
      auto accepted = accept_tcp(listener);
      if (!accepted) {  // out of descriptors: the waiting ones stay in the queue of the kernel
        accepting_ = false;
        for (const auto& each : listeners_) poller_.forget(each);
        return;
      }
      if (!*accepted) break;
      on_accept_(std::move(**accepted));
    }
  }
}

void Reactor::handle(const Poller::Event& event) {
  if (event.tag >= kListenerTags) return accept_all();
  const auto found = connections_.find(event.tag);
  if (found == connections_.end()) return;  // closed earlier in this turn
  Connection& connection = *found->second;
  auto fate = Connection::Fate::kOpen;
  // One that is not read from at the moment would report its end again and again.
  if (event.broken && !connection.wanted().readable)
    fate = Connection::Fate::kClosed;
  else if (event.readable)
    fate = connection.read(on_request_);
  if (fate == Connection::Fate::kOpen && event.writable) fate = connection.flush(on_request_);
  settle(connection, fate);
}

void Reactor::run_posted() {
  std::vector<Work> work;
  std::vector<const log::PartitionLog*> logs;
  {
    std::lock_guard lock(mutex_);
    work.swap(posted_);
    logs.swap(advanced_);
  }
  for (const auto* log : logs) session_->on_advanced(log);
  for (auto& each : work) each();
}

void Reactor::flush_touched() {
  // Sending may let held back requests in, whose answers touch connections again.
  while (!touched_.empty()) {
    std::vector<uint64_t> touched;
    touched.swap(touched_);
    std::sort(touched.begin(), touched.end());
    touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
    for (const uint64_t id : touched) {
      const auto found = connections_.find(id);
      if (found == connections_.end()) continue;
      Connection& connection = *found->second;
      settle(connection, connection.flush(on_request_));
    }
  }
}

void Reactor::run() {
  while (!stopping_) {
    const auto due = session_->on_turn(clock_.now());
    flush_touched();
    Nanos limit(-1);
    if (due) limit = std::max(Nanos(0), *due - clock_.now());
    if (!accepting_ && (limit.value < 0 || kAcceptPause < limit)) limit = kAcceptPause;
    for (const auto& event : poller_.wait(limit)) handle(event);
    if (!accepting_) {
      accepting_ = true;
      for (size_t i = 0; i < listeners_.size(); ++i)
        if (!poller_.add(listeners_[i], {}, kListenerTags + i)) accepting_ = false;
    }
    run_posted();
    flush_touched();
  }
}

}  // namespace weir::broker
