#include "weir/kafka/connection.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "weir/base/bytes.h"
#include "weir/base/check.h"

namespace weir::kafka {
namespace {

using std::chrono::milliseconds;
constexpr int kBackoffFirstMs = 20, kBackoffMostMs = 200;
constexpr auto kConnectLimit = std::chrono::seconds(3);
constexpr auto kAnswerLimit = std::chrono::seconds(60);
// Frames below this size share buffers of it.
constexpr size_t kFrameBytesLeast = 4 << 10;
constexpr size_t kFramesKept = 8;

// The numeric addresses of a host, IPv4 first: that is where brokers on "localhost" listen.
std::vector<std::string> resolve(const Address& address, std::string& why) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code =
      getaddrinfo(address.host.c_str(), std::to_string(address.port).c_str(), &hints, &found);
  if (code != 0) {
    why = "cannot resolve " + address.host + ": " + gai_strerror(code);
    return {};
  }
  std::vector<std::string> all;
  for (const addrinfo* at = found; at; at = at->ai_next)
    all.emplace_back(reinterpret_cast<const char*>(at->ai_addr), at->ai_addrlen);
  freeaddrinfo(found);
  std::stable_sort(all.begin(), all.end(), [](const std::string& a, const std::string& b) {
    return reinterpret_cast<const sockaddr*>(a.data())->sa_family == AF_INET &&
           reinterpret_cast<const sockaddr*>(b.data())->sa_family != AF_INET;
  });
  return all;
}

}  // namespace

void Connection::fail(std::string why) {
  complaint_ = address_.text() + ": " + std::move(why);
  socket_.close();
  state_ = State::kDown;
  ++incarnation_;
  out_.clear();
  written_ = 0;
  awaited_.clear();
  prefix_have_ = frame_have_ = 0;
  frame_.reset();
  answered_ = false;
  backoff_ms_ = std::clamp(backoff_ms_ * 2, kBackoffFirstMs, kBackoffMostMs);
  next_attempt_ = std::chrono::steady_clock::now() + milliseconds(backoff_ms_);
}

void Connection::connect_if_due(TimePoint now) {
  if (state_ != State::kDown || now < next_attempt_) return;
  attempt_since_ = now;
  if (!open_socket()) return;
  state_ = State::kConnecting;
}

bool Connection::open_socket() {
  std::string why;
  if (resolved_next_ >= resolved_.size()) {
    resolved_ = resolve(address_, why);
    resolved_next_ = 0;
    if (resolved_.empty()) {
      fail(why);
      return false;
    }
  }
  const std::string& to = resolved_[resolved_next_++];
  const auto* where = reinterpret_cast<const sockaddr*>(to.data());
  socket_ = Fd(::socket(where->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket_) {
    fail(std::strerror(errno));
    return false;
  }
  const int on = 1;
  setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (::connect(socket_.get(), where, socklen_t(to.size())) != 0 && errno != EINPROGRESS) {
    const bool others_left = resolved_next_ < resolved_.size();
    fail(std::strerror(errno));
    if (others_left) next_attempt_ = {};
    return false;
  }
  return true;
}

void Connection::finish_connect() {
  int error = 0;
  socklen_t size = sizeof error;
  sockaddr_storage peer;
  socklen_t peer_size = sizeof peer;
  getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    const bool others_left = resolved_next_ < resolved_.size();
    fail(std::strerror(error));
    if (others_left) next_attempt_ = {};
    return;
  }
  if (getpeername(socket_.get(), reinterpret_cast<sockaddr*>(&peer), &peer_size) != 0) return;
  --resolved_next_;  // this address works: the next attempt begins with it
  negotiate();
}

// ApiVersions is asked in its oldest version, which every broker answers.
void Connection::negotiate() {
  state_ = State::kNegotiating;
  send(wire::ApiVersionsRequest{}, 0);
}

void Connection::learn(std::string_view body) {
  const auto answer = wire::decode<wire::ApiVersionsResponse>(body, 0);
  if (!answer || answer->error != wire::ErrorCode::kNone)
    return fail("it does not speak the Kafka protocol");
  versions_.clear();
  for (const auto& api : answer->apis) versions_[api.api_key] = {api.min_version, api.max_version};
  state_ = State::kReady;
  backoff_ms_ = 0;
}

std::optional<int16_t> Connection::version(wire::ApiKey api, int16_t highest) const {
  const auto found = versions_.find(int16_t(api));
  if (found == versions_.end()) return std::nullopt;
  const auto [theirs_first, theirs_last] = found->second;
  const wire::Api& ours = wire::api_of(api);
  const int16_t version = std::min({highest, theirs_last, ours.last});
  if (version < std::max(theirs_first, ours.first)) return std::nullopt;
  return version;
}

