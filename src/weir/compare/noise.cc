#include "weir/compare/noise.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "weir/sys/disk.h"

namespace weir::compare {
namespace {

constexpr const char* kNoiseSchema = "weir.noise/1";
constexpr uint64_t kSwapSeed = 1;

std::string path_of(const std::string& cache, const std::string& key) {
  return cache + "/noise/" + key + ".json";
}

// The type of a member, null where there is none.
nlohmann::json::value_t type_of(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  return found == json.end() ? nlohmann::json::value_t::null : found->type();
}
bool is_number(const nlohmann::json& json, const char* key) {
  return json.contains(key) && json.find(key)->is_number();
}
bool is_text(const nlohmann::json& json, const char* key) {
  return type_of(json, key) == nlohmann::json::value_t::string;
}
bool is_list(const nlohmann::json& json, const char* key) {
  return type_of(json, key) == nlohmann::json::value_t::array;
}

}  // namespace

Noise noise_of(const Comparison& comparison, const std::string& measured, double rate_eps) {
  Noise noise{measured, rate_eps, {}};
  for (const auto& change : comparison.changes) {
    if (!change.paired || !change.spread) continue;
    NoiseMetric metric{change.key.name, {}, *change.spread, 0};
    for (size_t i = 0; i < change.before.size(); ++i)
      metric.log_ratios.push_back(std::log(change.after[i] / change.before[i]));
    metric.called_different = stats::swapped_called_different(metric.log_ratios, kLevel, kSwapSeed);
    noise.metrics.push_back(std::move(metric));
  }
  return noise;
}

std::string noise_key(const Fingerprint& fingerprint) {
  Fingerprint kept = fingerprint;
  for (const char* key : {"load.rates", "load.search", "version.weir"}) kept.erase(key);
  return digest_of(kept);
}

std::string to_json(const Noise& noise) {
  nlohmann::ordered_json json;
  json["schema"] = kNoiseSchema;
  json["measured"] = noise.measured;
  json["rate_eps"] = noise.rate_eps;
  json["metrics"] = nlohmann::ordered_json::array();
  for (const auto& metric : noise.metrics)
    json["metrics"].push_back({{"metric", metric.metric},
                               {"pairs", metric.log_ratios.size()},
                               {"spread", metric.spread},
                               {"called_different", metric.called_different},
                               {"log_ratios", metric.log_ratios}});
  return json.dump(1);
}

Status store_noise(const std::string& cache, const std::string& key, const Noise& noise) {
  const auto disk = real_disk();
  WEIR_TRY(disk->make_folders(cache + "/noise"));
  return disk->write_whole(path_of(cache, key), to_json(noise) + "\n");
}

std::optional<Noise> load_noise(const std::string& cache, const std::string& key) {
  const auto text = real_disk()->read(path_of(cache, key));
  if (!text) return std::nullopt;
  const auto json = nlohmann::json::parse(*text, nullptr, false);
  if (!json.is_object() || !is_text(json, "schema") || json["schema"] != kNoiseSchema ||
      !is_number(json, "rate_eps") || !is_text(json, "measured") || !is_list(json, "metrics"))
    return std::nullopt;
  Noise noise{json["measured"].get<std::string>(), json["rate_eps"].get<double>(), {}};
  for (const auto& each : json["metrics"]) {
    if (!each.is_object() || !is_text(each, "metric") || !is_number(each, "spread") ||
        !is_number(each, "called_different") || !is_list(each, "log_ratios"))
      return std::nullopt;
    NoiseMetric metric{each["metric"].get<std::string>(),
                       {},
                       each["spread"].get<double>(),
                       each["called_different"].get<double>()};
    for (const auto& ratio : each["log_ratios"]) {
      if (!ratio.is_number()) return std::nullopt;
      metric.log_ratios.push_back(ratio.get<double>());
    }
    noise.metrics.push_back(std::move(metric));
  }
  return noise;
}

std::vector<std::string> noise_sentences(const Noise& noise, int64_t pairs, double allowed) {
  std::vector<std::string> sentences;
  for (const auto& metric : noise.metrics)
    sentences.push_back(fmt::format(
        "{} varies by {:.1f}% from pair to pair ({} A/A pairs, {:.1f}% of their swaps called "
        "different); {} pairs decide changes from {} on",
        metric.metric, 100 * metric.spread, metric.log_ratios.size(), 100 * metric.called_different,
        pairs, percent(stats::smallest_change(metric.spread, pairs, allowed, kLevel))));
  return sentences;
}

}  // namespace weir::compare
