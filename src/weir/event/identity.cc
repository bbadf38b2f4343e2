#include "weir/event/identity.h"

#include <cstring>

#include "weir/event/ondemand.h"

namespace weir {
namespace {

constexpr std::string_view kHeaderPrefix = "header:", kJsonPrefix = "json:";

uint64_t big_endian(const char* bytes) {
  uint64_t x;
  std::memcpy(&x, bytes, sizeof x);
  return __builtin_bswap64(x);
}

}  // namespace

Result<Identity> Identity::parse(std::string_view text) {
  Identity identity;
  if (text == "event_id") return identity;
  identity.kind = Kind::kNone;
  if (text == "none") return identity;
  if (text.starts_with(kHeaderPrefix) && text.size() > kHeaderPrefix.size()) {
    identity.kind = Kind::kHeader;
    identity.name = text.substr(kHeaderPrefix.size());
    return identity;
  }
  if (text.starts_with(kJsonPrefix) && text.substr(kJsonPrefix.size()).starts_with('/')) {
    identity.kind = Kind::kJson;
    identity.name = text.substr(kJsonPrefix.size());
    return identity;
  }
  return fail(Code::kUsage, "event.identity \"" + std::string(text) + "\" is not understood",
              "it says where an event's id stands in what the engine writes",
              "use event_id, header:NAME, json:/pointer or none");
}

std::string Identity::text() const {
  switch (kind) {
    case Kind::kEventId:
      return "event_id";
    case Kind::kHeader:
      return std::string(kHeaderPrefix) + name;
    case Kind::kJson:
      return std::string(kJsonPrefix) + name;
    case Kind::kNone:
      break;
  }
  return "none";
}

void put_id_bytes(const EventId& id, char* into16) {
  const uint64_t high = __builtin_bswap64(id.high), low = __builtin_bswap64(id.low);
  std::memcpy(into16, &high, sizeof high);
  std::memcpy(into16 + sizeof high, &low, sizeof low);
}

std::optional<EventId> id_from_bytes(std::string_view bytes) {
  if (bytes.size() != kIdBytes) return EventId::parse(bytes);
  return EventId{big_endian(bytes.data()), big_endian(bytes.data() + 8)};
}

struct IdentityReader::State {
  Identity identity;
  EventParser events;
  simdjson::ondemand::parser json;
  std::string padded;

  std::optional<EventId> at_pointer(std::string_view value) {
    padded.assign(value);
    padded.append(simdjson::SIMDJSON_PADDING, '\0');
    simdjson::ondemand::document document;
    std::string_view text;
    if (json.iterate(padded.data(), value.size(), padded.size()).get(document) ||
        document.at_pointer(identity.name).get_string().get(text))
      return std::nullopt;
    return EventId::parse(text);
  }

  std::optional<EventId> find(std::string_view key, std::string_view value,
                              const Headers& headers) {
    switch (identity.kind) {
      case Identity::Kind::kEventId: {
        if (auto id = EventId::parse(key)) return id;
        const auto event = events.parse(value);
        return event ? event->id : std::nullopt;
      }
      case Identity::Kind::kHeader:
        for (const auto& [name, bytes] : headers)
          if (name == identity.name) return id_from_bytes(bytes);
        return std::nullopt;
      case Identity::Kind::kJson:
        return at_pointer(value);
      case Identity::Kind::kNone:
        break;
    }
    return std::nullopt;
  }
};

IdentityReader::IdentityReader(Identity identity) : state_(std::make_unique<State>()) {
  state_->identity = std::move(identity);
}
IdentityReader::~IdentityReader() = default;
IdentityReader::IdentityReader(IdentityReader&&) noexcept = default;
IdentityReader& IdentityReader::operator=(IdentityReader&&) noexcept = default;

std::optional<EventId> IdentityReader::read(std::string_view key, std::string_view value,
                                            const Headers& headers) {
  const auto id = state_->find(key, value, headers);
  return id && id->is_ours() ? id : std::nullopt;
}

}  // namespace weir
