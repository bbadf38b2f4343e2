#include "weir/broker/topic_config.h"

#include <algorithm>
#include <cstdint>

#include "weir/base/check.h"
#include "weir/base/nearest.h"
#include "weir/base/parse_number.h"

namespace weir::broker {
namespace {

constexpr Setting kSettings[] = {
    {"cleanup.policy", SettingType::kList, "delete", 0, 0, "delete,compact",
     "delete: old segments go by the retention settings. compact: nothing is deleted; records are "
     "not compacted"},
    {"compression.type", SettingType::kString, "producer", 0, 0, "producer",
     "batches are kept as the producer compressed them"},
    {"max.message.bytes", SettingType::kInt, "1048588", 0, INT32_MAX, nullptr,
     "the largest record batch taken"},
    {"message.timestamp.type", SettingType::kString, "CreateTime", 0, 0, "CreateTime",
     "records keep the producer's time"},
    {"min.insync.replicas", SettingType::kInt, "1", 1, 1, nullptr,
     "this broker is the only replica"},
    {"retention.bytes", SettingType::kLong, "-1", -1, INT64_MAX, nullptr,
     "how much a partition keeps before its oldest segments go; -1: all"},
    {"retention.ms", SettingType::kLong, "604800000", -1, INT64_MAX, nullptr,
     "how long a segment is kept after its newest record; -1: for ever"},
    {"segment.bytes", SettingType::kInt, "1073741824", 1024, INT32_MAX, nullptr,
     "how large a segment file gets before the next one is begun"},
};

const Setting* find_setting(const std::string& name) {
  for (const auto& setting : kSettings)
    if (name == setting.name) return &setting;
  return nullptr;
}

bool is_choice(std::string_view choices, std::string_view value) {
  while (true) {
    const size_t comma = choices.find(',');
    if (choices.substr(0, comma) == value) return true;
    if (comma == std::string_view::npos) return false;
    choices.remove_prefix(comma + 1);
  }
}

}  // namespace

std::span<const Setting> topic_settings() { return kSettings; }

Status check_setting(const std::string& name, const std::string& value) {
  const std::string shown = name.substr(0, 100);
  const Setting* setting = find_setting(name);
  if (!setting) {
    std::vector<std::string> names;
    for (const auto& each : kSettings) names.push_back(each.name);
    const std::string close = nearest(shown, names);
    return fail(Code::kUsage, "unknown topic setting " + shown, "this broker does not have it",
                close.empty() ? "" : "did you mean " + close + "?");
  }
  if (setting->choices) {
    if (is_choice(setting->choices, value)) return {};
    return fail(Code::kUsage, shown + " cannot be " + value.substr(0, 100),
                std::string("this broker takes ") + setting->choices);
  }
  const auto number = parse_number<int64_t>(value);
  if (number && *number >= setting->least && *number <= setting->most) return {};
  return fail(Code::kUsage, shown + " cannot be " + value.substr(0, 100),
              fmt::format("it is a whole number from {} to {}", setting->least, setting->most));
}

std::string setting_or_default(const TopicSettings& settings, const std::string& name) {
  if (const auto found = settings.find(name); found != settings.end()) return found->second;
  const Setting* setting = find_setting(name);
  WEIR_CHECK(setting != nullptr);
  return setting->fallback;
}

log::LogConfig log_config(const TopicSettings& settings) {
  const auto number = [&](const char* name) {
    return parse_number<int64_t>(setting_or_default(settings, name)).value_or(-1);
  };
  log::LogConfig config;
  config.segment_bytes = number("segment.bytes");
  config.batch_bytes_max = number("max.message.bytes");
  if (setting_or_default(settings, "cleanup.policy") == "compact") {
    config.retention_bytes = config.retention_ms = -1;
  } else {
    config.retention_bytes = number("retention.bytes");
    config.retention_ms = number("retention.ms");
  }
  return config;
}

bool is_topic_name(std::string_view name) {
  if (name.empty() || name.size() > 249 || name == "." || name == "..") return false;
  return std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace weir::broker
