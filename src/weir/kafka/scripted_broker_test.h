// A broker for tests whose answers to Produce and Fetch a test writes itself; one partition per
// number asked for, all of topic "t". It serves in a thread of its own.
#pragma once
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <thread>

#include "weir/base/bytes.h"
#include "weir/base/check.h"
#include "weir/sys/net.h"
#include "weir/wire/frame.h"
#include "weir/wire/messages/fetch.h"
#include "weir/wire/messages/init_producer_id.h"
#include "weir/wire/messages/metadata.h"
#include "weir/wire/messages/produce.h"

namespace weir::kafka {

class ScriptedBroker {
 public:
  // Nothing: the connection is closed without an answer.
  template <class Request, class Response>
  using Script = std::function<std::optional<Response>(const Request&)>;

  // Set before any client connects; called in the broker's thread.
  Script<wire::ProduceRequest, wire::ProduceResponse> on_produce;
  Script<wire::FetchRequest, wire::FetchResponse> on_fetch;
  std::function<std::optional<std::string>()> raw_answer;  // to anything, instead of all else
  std::atomic<int> identities = 0;                         // handed out by InitProducerId
  std::atomic<int> identity_refusals = 0;  // how many times it first answers to come again

  explicit ScriptedBroker(int partitions) : partitions_(partitions) {
    listener_ = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    WEIR_CHECK_EQ(::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address),
                  0);
    WEIR_CHECK_EQ(::listen(listener_.get(), 8), 0);
    socklen_t size = sizeof address;
    getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~ScriptedBroker() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }

  std::string start() {
    thread_ = std::thread([this] { serve(); });
    return "127.0.0.1:" + std::to_string(port_);
  }

 private:
  struct Peer {
    Fd socket;
    std::string in;
  };

  void serve() {
    constexpr int kLookMs = 5;
    while (!stopping_) {
      std::vector<pollfd> polled = {{listener_.get(), POLLIN, 0}};
      for (const Peer& peer : peers_) polled.push_back({peer.socket.get(), POLLIN, 0});
      if (::poll(polled.data(), polled.size(), kLookMs) <= 0) continue;
      size_t i = 1;
      for (auto peer = peers_.begin(); peer != peers_.end(); ++i) {
        const bool keep = !(polled[i].revents) || serve(*peer);
        peer = keep ? std::next(peer) : peers_.erase(peer);
      }
      if (polled[0].revents)
        peers_.push_back({Fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC)), {}});
    }
  }

  bool serve(Peer& peer) {
    char bytes[1 << 16];
    const ssize_t n = ::recv(peer.socket.get(), bytes, sizeof bytes, 0);
    if (n <= 0) return false;
    peer.in.append(bytes, size_t(n));
    while (true) {
      const auto size = wire::frame_bytes(peer.in);
      if (!size || !*size || **size > peer.in.size()) return bool(size);
      const auto answer = answer_to(std::string_view(peer.in).substr(
          wire::kFramePrefixBytes, **size - wire::kFramePrefixBytes));
      peer.in.erase(0, **size);
      if (!answer) return false;
      if (::send(peer.socket.get(), answer->data(), answer->size(), MSG_NOSIGNAL) < 0) return false;
    }
  }

  std::optional<std::string> answer_to(std::string_view frame) {
    if (raw_answer) return raw_answer();
    const auto header = wire::take_request_header(frame).value();
    switch (wire::ApiKey(header.api_key)) {
      case wire::ApiKey::kApiVersions:
        return written(header, wire::api_versions());
      case wire::ApiKey::kMetadata:
        return written(header, metadata());
      case wire::ApiKey::kInitProducerId: {
        wire::InitProducerIdResponse response;
        if (identity_refusals > 0) {
          --identity_refusals;
          response.error = wire::ErrorCode::kCoordinatorLoadInProgress;
          return written(header, response);
        }
        response.producer_id = 1000 + identities++;
        return written(header, response);
      }
      case wire::ApiKey::kProduce:
        return scripted(header, frame, on_produce);
      case wire::ApiKey::kFetch:
        return scripted(header, frame, on_fetch);
      default:
        return std::nullopt;
    }
  }

  template <class Request, class Response>
  std::optional<std::string> scripted(const wire::RequestHeader& header, std::string_view body,
                                      const Script<Request, Response>& script) {
    const auto request = wire::decode<Request>(body, header.api_version).value();
    const auto response = script(request);
    if (!response) return std::nullopt;
    return written(header, *response);
  }

  template <class Response>
  static std::string written(const wire::RequestHeader& header, const Response& response) {
    std::string out;
    wire::append_response(out, header.api_version, header.correlation_id, response);
    return out;
  }

  wire::MetadataResponse metadata() const {
    wire::MetadataResponse response;
    response.controller_id = 1;
    response.brokers.push_back({1, "127.0.0.1", port_, std::nullopt});
    auto& topic = response.topics.emplace_back();
    topic.name = "t";
    for (int p = 0; p < partitions_; ++p) {
      auto& partition = topic.partitions.emplace_back();
      partition.partition = p;
      partition.leader_id = 1;
      partition.replica_nodes = partition.isr_nodes = {1};
    }
    return response;
  }

  const int partitions_;
  Fd listener_;
  uint16_t port_ = 0;
  std::list<Peer> peers_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace weir::kafka
