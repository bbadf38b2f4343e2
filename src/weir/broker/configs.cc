// DescribeConfigs, AlterConfigs, IncrementalAlterConfigs: of topics, and what can be said of the
// broker.
#include <algorithm>

#include "weir/broker/handlers.h"

namespace weir::broker {
namespace {

constexpr int8_t kTopicResource = 2, kBrokerResource = 4;
constexpr int8_t kFromTopic = 1, kFromBroker = 4, kFromDefault = 5;

using Described = wire::DescribeConfigsResponse::Resource;

bool is_asked(const std::optional<std::vector<std::string>>& keys, const std::string& name) {
  return !keys || std::find(keys->begin(), keys->end(), name) != keys->end();
}

Described::Config describe_setting(const Setting& setting, const TopicSettings& settings,
                                   const wire::DescribeConfigsRequest& request) {
  Described::Config config;
  config.name = setting.name;
  config.value = setting_or_default(settings, setting.name);
  config.is_default = !settings.contains(setting.name);
  config.config_source = config.is_default ? kFromDefault : kFromTopic;
  config.config_type = int8_t(setting.type);
  if (request.include_documentation) config.documentation = setting.meaning;
  if (request.include_synonyms) {
    if (!config.is_default) config.synonyms.push_back({setting.name, config.value, kFromTopic});
    config.synonyms.push_back({setting.name, setting.fallback, kFromDefault});
  }
  return config;
}

Described::Config broker_setting(const char* name, std::string value) {
  Described::Config config;
  config.name = name;
  config.value = std::move(value);
  config.read_only = true;
  config.config_source = kFromBroker;
  config.config_type = int8_t(SettingType::kString);
  return config;
}

Described describe_resource(Services& services, const wire::DescribeConfigsRequest::Resource& asked,
                            const wire::DescribeConfigsRequest& request) {
  Described answer;
  answer.resource_type = asked.resource_type;
  answer.resource_name = asked.resource_name;
  const auto add = [&](Described::Config config) {
    if (is_asked(asked.configuration_keys, config.name))
      answer.configs.push_back(std::move(config));
  };
  if (asked.resource_type == kTopicResource) {
    const TopicRef topic = services.catalog.find(asked.resource_name);
    if (!topic) {
      answer.error = ErrorCode::kUnknownTopicOrPartition;
      return answer;
    }
    for (const auto& setting : topic_settings())
      add(describe_setting(setting, topic->settings, request));
  } else if (asked.resource_type == kBrokerResource) {
    add(broker_setting("broker.id", std::to_string(kNodeId)));
    add(broker_setting("auto.create.topics.enable", services.auto_create ? "true" : "false"));
    add(broker_setting("num.partitions", std::to_string(services.default_partitions)));
    add(broker_setting("default.replication.factor", "1"));
  } else {
    answer.error = ErrorCode::kInvalidRequest;
    answer.error_message = "this broker has settings for topics (2) and for itself (4)";
  }
  return answer;
}

struct Outcome {
  ErrorCode error = ErrorCode::kNone;
  std::optional<std::string> message;
};

// Gives a topic these settings, or says why not.
Outcome apply(Services& services, const std::string& name, TopicSettings settings,
              bool validate_only) {
  for (const auto& [key, value] : settings)
    if (const auto taken = check_setting(key, value); !taken)
      return {ErrorCode::kInvalidConfig, to_text(taken.error())};
  if (validate_only) return {};
  const auto done = services.catalog.configure(name, std::move(settings));
  if (done) return {};
  return {error_code(done.error()), to_text(done.error())};
}

Outcome check_resource(Services& services, int8_t type, const std::string& name) {
  if (type != kTopicResource)
    return {ErrorCode::kInvalidRequest, "only the settings of topics (2) can change"};
  if (!services.catalog.find(name)) return {ErrorCode::kUnknownTopicOrPartition, std::nullopt};
  return {};
}

Outcome alter(Services& services, const wire::AlterConfigsRequest::Resource& asked,
              bool validate_only) {
  Outcome outcome = check_resource(services, asked.resource_type, asked.resource_name);
  if (outcome.error != ErrorCode::kNone) return outcome;
  TopicSettings settings;  // the whole set: what is not named goes back to its default
  for (const auto& config : asked.configs)
    if (config.value) settings[config.name] = *config.value;
  return apply(services, asked.resource_name, std::move(settings), validate_only);
}

Outcome alter(Services& services, const wire::IncrementalAlterConfigsRequest::Resource& asked,
              bool validate_only) {
  Outcome outcome = check_resource(services, asked.resource_type, asked.resource_name);
  if (outcome.error != ErrorCode::kNone) return outcome;
  TopicSettings settings = services.catalog.find(asked.resource_name)->settings;
  constexpr int8_t kSet = 0, kDelete = 1;
  for (const auto& config : asked.configs) {
    if (config.config_operation == kSet && config.value)
      settings[config.name] = *config.value;
    else if (config.config_operation == kDelete)
      settings.erase(config.name);
    else
      return {ErrorCode::kInvalidConfig, "settings can be set (0) or deleted (1)"};
  }
  return apply(services, asked.resource_name, std::move(settings), validate_only);
}

template <class Request, class Response>
void alter_all(Context context, Request request) {
  context.services.control.post([context, request = std::move(request)] {
    Response response;
    for (const auto& asked : request.resources) {
      const Outcome outcome = alter(context.services, asked, request.validate_only);
      auto& answer = response.resources.emplace_back();
      answer.error = outcome.error;
      answer.error_message = outcome.message;
      answer.resource_type = asked.resource_type;
      answer.resource_name = asked.resource_name;
    }
    context.responder.send(response);
  });
}

}  // namespace

void handle(Context context, const wire::DescribeConfigsRequest& request) {
  wire::DescribeConfigsResponse response;
  for (const auto& asked : request.resources)
    response.resources.push_back(describe_resource(context.services, asked, request));
  context.responder.send(response);
}

void handle(Context context, wire::AlterConfigsRequest request) {
  alter_all<wire::AlterConfigsRequest, wire::AlterConfigsResponse>(context, std::move(request));
}

void handle(Context context, wire::IncrementalAlterConfigsRequest request) {
  alter_all<wire::IncrementalAlterConfigsRequest, wire::IncrementalAlterConfigsResponse>(
      context, std::move(request));
}

}  // namespace weir::broker
