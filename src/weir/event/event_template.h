// A user's own event: a file's bytes with {{id}}, {{due_ms}}, {{seq}}, {{key}} and {{payload}}
// replaced.
//
// {{id}} is the event's id as 36 characters, {{due_ms}} its due time in ms since the epoch,
// {{seq}} its number in the load, from 0, {{key}} its key (or user) as a decimal number.
// {{payload}}, which may stand there once, is filled so that the event has the bytes asked for.
// Everything else is sent as it stands, a last line end too where the file has one. Not thread
// safe.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/result.h"
#include "weir/event/event.h"

namespace weir {

class EventTemplate {
 public:
  static constexpr size_t kBytesMax = 900'000;  // below Kafka's default message.max.bytes

  // kUsage for text that is empty or too long, or names another {{...}}; `name` is for the message.
  static Result<EventTemplate> parse(std::string_view text, const std::string& name);
  static Result<EventTemplate> read(const std::string& path);

  // What an event tells of itself.
  struct Content {
    EventId id;
    uint64_t index = 0;
    Nanos due;
    uint32_t key = 0;
    std::string_view payload;
  };

  bool has_id() const { return has_id_; }
  bool has_payload() const { return has_payload_; }
  // No event with a payload of at most `payload_bytes` is longer.
  size_t bytes_max(size_t payload_bytes) const { return bytes_max_ + payload_bytes; }
  // The payload that makes this event `bytes` long; 0 where the rest alone is no shorter.
  size_t payload_bytes(const Content& content, size_t bytes) const;
  // Writes an event and returns the end; `into` has bytes_max(payload's) bytes.
  char* encode(char* into, const Content& content) const;

 private:
  enum class Field { kNone, kId, kDueMs, kSequence, kKey, kPayload };
  struct Piece {
    std::string before;
    Field field = Field::kNone;  // what follows it
  };
  std::vector<Piece> pieces_;
  size_t bytes_max_ = 0;  // without the payload
  bool has_id_ = false, has_payload_ = false;
};

}  // namespace weir
