#include "weir/broker/catalog_file.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "weir/base/crc32c.h"

namespace weir::broker {
namespace {

constexpr std::string_view kFirstLine = "weir.catalog/1";
constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::optional<wire::Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 22) return std::nullopt;
  wire::Uuid id;
  uint32_t bits = 0;
  int held = 0;
  size_t at = 0;
  for (const char c : text) {
    const size_t value = kLetters.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = (bits << 6) | uint32_t(value);
    held += 6;
    if (held >= 8 && at < id.bytes.size()) {
      held -= 8;
      id.bytes[at++] = uint8_t(bits >> held);
    }
  }
  return id;
}

std::string_view cut(std::string_view& rest, char end) {
  const size_t at = rest.find(end);
  const auto part = rest.substr(0, at);
  rest.remove_prefix(at == std::string_view::npos ? rest.size() : at + 1);
  return part;
}

template <class T>
bool read_number(std::string_view text, T& into) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), into);
  return !text.empty() && read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

bool read_topic(std::string_view rest, CatalogState& state) {
  auto& topic = state.topics.emplace_back();
  topic.name = cut(rest, ' ');
  const auto id = parse_uuid(cut(rest, ' '));
  if (!is_topic_name(topic.name) || !id) return false;
  topic.id = *id;
  if (!read_number(cut(rest, ' '), topic.partitions) || topic.partitions < 1) return false;
  while (!rest.empty()) {
    std::string_view pair = cut(rest, ' ');
    std::string name(cut(pair, '='));
    if (name.empty()) return false;
    topic.settings[std::move(name)] = pair;
  }
  return true;
}

bool read_line(std::string_view rest, CatalogState& state) {
  const auto word = cut(rest, ' ');
  if (word == "cluster") {
    state.cluster_id = rest;
    return !rest.empty();
  }
  if (word == "producer-ids") return read_number(rest, state.producer_ids_reserved);
  return word == "topic" && read_topic(rest, state);
}

}  // namespace

std::string to_text(const wire::Uuid& id) {
  std::string text;
  uint32_t bits = 0;
  int held = 0;
  for (const uint8_t byte : id.bytes) {
    bits = (bits << 8) | byte;
    for (held += 8; held >= 6; held -= 6) text += kLetters[(bits >> (held - 6)) & 63];
  }
  text += kLetters[(bits << (6 - held)) & 63];
  return text;
}

std::string write_catalog(const CatalogState& state) {
  std::string text = fmt::format("{}\ncluster {}\nproducer-ids {}\n", kFirstLine, state.cluster_id,
                                 state.producer_ids_reserved);
  for (const auto& topic : state.topics) {
    text += fmt::format("topic {} {} {}", topic.name, to_text(topic.id), topic.partitions);
    for (const auto& [name, value] : topic.settings) text += fmt::format(" {}={}", name, value);
    text += '\n';
  }
  return text + fmt::format("crc32c {:08x}\n", crc32c(text));
}

Result<CatalogState> read_catalog(std::string_view text) {
  const auto bad = [](std::string why) {
    return fail(Code::kCorrupt, "cannot read the catalog", std::move(why),
                "restore the file from a copy of the data folder");
  };
  const size_t last = text.rfind("crc32c ");
  if (last == std::string_view::npos) return bad("it ends too early");
  if (text.substr(last) != fmt::format("crc32c {:08x}\n", crc32c(text.substr(0, last))))
    return bad("its checksum does not match");
  std::string_view rest = text.substr(0, last);
  if (cut(rest, '\n') != kFirstLine)
    return bad(fmt::format("it does not begin with {}", kFirstLine));
  CatalogState state;
  for (int line = 2; !rest.empty(); ++line)
    if (!read_line(cut(rest, '\n'), state)) return bad(fmt::format("line {} makes no sense", line));
  return state;
}

}  // namespace weir::broker
