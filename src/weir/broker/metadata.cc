// ApiVersions, Metadata, DescribeCluster, FindCoordinator: how clients find their way.
#include "weir/broker/handlers.h"

namespace weir::broker {
namespace {

wire::MetadataResponse::Topic describe_topic(const Topic& topic) {
  wire::MetadataResponse::Topic answer;
  answer.name = topic.name;
  answer.topic_id = topic.id;
  for (size_t i = 0; i < topic.partitions.size(); ++i) {
    auto& partition = answer.partitions.emplace_back();
    partition.partition = int32_t(i);
    partition.leader_id = kNodeId;
    partition.leader_epoch = 0;  // for ever: it must never fall, and nothing ever takes over
    partition.replica_nodes = partition.isr_nodes = {kNodeId};
  }
  return answer;
}

wire::MetadataResponse::Topic refuse_topic(const wire::MetadataRequest::Topic& asked,
                                           ErrorCode error) {
  wire::MetadataResponse::Topic answer;
  answer.name = asked.name;
  answer.topic_id = asked.topic_id;
  answer.error = error;
  return answer;
}

bool may_create(const Services& services, const wire::MetadataRequest& request) {
  return services.auto_create && request.allow_auto_topic_creation;
}

// The answer for one topic; `create` is set on the control thread, where missing ones are made.
wire::MetadataResponse::Topic answer_for(Services& services,
                                         const wire::MetadataRequest::Topic& asked, bool create) {
  if (!asked.name) {
    const TopicRef topic = services.catalog.find(asked.topic_id);
    return topic ? describe_topic(*topic) : refuse_topic(asked, ErrorCode::kUnknownTopicId);
  }
  if (!is_topic_name(*asked.name)) return refuse_topic(asked, ErrorCode::kInvalidTopicException);
  if (const TopicRef topic = services.catalog.find(*asked.name)) return describe_topic(*topic);
  if (!create) return refuse_topic(asked, ErrorCode::kUnknownTopicOrPartition);
  const auto made = services.catalog.create(*asked.name, services.default_partitions, {});
  return made ? describe_topic(**made) : refuse_topic(asked, error_code(made.error()));
}

wire::MetadataResponse answer_all(Context& context, const wire::MetadataRequest& request,
                                  bool create) {
  wire::MetadataResponse answer;
  const Address address = context.advertised();
  answer.brokers.push_back({kNodeId, address.host, address.port, std::nullopt});
  answer.cluster_id = context.services.catalog.cluster_id();
  answer.controller_id = kNodeId;
  if (!request.topics || (context.responder.version == 0 && request.topics->empty())) {
    for (const auto& topic : context.services.catalog.topics())
      answer.topics.push_back(describe_topic(*topic));
    return answer;
  }
  for (const auto& asked : *request.topics)
    answer.topics.push_back(answer_for(context.services, asked, create));
  return answer;
}

}  // namespace

ErrorCode error_code(const Error& error) {
  switch (error.code) {
    case Code::kAlreadyExists:
      return ErrorCode::kTopicAlreadyExists;
    case Code::kNotFound:
      return ErrorCode::kUnknownTopicOrPartition;
    case Code::kUsage:
      return ErrorCode::kInvalidRequest;
    default:
      return ErrorCode::kKafkaStorageError;
  }
}

void handle(Context context, const wire::ApiVersionsRequest&) {
  context.responder.send(wire::api_versions());
}

void handle(Context context, wire::MetadataRequest request) {
  bool missing = false;
  if (request.topics && may_create(context.services, request))
    for (const auto& asked : *request.topics)
      missing |=
          asked.name && is_topic_name(*asked.name) && !context.services.catalog.find(*asked.name);
  if (!missing) return context.responder.send(answer_all(context, request, false));
  // Durable before it is told; the leader is then known at once.
  context.services.control.post([context, request = std::move(request)]() mutable {
    context.responder.send(answer_all(context, request, true));
  });
}

void handle(Context context, const wire::DescribeClusterRequest& request) {
  constexpr int8_t kBrokers = 1;
  wire::DescribeClusterResponse response;
  response.cluster_id = context.services.catalog.cluster_id();
  if (request.endpoint_type == kBrokers) {
    const Address address = context.advertised();
    response.controller_id = kNodeId;
    response.brokers.push_back({kNodeId, address.host, address.port, std::nullopt});
  } else {
    response.error = ErrorCode::kInvalidRequest;
    response.error_message = "this is a broker, and has no controllers beside it";
    response.endpoint_type = kBrokers;
  }
  context.responder.send(response);
}

void handle(Context context, const wire::FindCoordinatorRequest& request) {
  const Address address = context.advertised();
  // Groups all live here; transactions (type 1) nowhere.
  const bool offered = request.key_type == 0;
  const auto error = offered ? ErrorCode::kNone : ErrorCode::kInvalidRequest;
  std::optional<std::string> why;
  if (!offered) why = "this broker coordinates consumer groups only";
  wire::FindCoordinatorResponse response;
  response.error = error;
  response.error_message = why;
  response.node_id = offered ? kNodeId : -1;
  response.host = offered ? address.host : "";
  response.port = offered ? address.port : -1;
  for (const auto& key : request.coordinator_keys)
    response.coordinators.push_back(
        {key, response.node_id, response.host, response.port, error, why});
  context.responder.send(response);
}

}  // namespace weir::broker