int32_t Connection::begin(wire::ApiKey api, int16_t version, bool answered) {
  WEIR_CHECK(state_ == State::kReady || api == wire::ApiKey::kApiVersions);
  const int32_t id = next_correlation_;
  next_correlation_ = next_correlation_ == INT32_MAX ? 1 : next_correlation_ + 1;
  if (answered) awaited_.push_back({id, api, version, std::chrono::steady_clock::now()});
  return id;
}

void Connection::write() {
  while (written_ < out_.size()) {
    const ssize_t n =
        ::send(socket_.get(), out_.data() + written_, out_.size() - written_, MSG_NOSIGNAL);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (n <= 0) return;  // pump() sees the failure when it reads
    written_ += size_t(n);
  }
  out_.clear();
  written_ = 0;
}

void Connection::pump(const std::function<void(const Response&)>& on_response) {
  if (state_ == State::kDown) return;
  if (state_ == State::kConnecting) finish_connect();
  if (state_ == State::kDown) return;
  if (state_ == State::kConnecting) return;
  write();
  const uint64_t before = incarnation_;
  while (incarnation_ == before && read_some())
    if (frame_ && frame_have_ == frame_->size) finish_frame(on_response);
}

void Connection::check_limits(TimePoint now) {
  const bool connecting = state_ == State::kConnecting || state_ == State::kNegotiating;
  if (connecting && now - attempt_since_ > kConnectLimit)
    fail("no answer within 3 s");
  else if (!awaited_.empty() && now - awaited_.front().since > kAnswerLimit)
    fail("a request had no answer within 60 s");
}

bool Connection::read_some() {
  char* into = frame_ ? frame_->bytes.get() + frame_have_ : prefix_ + prefix_have_;
  const size_t room = frame_ ? frame_->size - frame_have_ : sizeof prefix_ - prefix_have_;
  const ssize_t n = ::recv(socket_.get(), into, room, 0);
  if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) return false;
  if (n <= 0) {
    const bool turned_away = ready() && !answered_ && !awaited_.empty();
    fail(n < 0         ? std::strerror(errno)
         : turned_away ? "the broker closed the connection at the first request"
                       : "the broker closed the connection");
    return false;
  }
  if (frame_) {
    frame_have_ += size_t(n);
    return true;
  }
  prefix_have_ += size_t(n);
  if (prefix_have_ < sizeof prefix_) return true;
  const auto size = load_be<int32_t>(prefix_);
  // A TLS record of kind alert or handshake, version 3.x (RFC 8446, 5.1) where a length should be.
  if ((prefix_[0] == 0x15 || prefix_[0] == 0x16) && prefix_[1] == 0x03) {
    fail("its listener speaks TLS");
    return false;
  }
  if (size <= 0 || size > wire::kFrameBytesMax) {
    fail("it sent a frame of " + std::to_string(size) + " bytes");
    return false;
  }
  frame_ = take_frame(size_t(size));
  frame_have_ = 0;
  return true;
}

std::shared_ptr<Frame> Connection::take_frame(size_t size) {
  for (auto& frame : frames_)
    if (frame.use_count() == 1 && frame->capacity >= size) {
      frame->size = size;
      return frame;
    }
  auto frame = std::make_shared<Frame>();
  frame->capacity = std::max(size, kFrameBytesLeast);
  // Not zeroed: it is read in full before anybody looks at it.
  frame->bytes = std::make_unique_for_overwrite<char[]>(frame->capacity);
  frame->size = size;
  if (frames_.size() >= kFramesKept) {
    const auto free = std::find_if(frames_.begin(), frames_.end(),
                                   [](const auto& f) { return f.use_count() == 1; });
    if (free == frames_.end()) return frame;
    frames_.erase(free);
  }
  frames_.push_back(frame);
  return frame;
}

void Connection::finish_frame(const std::function<void(const Response&)>& on_response) {
  const std::shared_ptr<Frame> frame = std::move(frame_);
  frame_.reset();
  prefix_have_ = frame_have_ = 0;
  if (awaited_.empty()) return fail("it answered what was not asked");
  const Awaited asked = awaited_.front();
  std::string_view body(frame->bytes.get(), frame->size);
  const auto id = wire::take_response_header(body, wire::api_of(asked.api), asked.version);
  if (!id || *id != asked.correlation) return fail("its answers are out of order");
  awaited_.pop_front();
  if (asked.api == wire::ApiKey::kApiVersions) return learn(body);
  answered_ = true;
  on_response({asked.correlation, asked.api, asked.version, body, frame});
}

}  // namespace weir::kafka
