// Where an event's id stands in what an engine writes, for engines that do not write weir's own
// records: in the key or the value's event_id, in a header, or anywhere in a JSON value.
// docs/engines.md tells users of it.
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "weir/base/result.h"
#include "weir/event/event.h"

namespace weir {

// "event_id" | "header:NAME" | "json:/pointer" | "none", as in a plan.
struct Identity {
  enum class Kind { kEventId, kHeader, kJson, kNone };
  Kind kind = Kind::kEventId;
  std::string name;  // of the header, or the JSON pointer (RFC 6901)

  // kUsage when it is none of these.
  static Result<Identity> parse(std::string_view text);
  std::string text() const;
};

// A header carries the id's 16 bytes, big-endian.
constexpr size_t kIdBytes = 16;
void put_id_bytes(const EventId& id, char* into16);
// Of 16 bytes, or of the canonical text in 36; empty for anything else.
std::optional<EventId> id_from_bytes(std::string_view bytes);

// Finds the id of output records. Not thread safe.
class IdentityReader {
 public:
  using Headers = std::vector<std::pair<std::string_view, std::string_view>>;

  explicit IdentityReader(Identity identity);
  ~IdentityReader();
  IdentityReader(IdentityReader&&) noexcept;
  IdentityReader& operator=(IdentityReader&&) noexcept;

  // Empty when there is none, or it is not one of weir's ids. With kEventId the key counts first.
  std::optional<EventId> read(std::string_view key, std::string_view value, const Headers& headers);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir
