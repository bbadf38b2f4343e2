#include "weir/proxy/link_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "weir/proxy/frame_scanner.h"
#include "weir/proxy/pipe.h"
#include "weir/sys/clock.h"
#include "weir/sys/poller.h"

namespace weir::proxy {
namespace {

constexpr uint64_t kListenerTags = uint64_t(1) << 62;
constexpr int16_t kProduce = 0;  // its number among Kafka's APIs
constexpr size_t kProducesMax = 10'000;
constexpr Nanos kThrottleTurn = nanos_from_millis(2);

// Lets a rate through in small portions: at most 20 ms of it at once, and never less than a frame's
// head needs.
class Bucket {
 public:
  size_t room(double rate, Nanos now) {
    if (rate <= 0) return SIZE_MAX;
    const double most = std::max(rate * 0.02, 2048.0);
    tokens_ = std::min(tokens_ + rate * std::max(0.0, (now - at_).seconds()), most);
    at_ = now;
    return size_t(std::max(0.0, tokens_));
  }
  void take(size_t bytes) { tokens_ -= double(bytes); }

 private:
  double tokens_ = 0;
  Nanos at_;
};

struct Side {
  Fd socket;
  Pipe pipe;           // what is to be written to this side
  Interest interest;   // as the poller knows it
  bool ended = false;  // it sends no more
  bool told = false;   // it knows that the other side sends no more
};

struct Connection {
  uint64_t id = 0;
  Side engine, broker;
  bool connecting = true;
  FrameScanner requests{Direction::kRequests}, answers{Direction::kAnswers};
  std::map<int32_t, Nanos> produces;  // correlation of those under way -> when they were read
};

// Its end is a reset, not a goodbye.
void make_abrupt(const Fd& socket) {
  const linger hard{1, 0};
  setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
}

Result<sockaddr_storage> numeric(const Address& address, socklen_t& size) {
  sockaddr_storage where{};
  auto& v4 = reinterpret_cast<sockaddr_in&>(where);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(where);
  if (inet_pton(AF_INET, address.host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET, v4.sin_port = htons(address.port), size = sizeof v4;
  } else if (inet_pton(AF_INET6, address.host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6, v6.sin6_port = htons(address.port), size = sizeof v6;
  } else {
    return fail(Code::kUsage, "cannot lead a link to " + address.text(),
                "its host is no numeric address");
  }
  return where;
}

class LocalLinkProxy final : public LinkProxy {
 public:
  LocalLinkProxy(std::vector<Fd> listeners, Address address, Poller poller)
      : listeners_(std::move(listeners)), address_(std::move(address)), poller_(std::move(poller)) {
    thread_ = std::thread([this] { run(); });
  }
  ~LocalLinkProxy() override {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    poller_.wake();
    thread_.join();
  }

  const Address& address() const override { return address_; }
  Status lead_to(const Address& broker) override {
    socklen_t size = 0;
    const sockaddr_storage where = WEIR_TRY(numeric(broker, size));
    std::lock_guard lock(mutex_);
    if (size == size_ && std::memcmp(&where, &where_, size) == 0) return {};
    where_ = where, size_ = size;
    moved_ = true;
    poller_.wake();
    return {};
  }
  void set(const Policy& policy) override {
    std::lock_guard lock(mutex_);
    wanted_ = policy;
    changed_ = true;
    poller_.wake();
  }
  Counts counts() const override {
    std::lock_guard lock(mutex_);
    return published_;
  }

 private:
  using Connections = std::map<uint64_t, Connection>;

  void run();
  bool take_orders();
  void apply(const Policy& policy);
  void watch_all(bool on);
  void accept(const Fd& listener);
  void on_event(Connection& connection, bool of_engine, const Poller::Event& event);
  bool read_from(Connection& connection, bool of_engine);
  void add_requests(Connection& connection, std::string_view bytes);
  void note_answers(Connection& connection, std::string_view bytes);
  bool flush(Connection& connection);
  bool hand_on(Side& to, Side& from, bool up);
  void update_interest(Side& side, const Side& other, uint64_t tag, bool must_write);
  void reset(Connections::iterator at);
  void reset_all();
  Nanos patience() const;
  void flush_all();
  void publish();

  const std::vector<Fd> listeners_;
  const Address address_;
  Poller poller_;
  SystemClock clock_{Anchor::take()};

  mutable std::mutex mutex_;
  Policy wanted_;  // guarded by mutex_, as the next four lines
  sockaddr_storage where_{};
  socklen_t size_ = 0;
  bool changed_ = false, moved_ = false, stopping_ = false;
  Counts published_;

  // The thread's own.
  Policy policy_;
  sockaddr_storage broker_{};
  socklen_t broker_size_ = 0;
  Connections connections_;
  uint64_t next_id_ = 1, first_served_ = 0;
  Counts counts_;
  Bucket up_, down_;
  Nanos now_;
  std::array<char, 1 << 16> buffer_;
  std::thread thread_;
};

void LocalLinkProxy::run() {
  watch_all(true);
  while (true) {
    const auto events = poller_.wait(patience());
    // Before the events: a connection that came after an order is served by it.
    if (!take_orders()) break;
    for (const auto& event : events) {
      if (policy_.cut == Cut::kBlackhole) break;
      if (event.tag >= kListenerTags) {
        accept(listeners_[size_t(event.tag - kListenerTags)]);
        continue;
      }
      const auto found = connections_.find(event.tag / 2);
      if (found != connections_.end()) on_event(found->second, event.tag % 2 == 0, event);
    }
    now_ = clock_.now();
    if (policy_.cut != Cut::kBlackhole) flush_all();
    publish();
  }
  connections_.clear();
}

// What was asked for since the last turn; false: to end.
bool LocalLinkProxy::take_orders() {
  Policy policy;
  bool changed = false, moved = false;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return false;
    policy = wanted_;
    changed = std::exchange(changed_, false);
    moved = std::exchange(moved_, false);
    broker_ = where_, broker_size_ = size_;
  }
  now_ = clock_.now();
  if (moved) reset_all();
  if (changed) apply(policy);
  return true;
}

void LocalLinkProxy::apply(const Policy& policy) {
  const bool was_dark = policy_.cut == Cut::kBlackhole, is_dark = policy.cut == Cut::kBlackhole;
  policy_ = policy;
  if (policy.cut == Cut::kReset) reset_all();
  if (was_dark != is_dark) watch_all(!is_dark);
}

// In the dark no descriptor is watched, for a hang-up is reported without being asked for.
void LocalLinkProxy::watch_all(bool on) {
  for (size_t i = 0; i < listeners_.size(); ++i) {
    if (!on)
      poller_.forget(listeners_[i]);
    else [[maybe_unused]]
      auto added = poller_.add(listeners_[i], {}, kListenerTags + i);
  }
  for (auto& [id, connection] : connections_)
    for (Side* side : {&connection.engine, &connection.broker}) {
      if (!on)
        poller_.forget(side->socket);
      else [[maybe_unused]]
        auto added = poller_.add(side->socket, side->interest,
                                 id * 2 + (side == &connection.engine ? 0 : 1));
    }
}

void LocalLinkProxy::accept(const Fd& listener) {
  while (true) {
    auto accepted = accept_tcp(listener);
    if (!accepted || !*accepted) return;
    Fd engine = std::move(**accepted);
    ++counts_.opened;
    Fd broker;
    if (policy_.cut != Cut::kReset && broker_size_ > 0)
      broker = Fd(socket(broker_.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (broker) {
      const int on = 1;
      setsockopt(broker.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      const int done =
          connect(broker.get(), reinterpret_cast<const sockaddr*>(&broker_), broker_size_);
      if (done != 0 && errno != EINPROGRESS) broker.close();
    }
    if (!broker) {
      make_abrupt(engine);
      ++counts_.reset;
      continue;
    }
    const uint64_t id = next_id_++;
    Connection& connection = connections_[id];
    connection.id = id;
    connection.engine.socket = std::move(engine);
    connection.broker.socket = std::move(broker);
    connection.broker.interest = {true, true};
    const auto watched = poller_.add(connection.engine.socket, connection.engine.interest, id * 2);
    const auto both = poller_.add(connection.broker.socket, connection.broker.interest, id * 2 + 1);
    if (!watched || !both) reset(connections_.find(id));
  }
}

void LocalLinkProxy::on_event(Connection& connection, bool of_engine, const Poller::Event& event) {
  const auto self = connections_.find(connection.id);
  if (connection.connecting && !of_engine) {
    int reason = 0;
    socklen_t size = sizeof reason;
    getsockopt(connection.broker.socket.get(), SOL_SOCKET, SO_ERROR, &reason, &size);
    if (reason != 0) return reset(self);
    if (!event.writable) return;
    connection.connecting = false;
  }
  Side& side = of_engine ? connection.engine : connection.broker;
  const Pipe& room = of_engine ? connection.broker.pipe : connection.engine.pipe;
  const bool may_read = !side.ended && !room.is_full();
  // A hang-up would be reported again and again; nobody waits for these bytes any more.
  if (event.broken && !may_read) return reset(self);
  if (event.readable && may_read && !read_from(connection, of_engine)) reset(self);
}

// False when the connection is broken.
bool LocalLinkProxy::read_from(Connection& connection, bool of_engine) {
  Side& side = of_engine ? connection.engine : connection.broker;
  const ssize_t n = ::recv(side.socket.get(), buffer_.data(), buffer_.size(), 0);
  if (n < 0) return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
  if (n == 0) {
    side.ended = true;
    return true;
  }
  const std::string_view bytes(buffer_.data(), size_t(n));
  if (of_engine) {
    add_requests(connection, bytes);
  } else {
    note_answers(connection, bytes);
    connection.engine.pipe.add(bytes, now_ + policy_.delay_down);
  }
  return true;
}

// Cut where a Produce request begins, which may have to wait.
void LocalLinkProxy::add_requests(Connection& connection, std::string_view bytes) {
  Pipe& pipe = connection.broker.pipe;
  size_t from = 0;
  Nanos release = now_ + policy_.delay_up;
  connection.requests.scan(bytes, [&](const FrameHead& head) {
    if (head.api != kProduce) return;
    if (connection.produces.size() < kProducesMax) connection.produces[head.correlation] = now_;
    if (policy_.hold_produce.value == 0) return;
    pipe.add(bytes.substr(from, head.at - from), release);
    from = head.at;
    release = now_ + policy_.delay_up + policy_.hold_produce;
  });
  pipe.add(bytes.substr(from), release);
}

void LocalLinkProxy::note_answers(Connection& connection, std::string_view bytes) {
  connection.answers.scan(bytes, [&](const FrameHead& head) {
    const auto asked = connection.produces.find(head.correlation);
    if (asked == connection.produces.end()) return;
    ++counts_.produces;
    counts_.latest_produce = now_ - asked->second;
    connection.produces.erase(asked);
  });
}

// Writes what may leave to `to`; false when that is broken.
bool LocalLinkProxy::hand_on(Side& to, Side& from, bool up) {
  Bucket& bucket = up ? up_ : down_;
  const double rate = up ? policy_.bytes_per_s_up : policy_.bytes_per_s_down;
  const auto sent = to.pipe.send_to(to.socket, now_, bucket.room(rate, now_));
  if (!sent) return false;
  if (rate > 0) bucket.take(*sent);
  (up ? counts_.bytes_up : counts_.bytes_down) += *sent;
  if (from.ended && to.pipe.is_empty() && !to.told) {
    ::shutdown(to.socket.get(), SHUT_WR);
    to.told = true;
  }
  return true;
}

void LocalLinkProxy::update_interest(Side& side, const Side& other, uint64_t tag, bool must_write) {
  const Interest interest{!side.ended && !other.pipe.is_full(),
                          must_write || side.pipe.is_blocked()};
  if (interest == side.interest) return;
  side.interest = interest;
  [[maybe_unused]] auto changed = poller_.change(side.socket, interest, tag);
}

// False when it has ended.
bool LocalLinkProxy::flush(Connection& connection) {
  Side &engine = connection.engine, &broker = connection.broker;
  if (!connection.connecting && !hand_on(broker, engine, true)) return false;
  if (!hand_on(engine, broker, false)) return false;
  if (engine.told && broker.told) return false;
  update_interest(engine, broker, connection.id * 2, false);
  update_interest(broker, engine, connection.id * 2 + 1, connection.connecting);
  return true;
}

// Each turn begins with another connection, so that a throttled link is shared.
void LocalLinkProxy::flush_all() {
  if (connections_.empty()) return;
  auto at = connections_.upper_bound(first_served_);
  if (at == connections_.end()) at = connections_.begin();
  first_served_ = at->first;
  std::vector<uint64_t> order;
  for (auto each = at; each != connections_.end(); ++each) order.push_back(each->first);
  for (auto each = connections_.begin(); each != at; ++each) order.push_back(each->first);
  for (const uint64_t id : order) {
    const auto found = connections_.find(id);
    if (flush(found->second)) continue;
    const bool parted = found->second.engine.told && found->second.broker.told;
    if (parted)
      connections_.erase(found);
    else
      reset(found);
  }
}

void LocalLinkProxy::reset(Connections::iterator at) {
  make_abrupt(at->second.engine.socket);
  make_abrupt(at->second.broker.socket);
  connections_.erase(at);
  ++counts_.reset;
}

void LocalLinkProxy::reset_all() {
  while (!connections_.empty()) reset(connections_.begin());
}

// How long nothing need be done unless a socket or an order says otherwise.
Nanos LocalLinkProxy::patience() const {
  if (policy_.cut == Cut::kBlackhole) return Nanos(-1);
  Nanos limit(-1);
  const auto within = [&limit](Nanos span) {
    limit = limit.value < 0 ? span : std::min(limit, span);
  };
  for (const auto& [id, connection] : connections_)
    for (const Side* side : {&connection.engine, &connection.broker}) {
      const auto next = side->pipe.next();
      if (!next || side->pipe.is_blocked()) continue;
      if (side == &connection.broker && connection.connecting) continue;
      within(*next > now_ ? *next - now_ : kThrottleTurn);
    }
  return limit;
}

void LocalLinkProxy::publish() {
  counts_.open = connections_.size();
  counts_.held_up = counts_.held_down = 0;
  for (const auto& [id, connection] : connections_) {
    counts_.held_up += connection.broker.pipe.held();
    counts_.held_down += connection.engine.pipe.held();
  }
  std::lock_guard lock(mutex_);
  published_ = counts_;
}

}  // namespace

Result<std::unique_ptr<LinkProxy>> LinkProxy::start() {
  auto listeners = WEIR_TRY(listen_tcp({"127.0.0.1", 0}));
  const Address address = WEIR_TRY(local_address(listeners.front()));
  Poller poller = WEIR_TRY(Poller::open());
  return std::make_unique<LocalLinkProxy>(std::move(listeners), address, std::move(poller));
}

}  // namespace weir::proxy
