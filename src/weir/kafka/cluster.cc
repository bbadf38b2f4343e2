#include "weir/kafka/cluster.h"

#include <algorithm>

#include "weir/kafka/failures.h"

namespace weir::kafka {
namespace {
using std::chrono::milliseconds;
using std::chrono::steady_clock;
constexpr auto kRefreshPause = milliseconds(20);
// Metadata is asked in versions below the flexible ones.
constexpr int16_t kMetadataVersion = 8;
constexpr Nanos kWaitMost = nanos_from_millis(100);

Nanos until(TimePoint then, TimePoint now) {
  return Nanos(std::max<int64_t>(
      0, std::chrono::duration_cast<std::chrono::nanoseconds>(then - now).count()));
}
}  // namespace

Result<std::vector<Address>> parse_brokers(const std::string& brokers) {
  std::vector<Address> all;
  for (size_t begin = 0; begin <= brokers.size();) {
    const size_t end = std::min(brokers.find(',', begin), brokers.size());
    std::string text = brokers.substr(begin, end - begin);
    if (constexpr std::string_view kScheme = "PLAINTEXT://"; text.starts_with(kScheme))
      text = text.substr(kScheme.size());
    if (text.find(':') == std::string::npos) text += ":9092";
    all.push_back(WEIR_TRY(Address::parse(text)));
    begin = end + 1;
  }
  return all;
}

Result<std::unique_ptr<Cluster>> Cluster::open(const ClientConfig& client,
                                               const std::string& topic) {
  const auto addresses = WEIR_TRY(parse_brokers(client.brokers));
  std::unique_ptr<Cluster> cluster(new Cluster(client, topic, WEIR_TRY(Poller::open())));
  for (const Address& address : addresses) cluster->connection_to(address);
  const auto end = steady_clock::now() + kReach;
  while (!cluster->anybody()) {
    const auto now = steady_clock::now();
    if (now >= end) return tl::unexpected(cluster->unreachable());
    cluster->turn(until(end, now));
  }
  auto found = WEIR_TRY(cluster->metadata(topic));
  cluster->learn(found);
  if (!topic.empty() && cluster->leaders_.empty())
    return tl::unexpected(missing_topic(topic, client.brokers));
  return cluster;
}

void Cluster::set_user(OnResponse on_response, OnLost on_lost) {
  on_response_ = std::move(on_response);
  on_lost_ = std::move(on_lost);
}

Connection& Cluster::connection_to(const Address& address) {
  for (auto& watched : connections_)
    if (watched.connection->address() == address) return *watched.connection;
  connections_.push_back({std::make_unique<Connection>(address, client_.client_id)});
  return *connections_.back().connection;
}

void Cluster::turn(Nanos limit) {
  const auto now = steady_clock::now();
  Nanos wait = std::min(limit, kWaitMost);
  const bool alone = !anybody();
  for (size_t i = 0; i < connections_.size(); ++i) {
    auto& watched = connections_[i];
    watched.connection->check_limits(now);
    if (watched.wanted || alone) {
      watched.connection->connect_if_due(now);
      if (watched.connection->state() == Connection::State::kDown)
        wait = std::min(wait, until(watched.connection->next_attempt(), now));
    }
    watch(i);
  }
  ask_metadata(now);
  if (refresh_wanted_ && !alone) wait = std::min(wait, until(refresh_next_, now));
  const auto events = poller_.wait(wait);
  for (const auto& event : events) serve(size_t(event.tag));
}

void Cluster::serve(size_t index) {
  Connection& connection = *connections_[index].connection;
  const bool was_ready = connection.ready();
  connection.pump([&](const Response& response) {
    if (&connection == refreshing_ && response.correlation == refresh_correlation_) {
      refreshing_ = nullptr;
      if (auto found = wire::decode<wire::MetadataResponse>(response.body, response.version))
        learn(*found);
    } else if (&connection == called_ && response.correlation == called_correlation_) {
      call_answer_ = response;
    } else if (on_response_) {
      on_response_(connection, response);
    }
  });
  if (!was_ready && connection.ready()) refresh();
  watch(index);
}

// Tells the poller what it should know of a connection, and the user when it was lost.
void Cluster::watch(size_t index) {
  Watched& watched = connections_[index];
  Connection& connection = *watched.connection;
  if (connection.incarnation() != watched.incarnation) {
    // Its socket was closed, which also made the poller forget it.
    watched.incarnation = connection.incarnation();
    watched.fd = -1;
    if (refreshing_ == &connection) refreshing_ = nullptr;
    refresh();
    if (on_lost_) on_lost_(connection);
  }
  if (!connection.socket()) return;
  const bool writable = connection.wants_write();
  const Interest interest{true, writable};
  if (watched.fd != connection.socket().get()) {
    watched.fd = connection.socket().get();
    watched.writable = writable;
    if (auto added = poller_.add(connection.socket(), interest, index); !added)
      connection.fail(added.error().why);
  } else if (watched.writable != writable) {
    watched.writable = writable;
    if (auto changed = poller_.change(connection.socket(), interest, index); !changed)
      connection.fail(changed.error().why);
  }
}

Connection* Cluster::anybody() {
  for (auto& watched : connections_)
    if (watched.connection->ready()) return watched.connection.get();
  return nullptr;
}

Connection* Cluster::controller() {
  Connection* connection = broker(controller_);
  return connection ? connection : anybody();
}

Connection* Cluster::broker(int32_t id) {
  const auto found = nodes_.find(id);
  if (found == nodes_.end()) return nullptr;
  auto& watched = connections_[found->second];
  watched.wanted = true;
  return watched.connection->ready() ? watched.connection.get() : nullptr;
}

Connection* Cluster::leader(PartitionId partition) {
  return broker(leaders_[size_t(partition.value)]);
}

wire::MetadataRequest Cluster::metadata_request(const std::string& topic, int16_t version) const {
  wire::MetadataRequest request;
  request.allow_auto_topic_creation = false;
  // Before version 4 naming a topic may create it, so all are asked for.
  constexpr int16_t kMayForbidCreation = 4;
  if (!topic.empty() && version >= kMayForbidCreation)
    request.topics.emplace().push_back({.name = topic});
  return request;
}

void Cluster::ask_metadata(TimePoint now) {
  if (!refresh_wanted_ || refreshing_ || now < refresh_next_) return;
  Connection* connection = anybody();
  if (!connection) return;
  const auto version = connection->version(wire::ApiKey::kMetadata, kMetadataVersion);
  if (!version) return;
  refresh_wanted_ = false;
  refresh_next_ = now + kRefreshPause;
  refreshing_ = connection;
  refresh_correlation_ = connection->send(metadata_request(topic_, *version), *version);
}

Result<wire::MetadataResponse> Cluster::metadata(const std::string& topic) {
  const auto end = steady_clock::now() + kReach;
  while (!anybody()) {
    const auto now = steady_clock::now();
    if (now >= end) return tl::unexpected(unreachable());
    turn(until(end, now));
  }
  Connection& connection = *anybody();
  const auto version = connection.version(wire::ApiKey::kMetadata, kMetadataVersion);
  if (!version) return tl::unexpected(unspoken("Metadata"));
  auto found = WEIR_TRY(
      call<wire::MetadataResponse>(connection, metadata_request(topic, *version), *version));
  learn_brokers(found);
  return found;
}

Result<Response> Cluster::await(Connection& connection) {
  const uint64_t incarnation = connection.incarnation();
  const auto end = steady_clock::now() + kReach;
  call_answer_.reset();
  while (!call_answer_) {
    const auto now = steady_clock::now();
    if (now >= end || connection.incarnation() != incarnation) {
      called_ = nullptr;
      return tl::unexpected(unreachable());
    }
    turn(until(end, now));
  }
  called_ = nullptr;
  return std::move(*std::exchange(call_answer_, std::nullopt));
}

void Cluster::learn_brokers(const wire::MetadataResponse& metadata) {
  nodes_.clear();
  controller_ = metadata.controller_id;
  for (auto& watched : connections_) watched.wanted = false;
  for (const auto& broker : metadata.brokers) {
    if (broker.port <= 0 || broker.port > UINT16_MAX) continue;
    const Connection& connection = connection_to({broker.host, uint16_t(broker.port)});
    for (size_t i = 0; i < connections_.size(); ++i)
      if (connections_[i].connection.get() == &connection) nodes_[broker.node_id] = i;
  }
}

void Cluster::learn(const wire::MetadataResponse& metadata) {
  learn_brokers(metadata);
  const auto found = std::find_if(metadata.topics.begin(), metadata.topics.end(),
                                  [&](const auto& topic) { return topic.name == topic_; });
  topic_missing_ = !topic_.empty() && (found == metadata.topics.end() ||
                                       found->error == wire::ErrorCode::kUnknownTopicOrPartition);
  if (found != metadata.topics.end() && found->error == wire::ErrorCode::kNone) {
    // A client serves the partitions that were there when it was opened.
    if (leaders_.empty()) leaders_.resize(found->partitions.size());
    std::fill(leaders_.begin(), leaders_.end(), -1);
    for (const auto& partition : found->partitions)
      if (partition.partition >= 0 && size_t(partition.partition) < leaders_.size())
        leaders_[size_t(partition.partition)] = partition.leader_id;
  }
  // A partition without a known leader is asked about again.
  for (const int32_t id : leaders_) {
    broker(id);
    refresh_wanted_ |= !nodes_.contains(id);
  }
}

Error Cluster::unreachable() const {
  std::string why;
  for (const auto& watched : connections_)
    if (!watched.connection->complaint().empty()) why = watched.connection->complaint();
  return unreachable_brokers(client_.brokers, why);
}

Error Cluster::unspoken(const char* what) const {
  return Error{Code::kFailed, "the broker cannot be used", std::string("it does not offer ") + what,
               "try -X weir.client=librdkafka"};
}

std::string Cluster::description() const {
  std::string text =
      std::to_string(nodes_.size()) + (nodes_.size() == 1 ? " broker:" : " brokers:");
  const char* between = " ";
  for (const auto& [node, index] : nodes_) {
    text += between + connections_[index].connection->address().text();
    between = ", ";
  }
  return text;
}

}  // namespace weir::kafka
