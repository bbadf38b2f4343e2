// The settings a topic can have, by Kafka's names: what they mean here, and which values are taken.
#pragma once
#include <map>
#include <optional>
#include <span>
#include <string>

#include "weir/base/result.h"
#include "weir/log/partition_log.h"

namespace weir::broker {

// What was set for one topic; everything else has its default.
using TopicSettings = std::map<std::string, std::string>;

// Kafka's numbers for the types of settings, as DescribeConfigs answers carry them.
enum class SettingType : int8_t { kInt = 3, kLong = 5, kString = 2, kList = 7 };

struct Setting {
  const char* name;
  SettingType type;
  const char* fallback;  // its default, as text
  int64_t least, most;   // of numbers
  const char* choices;   // of texts: those taken, separated by commas
  const char* meaning;
};
std::span<const Setting> topic_settings();

// kUsage when a name is unknown or a value is not taken; says which and why.
Status check_setting(const std::string& name, const std::string& value);

// What the settings mean for the topic's logs.
log::LogConfig log_config(const TopicSettings& settings);

// The value of `name`, or its default; `name` is one of topic_settings().
std::string setting_or_default(const TopicSettings& settings, const std::string& name);

// Whether a topic may have this name: 1 to 249 of [a-zA-Z0-9._-], neither "." nor "..".
bool is_topic_name(std::string_view name);

}  // namespace weir::broker
