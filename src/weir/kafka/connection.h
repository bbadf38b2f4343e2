// One TCP connection to a Kafka broker: connects, learns which API versions the broker speaks,
// writes requests and cuts responses out of the stream; reconnects on its own after a failure.
//
// Home thread: one. Nothing here waits: pump() does what is possible at once. Requests may be
// sent while others await their answers; a failure forgets all of them (the user is told once).
#pragma once
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/result.h"
#include "weir/sys/net.h"
#include "weir/wire/api.h"
#include "weir/wire/frame.h"

namespace weir::kafka {

using TimePoint = std::chrono::steady_clock::time_point;

// The bytes of one response; shared by whoever still looks into it, reused afterwards.
struct Frame {
  std::unique_ptr<char[]> bytes;
  size_t capacity = 0, size = 0;
};

struct Response {
  int32_t correlation = 0;
  wire::ApiKey api{};
  int16_t version = 0;
  std::string_view body;  // points into frame
  std::shared_ptr<const Frame> frame;
};

class Connection {
 public:
  enum class State { kDown, kConnecting, kNegotiating, kReady };

  Connection(Address address, std::string client_id)
      : address_(std::move(address)), client_id_(std::move(client_id)) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  const Address& address() const { return address_; }
  State state() const { return state_; }
  bool ready() const { return state_ == State::kReady; }
  const Fd& socket() const { return socket_; }
  bool wants_write() const { return state_ == State::kConnecting || unsent_bytes() > 0; }
  size_t unsent_bytes() const { return out_.size() - written_; }
  size_t awaited() const { return awaited_.size(); }
  const std::string& complaint() const { return complaint_; }
  // Counts connections: a changed number means that earlier requests are lost.
  uint64_t incarnation() const { return incarnation_; }

  // Starts connecting when down and the pause since the last failure is over (20 to 200 ms).
  void connect_if_due(TimePoint now);
  TimePoint next_attempt() const { return next_attempt_; }
  // Reads and writes what is possible, gives each whole response to `on_response`, and fails when
  // the broker hung up or sent nonsense.
  void pump(const std::function<void(const Response&)>& on_response);
  // Fails when connecting takes over 3 s or a request has waited for 60 s.
  void check_limits(TimePoint now);
  // Drops the connection and all its requests.
  void fail(std::string why);

  // The highest version of an API that both sides speak, at most `highest`; empty when none.
  std::optional<int16_t> version(wire::ApiKey api, int16_t highest) const;

  // Queues a request and writes what the socket takes; returns its correlation id. ready() only.
  template <class Request>
  int32_t send(const Request& request, int16_t version) {
    const int32_t id = begin(Request::kApi, version, true);
    wire::append_request(
        out_, {.api_version = version, .correlation_id = id, .client_id = client_id_}, request);
    write();
    return id;
  }
  // The same for a request that gets no answer.
  template <class Request>
  void send_unanswered(const Request& request, int16_t version) {
    const int32_t id = begin(Request::kApi, version, false);
    wire::append_request(
        out_, {.api_version = version, .correlation_id = id, .client_id = client_id_}, request);
    write();
  }

 private:
  struct Awaited {
    int32_t correlation;
    wire::ApiKey api;
    int16_t version;
    TimePoint since;
  };

  int32_t begin(wire::ApiKey api, int16_t version, bool answered);
  bool open_socket();
  void finish_connect();
  void negotiate();
  void learn(std::string_view body);
  void write();
  // Reads into prefix or frame; false when nothing more is there now or it failed.
  bool read_some();
  void finish_frame(const std::function<void(const Response&)>& on_response);
  std::shared_ptr<Frame> take_frame(size_t size);

  const Address address_;
  const std::string client_id_;
  State state_ = State::kDown;
  Fd socket_;
  uint64_t incarnation_ = 0;
  std::string complaint_;
  std::vector<std::string> resolved_;  // socket addresses, as bytes
  size_t resolved_next_ = 0;
  TimePoint next_attempt_{}, attempt_since_{};
  int backoff_ms_ = 0;

  std::string out_;
  size_t written_ = 0;
  int32_t next_correlation_ = 1;
  std::deque<Awaited> awaited_;
  std::map<int16_t, std::pair<int16_t, int16_t>> versions_;

  char prefix_[wire::kFramePrefixBytes];
  size_t prefix_have_ = 0, frame_have_ = 0;
  std::shared_ptr<Frame> frame_;
  bool answered_ = false;                       // anything but ApiVersions, which needs no login
  std::vector<std::shared_ptr<Frame>> frames_;  // ours to reuse once nobody else holds them
};

}  // namespace weir::kafka
