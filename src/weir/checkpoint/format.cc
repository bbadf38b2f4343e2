#include "weir/checkpoint/format.h"

#include <zlib.h>

#include <fmt/format.h>

#include <bit>
#include <cctype>
#include <charconv>
#include <nlohmann/json.hpp>
#include <random>

#include "weir/base/bytes.h"

namespace weir::checkpoint {
namespace {
using Json = nlohmann::json;

constexpr std::string_view kVersionLine = "v1\n";

tl::unexpected<Error> corrupt(const std::string& name, std::string why) {
  return fail(Code::kCorrupt, "cannot read " + name, std::move(why),
              "restore the file from a copy, or start with a new checkpoint folder");
}

// A string as JSON text.
std::string quoted(const std::string& text) {
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

// The lines behind the version line.
Result<std::vector<std::string_view>> lines_of(std::string_view text, const std::string& name) {
  if (text.empty()) return corrupt(name, "the file is empty");
  if (!text.starts_with(kVersionLine))
    return corrupt(name, "its first line is not v1, the version of this format");
  text.remove_prefix(kVersionLine.size());
  std::vector<std::string_view> lines;
  while (true) {
    const size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return lines;
    text.remove_prefix(end + 1);
  }
}

Result<std::pair<std::string, Positions>> parse_positions(std::string_view text,
                                                          const std::string& name) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.size() != 1 || !json.begin()->is_object())
    return corrupt(name, "its offsets are not {\"topic\":{\"partition\":offset}} of one topic");
  std::pair<std::string, Positions> result{json.begin().key(), {}};
  for (const auto& [key, value] : json.begin()->items()) {
    int32_t partition = -1;
    const auto parsed = std::from_chars(key.data(), key.data() + key.size(), partition);
    if (parsed.ec != std::errc{} || parsed.ptr != key.data() + key.size() || partition < 0 ||
        !value.is_number_integer() || value.get<int64_t>() < 0)
      return corrupt(name, "partition " + key + " has no valid offset");
    result.second[partition] = value.get<int64_t>();
  }
  return result;
}

// What a stateless query of Spark 3.5 logs, in its order.
constexpr std::pair<const char*, const char*> kStatelessConf[] = {
    {"spark.sql.streaming.stateStore.providerClass",
     "org.apache.spark.sql.execution.streaming.state.HDFSBackedStateStoreProvider"},
    {"spark.sql.streaming.join.stateFormatVersion", "2"},
    {"spark.sql.streaming.stateStore.compression.codec", "lz4"},
    {"spark.sql.streaming.stateStore.rocksdb.formatVersion", "5"},
    {"spark.sql.streaming.statefulOperator.useStrictDistribution", "true"},
    {"spark.sql.streaming.flatMapGroupsWithState.stateFormatVersion", "2"},
    {"spark.sql.streaming.multipleWatermarkPolicy", "min"},
    {"spark.sql.streaming.aggregation.stateFormatVersion", "2"},
    {"spark.sql.shuffle.partitions", "200"},
};

std::string conf_json(const std::map<std::string, std::string>& conf) {
  std::string out = "{";
  const auto add = [&out](const std::string& key, const std::string& value) {
    if (out.size() > 1) out += ',';
    out += quoted(key) + ':' + quoted(value);
  };
  if (conf.empty()) {
    for (const auto& [key, value] : kStatelessConf) add(key, value);
  } else {
    for (const auto& [key, value] : conf) add(key, value);
  }
  return out + '}';
}

int64_t integer_or(const Json& object, const char* key, int64_t otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<int64_t>() : otherwise;
}

// scala.collection.mutable.HashTable: the table doubles when it is more than three quarters full,
// while the seed stays that of the first size.
class ScalaTable {
 public:
  void add(int32_t key) {
    auto& bucket = buckets_[index_of(key)];
    bucket.insert(bucket.begin(), key);
    if (++size_ > buckets_.size() * 3 / 4) grow();
  }
  std::vector<int32_t> keys() const {
    std::vector<int32_t> all;
    for (size_t i = buckets_.size(); i-- > 0;)
      all.insert(all.end(), buckets_[i].begin(), buckets_[i].end());
    return all;
  }

 private:
  static constexpr int kSeed = 4;  // the bits of 16 - 1

  size_t index_of(int32_t key) const {
    const uint32_t mixed = byte_swap(uint32_t(key) * 0x9e3775cdU) * 0x9e3775cdU;
    const uint32_t ones = uint32_t(buckets_.size() - 1);
    return (std::rotr(mixed, kSeed) >> std::countl_zero(ones)) & ones;
  }
  void grow() {
    const auto order = keys();
    buckets_.assign(buckets_.size() * 2, {});
    for (int32_t key : order) {
      auto& bucket = buckets_[index_of(key)];
      bucket.insert(bucket.begin(), key);
    }
  }

