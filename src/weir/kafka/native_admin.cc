#include "weir/kafka/native_admin.h"

#include <algorithm>
#include <chrono>

#include "weir/kafka/failures.h"
#include "weir/wire/messages/create_topics.h"
#include "weir/wire/messages/delete_topics.h"
#include "weir/wire/messages/describe_configs.h"
#include "weir/wire/messages/list_offsets.h"

namespace weir::kafka {
namespace {

using std::chrono::steady_clock;
using wire::ErrorCode;

// The highest versions with plain lengths; ListOffsets needs no later one.
constexpr int16_t kCreateTopicsVersion = 4, kDeleteTopicsVersion = 3, kListOffsetsVersion = 2;
constexpr int16_t kDescribeConfigsVersion = 1;
constexpr int8_t kBrokerResource = 4;
constexpr int64_t kLatest = -1, kEarliest = -2;
constexpr int32_t kRequestLimitMs = 4000;  // below the 5 s that a call waits

}  // namespace

Result<std::unique_ptr<Admin>> NativeAdmin::open(const ClientConfig& client) {
  return std::make_unique<NativeAdmin>(WEIR_TRY(Cluster::open(client, {})));
}

Result<Connection*> NativeAdmin::controller() {
  const auto end = steady_clock::now() + kReach;
  while (true) {
    if (Connection* connection = cluster_->controller()) return connection;
    if (steady_clock::now() >= end) return tl::unexpected(cluster_->unreachable());
    cluster_->turn(kReachPause);
  }
}

Status NativeAdmin::create_topic(const std::string& name, int32_t partitions, int32_t replication,
                                 const std::map<std::string, std::string>& config) {
  wire::CreateTopicsRequest request;
  request.timeout_ms = kRequestLimitMs;
  auto& topic = request.topics.emplace_back();
  topic.name = name;
  topic.num_partitions = partitions;
  topic.replication_factor = int16_t(std::clamp<int32_t>(replication, -1, INT16_MAX));
  for (const auto& [key, value] : config) topic.configs.push_back({key, value});
  Connection* connection = WEIR_TRY(controller());
  const auto answer = WEIR_TRY(
      cluster_->call<wire::CreateTopicsResponse>(*connection, request, kCreateTopicsVersion));
  for (const auto& made : answer.topics)
    if (made.error != ErrorCode::kNone)
      return tl::unexpected(refusal(int16_t(made.error), "creating topic " + name,
                                    cluster_->brokers(), made.error_message.value_or("")));
  await_leaders(name);
  return {};
}

// A controller answers once it decided; the brokers hear of it a moment later. Whoever opens the
// topic at once should find it, so the wait is here; it ends by itself on a cluster that lags.
void NativeAdmin::await_leaders(const std::string& name) {
  const auto end = steady_clock::now() + kReach;
  while (steady_clock::now() < end) {
    const auto found = cluster_->metadata(name);
    if (!found) return;
    for (const auto& topic : found->topics)
      if (topic.error == ErrorCode::kNone && topic.name == name && !topic.partitions.empty() &&
          std::all_of(topic.partitions.begin(), topic.partitions.end(),
                      [](const auto& one) { return one.leader_id >= 0; }))
        return;
    cluster_->turn(kReachPause);
  }
}

Status NativeAdmin::delete_topic(const std::string& name) {
  wire::DeleteTopicsRequest request;
  request.topic_names = {name};
  request.timeout_ms = kRequestLimitMs;
  Connection* connection = WEIR_TRY(controller());
  const auto answer = WEIR_TRY(
      cluster_->call<wire::DeleteTopicsResponse>(*connection, request, kDeleteTopicsVersion));
  for (const auto& gone : answer.topics)
    if (gone.error != ErrorCode::kNone)
      return tl::unexpected(refusal(int16_t(gone.error), "deleting topic " + name,
                                    cluster_->brokers(), gone.error_message.value_or("")));
  return {};
}

Result<std::vector<TopicInfo>> NativeAdmin::topics() {
  const auto found = WEIR_TRY(cluster_->metadata({}));
  std::vector<TopicInfo> all;
  for (const auto& topic : found.topics) {
    if (topic.error != ErrorCode::kNone || topic.partitions.empty()) continue;
    all.push_back({topic.name.value_or(""), int32_t(topic.partitions.size()),
                   int32_t(topic.partitions[0].replica_nodes.size()),
                   int32_t(std::count_if(topic.partitions.begin(), topic.partitions.end(),
                                         [](const auto& one) {
                                           return one.isr_nodes.size() < one.replica_nodes.size();
                                         }))});
  }
  return all;
}

Result<TopicInfo> NativeAdmin::topic(const std::string& name) {
  const auto found = WEIR_TRY(topics());
  for (const auto& topic : found)
    if (topic.name == name) return topic;
  return tl::unexpected(missing_topic(name, cluster_->brokers()));
}

Result<ClusterInfo> NativeAdmin::cluster() {
  const auto metadata = WEIR_TRY(cluster_->metadata({}));
  ClusterInfo info{.brokers = int32_t(metadata.brokers.size()), .settings = {}};
  if (metadata.brokers.empty()) return info;
  const int32_t id = metadata.brokers[0].node_id;
  Connection* connection = cluster_->broker(id);
  if (!connection) connection = cluster_->anybody();
  if (!connection) return tl::unexpected(cluster_->unreachable());
  wire::DescribeConfigsRequest request;
  request.resources.push_back({kBrokerResource, std::to_string(id), std::nullopt});
  const auto answer = WEIR_TRY(
      cluster_->call<wire::DescribeConfigsResponse>(*connection, request, kDescribeConfigsVersion));
  for (const auto& resource : answer.resources)
    for (const auto& config : resource.configs)
      if (config.value && !config.is_sensitive) info.settings[config.name] = *config.value;
  return info;
}

Result<std::vector<Offset>> NativeAdmin::end_offsets(const std::string& topic) {
  return offsets(topic, kLatest);
}
Result<std::vector<Offset>> NativeAdmin::start_offsets(const std::string& topic) {
  return offsets(topic, kEarliest);
}

// Leaders that move or are away are looked up again while there is time.
Result<std::vector<Offset>> NativeAdmin::offsets(const std::string& topic, int64_t which) {
  const auto end = steady_clock::now() + kReach;
  while (true) {
    auto found = offsets_now(topic, which);
    if (found || found.error().code != Code::kUnreachable || steady_clock::now() >= end)
      return found;
    cluster_->turn(kReachPause);
  }
}

Result<std::vector<Offset>> NativeAdmin::offsets_now(const std::string& name, int64_t which) {
  const auto metadata = WEIR_TRY(cluster_->metadata(name));
  const auto topic = std::find_if(metadata.topics.begin(), metadata.topics.end(),
                                  [&](const auto& t) { return t.name == name; });
  if (topic == metadata.topics.end() || topic->partitions.empty())
    return tl::unexpected(missing_topic(name, cluster_->brokers()));
  std::map<int32_t, wire::ListOffsetsRequest> requests;  // by leader
  for (const auto& partition : topic->partitions) {
    auto& request = requests[partition.leader_id];
    request.isolation_level = kReadCommitted;
    if (request.topics.empty()) request.topics.push_back({.name = name});
    request.topics[0].partitions.push_back({.partition = partition.partition, .timestamp = which});
  }
  std::vector<Offset> offsets(topic->partitions.size(), Offset(0));
  for (const auto& [leader, request] : requests) {
    Connection* connection = cluster_->broker(leader);
    if (!connection) return tl::unexpected(cluster_->unreachable());
    const auto answer = WEIR_TRY(
        cluster_->call<wire::ListOffsetsResponse>(*connection, request, kListOffsetsVersion));
    for (const auto& answered : answer.topics)
      for (const auto& partition : answered.partitions) {
        if (partition.error == ErrorCode::kNotLeaderOrFollower ||
            partition.error == ErrorCode::kLeaderNotAvailable)
          return tl::unexpected(cluster_->unreachable());
        if (partition.error != ErrorCode::kNone)
          return tl::unexpected(refusal(int16_t(partition.error),
                                        "asking for the offsets of topic " + name,
                                        cluster_->brokers(), {}));
        if (partition.partition >= 0 && size_t(partition.partition) < offsets.size())
          offsets[size_t(partition.partition)] = Offset(partition.offset);
      }
  }
  return offsets;
}

}  // namespace weir::kafka
