// CreateTopics, DeleteTopics, CreatePartitions.
#include <set>

#include "weir/broker/handlers.h"

namespace weir::broker {
namespace {

using CreateAsked = wire::CreateTopicsRequest::Topic;
using CreateAnswer = wire::CreateTopicsResponse::Topic;

// The setting that follows from what the broker may do, as a CreateTopics answer lists it.
CreateAnswer::Config created_setting(const Setting& setting, const TopicSettings& settings) {
  CreateAnswer::Config config;
  config.name = setting.name;
  config.value = setting_or_default(settings, setting.name);
  config.config_source = settings.contains(setting.name) ? 1 : 5;
  return config;
}

void refuse(CreateAnswer& answer, ErrorCode error, std::string why) {
  answer.error = error;
  answer.error_message = std::move(why);
}

// How many partitions are asked for; 0: impossible, `answer` says why.
int32_t partition_count(const Services& services, const CreateAsked& asked, CreateAnswer& answer) {
  if (!asked.assignments.empty()) {
    if (asked.num_partitions != -1 || asked.replication_factor != -1)
      return refuse(answer, ErrorCode::kInvalidRequest, "give either counts or assignments"), 0;
    std::set<int32_t> numbers;
    for (const auto& each : asked.assignments) {
      numbers.insert(each.partition);
      if (each.broker_ids != std::vector<int32_t>{kNodeId})
        return refuse(answer, ErrorCode::kInvalidReplicaAssignment,
                      "this is a single broker, number 1"),
               0;
    }
    const auto count = int32_t(asked.assignments.size());
    if (int32_t(numbers.size()) != count || *numbers.begin() != 0 || *numbers.rbegin() != count - 1)
      return refuse(answer, ErrorCode::kInvalidReplicaAssignment,
                    "partitions are numbered from 0 without gaps"),
             0;
    return count;
  }
  if (asked.replication_factor != -1 && asked.replication_factor != 1)
    return refuse(answer, ErrorCode::kInvalidReplicationFactor,
                  "this is a single broker: the replication factor is 1"),
           0;
  if (asked.num_partitions == -1) return services.default_partitions;
  if (asked.num_partitions < 1 || asked.num_partitions > Catalog::kPartitionsMax)
    return refuse(answer, ErrorCode::kInvalidPartitions,
                  "a topic has 1 to " + std::to_string(Catalog::kPartitionsMax) + " partitions"),
           0;
  return asked.num_partitions;
}

bool read_settings(const CreateAsked& asked, TopicSettings& settings, CreateAnswer& answer) {
  for (const auto& config : asked.configs) {
    if (!config.value) continue;
    if (const auto taken = check_setting(config.name, *config.value); !taken) {
      refuse(answer, ErrorCode::kInvalidConfig, to_text(taken.error()));
      return false;
    }
    settings[config.name] = *config.value;
  }
  return true;
}

CreateAnswer create(Services& services, const CreateAsked& asked, bool validate_only) {
  CreateAnswer answer;
  answer.name = asked.name;
  if (!is_topic_name(asked.name))
    return refuse(answer, ErrorCode::kInvalidTopicException,
                  "a name has 1 to 249 of a-z, A-Z, 0-9, dot, underscore and hyphen"),
           answer;
  if (services.catalog.find(asked.name))
    return refuse(answer, ErrorCode::kTopicAlreadyExists, "the topic exists already"), answer;
  const int32_t partitions = partition_count(services, asked, answer);
  TopicSettings settings;
  if (partitions == 0 || !read_settings(asked, settings, answer)) return answer;
  if (!validate_only) {
    const auto made = services.catalog.create(asked.name, partitions, settings);
    if (!made) return refuse(answer, error_code(made.error()), to_text(made.error())), answer;
    answer.topic_id = (*made)->id;
  }
  answer.num_partitions = partitions;
  answer.replication_factor = 1;
  answer.configs.emplace();
  for (const auto& setting : topic_settings())
    answer.configs->push_back(created_setting(setting, settings));
  return answer;
}

wire::DeleteTopicsResponse::Topic remove(Services& services,
                                         const wire::DeleteTopicsRequest::Topic& asked) {
  wire::DeleteTopicsResponse::Topic answer;
  answer.name = asked.name;
  answer.topic_id = asked.topic_id;
  const TopicRef topic =
      asked.name ? services.catalog.find(*asked.name) : services.catalog.find(asked.topic_id);
  if (!topic) {
    answer.error = asked.name ? ErrorCode::kUnknownTopicOrPartition : ErrorCode::kUnknownTopicId;
    return answer;
  }
  answer.name = topic->name;
  answer.topic_id = topic->id;
  Status removed = services.catalog.remove(topic->name);
  for (const auto& log : topic->partitions) services.advanced(*log);
  if (removed) removed = services.coordinator.forget_topic(topic->name);
  if (!removed) {
    answer.error = error_code(removed.error());
    answer.error_message = to_text(removed.error());
  }
  return answer;
}

}  // namespace

void handle(Context context, wire::CreateTopicsRequest request) {
  context.services.control.post([context, request = std::move(request)] {
    wire::CreateTopicsResponse response;
    for (const auto& asked : request.topics)
      response.topics.push_back(create(context.services, asked, request.validate_only));
    context.responder.send(response);
  });
}

void handle(Context context, wire::DeleteTopicsRequest request) {
  for (auto& name : request.topic_names) request.topics.push_back({std::move(name), {}});
  context.services.control.post([context, request = std::move(request)] {
    wire::DeleteTopicsResponse response;
    for (const auto& asked : request.topics)
      response.topics.push_back(remove(context.services, asked));
    context.responder.send(response);
  });
}

void handle(Context context, wire::CreatePartitionsRequest request) {
  context.services.control.post([context, request = std::move(request)] {
    wire::CreatePartitionsResponse response;
    for (const auto& asked : request.topics) {
      auto& answer = response.topics.emplace_back();
      answer.name = asked.name;
      const TopicRef topic = context.services.catalog.find(asked.name);
      const auto now = topic ? int32_t(topic->partitions.size()) : 0;
      if (!topic) {
        answer.error = ErrorCode::kUnknownTopicOrPartition;
      } else if (asked.count <= now || asked.count > Catalog::kPartitionsMax) {
        answer.error = ErrorCode::kInvalidPartitions;
        answer.error_message = "the topic has " + std::to_string(now) + " partitions already";
      } else if (!request.validate_only) {
        const auto made = context.services.catalog.add_partitions(asked.name, asked.count);
        if (!made) answer.error = error_code(made.error());
        if (!made) answer.error_message = to_text(made.error());
      }
    }
    context.responder.send(response);
  });
}

}  // namespace weir::broker
