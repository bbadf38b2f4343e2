// The brokers of a cluster as one client sees them: connections, who leads which partition of its
// topic, and keeping both up to date while brokers come and go.
//
// Home thread: one; sockets are served only inside turn(), call() and the user's calls.
#pragma once
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "weir/base/result.h"
#include "weir/base/types.h"
#include "weir/kafka/client.h"
#include "weir/kafka/connection.h"
#include "weir/sys/poller.h"
#include "weir/wire/errors.h"
#include "weir/wire/messages/metadata.h"

namespace weir::kafka {

inline constexpr auto kReach = std::chrono::seconds(5);  // how long calls wait for a broker
inline constexpr Nanos kReachPause = nanos_from_millis(20);
// Before a leader that refused is asked again.
inline constexpr auto kRefusalPause = std::chrono::milliseconds(20);
inline constexpr int8_t kReadCommitted = 1;  // isolation level

class Cluster {
 public:
  // Connects and reads metadata: of `topic`, or of all topics when it is empty. kUnreachable when
  // no broker answers within 5 s, kNotFound when the topic does not exist.
  static Result<std::unique_ptr<Cluster>> open(const ClientConfig& client,
                                               const std::string& topic);

  // Gets the answers to requests sent with Connection::send(), and hears of lost connections.
  using OnResponse = std::function<void(Connection&, const Response&)>;
  using OnLost = std::function<void(Connection&)>;
  void set_user(OnResponse on_response, OnLost on_lost);

  // Serves all sockets once, waiting up to `limit` for something to do.
  void turn(Nanos limit);

  int32_t partitions() const { return int32_t(leaders_.size()); }
  // The ready connection to a partition's leader; null while there is none.
  Connection* leader(PartitionId partition);
  // The ready connection to a broker named in metadata; null while there is none.
  Connection* broker(int32_t id);
  // A ready connection to the controller, or to anybody; null while there is none.
  Connection* controller();
  Connection* anybody();
  // Asks for metadata again soon: a leader moved or went away.
  void refresh() { refresh_wanted_ = true; }
  // True when the latest metadata did not have the topic.
  bool topic_missing() const { return topic_missing_; }

  // Sends a request and waits up to 5 s for its answer, serving everything else meanwhile. Picks
  // the highest common version, at most `highest`.
  template <class Answer, class Request>
  Result<Answer> call(Connection& connection, const Request& request, int16_t highest) {
    const auto version = connection.version(Request::kApi, highest);
    if (!version) return tl::unexpected(unspoken(Request::kName));
    called_ = &connection;
    called_correlation_ = connection.send(request, *version);
    const auto response = WEIR_TRY(await(connection));
    return wire::decode<Answer>(response.body, response.version);
  }
  // Metadata of all topics, or of one; learns the brokers from it.
  Result<wire::MetadataResponse> metadata(const std::string& topic);

  Error unreachable() const;
  Error unspoken(const char* what) const;
  const std::string& brokers() const { return client_.brokers; }
  std::string description() const;

 private:
  Cluster(const ClientConfig& client, const std::string& topic, Poller poller)
      : client_(client), topic_(topic), poller_(std::move(poller)) {}

  Connection& connection_to(const Address& address);
  Result<Response> await(Connection& connection);
  void learn(const wire::MetadataResponse& metadata);
  void learn_brokers(const wire::MetadataResponse& metadata);
  void ask_metadata(TimePoint now);
  wire::MetadataRequest metadata_request(const std::string& topic, int16_t version) const;
  void serve(size_t index);
  void watch(size_t index);

  // What the poller knows of a connection.
  struct Watched {
    std::unique_ptr<Connection> connection;
    uint64_t incarnation = 0;
    int fd = -1;
    bool writable = false;
    bool wanted = true;  // kept connected; others only while nobody is
  };

  const ClientConfig client_;
  const std::string topic_;
  Poller poller_;
  std::vector<Watched> connections_;
  std::map<int32_t, size_t> nodes_;  // broker id -> connection
  std::vector<int32_t> leaders_;     // partition -> broker id
  int32_t controller_ = -1;
  OnResponse on_response_;
  OnLost on_lost_;
  bool refresh_wanted_ = false, topic_missing_ = false;
  TimePoint refresh_next_{};
  const Connection* refreshing_ = nullptr;  // awaits a metadata answer with this correlation
  int32_t refresh_correlation_ = 0;
  const Connection* called_ = nullptr;  // the same for call()
  int32_t called_correlation_ = 0;
  std::optional<Response> call_answer_;
};

// "host:port[,host:port]"; kUsage when one of them cannot be read.
Result<std::vector<Address>> parse_brokers(const std::string& brokers);

}  // namespace weir::kafka