  std::vector<std::vector<int32_t>> buckets_{16};
  size_t size_ = 0;
};
}  // namespace

std::vector<int32_t> scala_order(const std::vector<int32_t>& keys) {
  ScalaTable table;
  for (int32_t key : keys) table.add(key);
  return table.keys();
}

std::string positions_json(const std::string& topic, const Positions& positions) {
  std::vector<int32_t> keys;
  for (const auto& [partition, offset] : positions) keys.push_back(partition);
  std::string out = "{" + quoted(topic) + ":{";
  bool first = true;
  for (int32_t partition : scala_order(keys)) {
    if (!first) out += ',';
    first = false;
    out += '"' + std::to_string(partition) + "\":" + std::to_string(positions.at(partition));
  }
  return out + "}}";
}

std::string plan_text(const Plan& plan) {
  return std::string(kVersionLine) + "{\"batchWatermarkMs\":" + std::to_string(plan.watermark_ms) +
         ",\"batchTimestampMs\":" + std::to_string(plan.timestamp_ms) +
         ",\"conf\":" + conf_json(plan.conf) + "}\n" + positions_json(plan.topic, plan.ends);
}

Result<Plan> parse_plan(std::string_view text, const std::string& name) {
  const auto lines = WEIR_TRY(lines_of(text, name));
  if (lines.size() < 2 || lines[0].empty()) return corrupt(name, "it ends before the offsets");
  if (lines.size() > 2)
    return corrupt(name, "it has more than one source; weir reads queries with one Kafka source");
  const Json metadata = Json::parse(lines[0], nullptr, false);
  if (!metadata.is_object()) return corrupt(name, "its second line is not a JSON object");
  auto [topic, ends] = WEIR_TRY(parse_positions(lines[1], name));
  Plan plan{std::move(topic),
            std::move(ends),
            integer_or(metadata, "batchWatermarkMs", 0),
            integer_or(metadata, "batchTimestampMs", 0),
            {}};
  if (const auto conf = metadata.find("conf"); conf != metadata.end() && conf->is_object())
    for (const auto& [key, value] : conf->items())
      if (value.is_string()) plan.conf[key] = value.get<std::string>();
  return plan;
}

std::string commit_text(int64_t next_watermark_ms) {
  return std::string(kVersionLine) +
         "{\"nextBatchWatermarkMs\":" + std::to_string(next_watermark_ms) + "}";
}

Status check_commit(std::string_view text, const std::string& name) {
  const auto lines = WEIR_TRY(lines_of(text, name));
  if (!Json::parse(lines[0], nullptr, false).is_object())
    return corrupt(name, "its second line is not a JSON object");
  return {};
}

std::string initial_text(const std::string& topic, const Positions& positions) {
  return std::string(1, '\0') + std::string(kVersionLine) + positions_json(topic, positions);
}

Result<std::pair<std::string, Positions>> parse_initial(std::string_view text,
                                                        const std::string& name) {
  if (text.starts_with('\0')) text.remove_prefix(1);
  const auto lines = WEIR_TRY(lines_of(text, name));
  return parse_positions(lines[0], name);
}

std::string metadata_text(const std::string& id) { return "{\"id\":\"" + id + "\"}"; }

Result<std::string> parse_metadata(std::string_view text, const std::string& name) {
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_object())
    if (const auto id = json.find("id"); id != json.end() && id->is_string())
      if (is_uuid(id->get_ref<const std::string&>())) return id->get<std::string>();
  return corrupt(name, text.empty() ? "the file is empty" : "it holds no query id");
}

std::string sidecar_of(std::string_view bytes) {
  constexpr size_t kBlock = 512;
  std::string out("crc\0", 4);
  append_be(out, uint32_t(kBlock));
  for (size_t at = 0; at < bytes.size(); at += kBlock) {
    const auto block = bytes.substr(at, kBlock);
    append_be(out,
              uint32_t(crc32(0, reinterpret_cast<const Bytef*>(block.data()), uInt(block.size()))));
  }
  return out;
}

std::string random_uuid() {
  std::random_device device;
  uint32_t words[4];
  for (auto& word : words) word = device();
  words[1] = (words[1] & 0xFFFF0FFF) | 0x4000;
  words[2] = (words[2] & 0x3FFFFFFF) | 0x80000000;
  return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:04x}{:08x}", words[0], words[1] >> 16,
                     words[1] & 0xFFFF, words[2] >> 16, words[2] & 0xFFFF, words[3]);
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? text[i] != '-' : !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

}  // namespace weir::checkpoint
