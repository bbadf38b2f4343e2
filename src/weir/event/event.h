// The event that weir sends and recognises, and its identity.
//
// The seed's JSON, 231 bytes at size 200, with ", " and ": " as separators:
//   {"event_id": "…36…", "created_ts": <ms>, "user_id": n, "event_type": "click", "value": x.y,
//   "payload": "…"}
// event_id is an RFC 9562 UUIDv7 whose time is the *due* time (ms, and floor(fraction x 4096) in
// rand_a) and whose 62 free bits are producer (14), partition (12), sequence (36), most significant
// first; the sequence is dense per producer and partition. docs/formats/event.md draws it.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/base/types.h"

namespace weir {

struct EventId {
  uint64_t high = 0, low = 0;  // the UUID's 16 bytes, big-endian

  static constexpr int kProducers = 1 << 14, kPartitions = 1 << 12;
  static constexpr uint64_t kSequenceMax = (uint64_t{1} << 36) - 1;
  static EventId make(Nanos due, uint32_t producer, uint32_t partition, uint64_t sequence);
  // Any canonical UUID text in either case; empty when it is not 8-4-4-4-12 hexadecimal.
  static std::optional<EventId> parse(std::string_view text);

  // Version 7 and variant 10.
  bool is_ours() const { return (high >> 12 & 0xF) == 7 && low >> 62 == 2; }
  // Meaningful when is_ours(): the first nanosecond of the id's slot of 244 or 245 ns, so that it
  // is never after the due time given to make(), and make(due(), ...) gives the same id again.
  Nanos due() const;
  uint32_t producer() const { return uint32_t(low >> 48 & 0x3FFF); }
  uint32_t partition() const { return uint32_t(low >> 36 & 0xFFF); }
  uint64_t sequence() const { return low & 0xF'FFFF'FFFF; }
  void format(char* into36) const;  // canonical lower-case text, 36 characters, no terminator
  std::string text() const;
  auto operator<=>(const EventId&) const = default;
};

// A dense range of ids of one producer and partition, both ends included.
struct IdRange {
  uint32_t producer = 0, partition = 0;
  uint64_t first = 0, last = 0;
  auto operator<=>(const IdRange&) const = default;
  uint64_t count() const { return last - first + 1; }
};

// The partition of event i without a key: (i / 4) % partitions.
PartitionId partition_of(uint64_t event_index, int32_t partitions);
// Kafka's toPositive(murmur2(key)) % partitions.
PartitionId partition_of_key(std::string_view key, int32_t partitions);

// Formats events of one size into caller's memory by patching a template. Not thread safe.
class EventEncoder {
 public:
  explicit EventEncoder(int size);  // --size; payload is size - 120 bytes, at least 0
  size_t bytes_max() const;         // no event is longer; includes room to overwrite
  // Writes event number `index` (its fields follow from it) and returns the end. `into` has
  // bytes_max() bytes; those behind the returned end may be overwritten too.
  char* encode(char* into, const EventId& id, uint64_t index, Nanos due) const;
  // The same of another user, below 10^9, and with another payload, of printable ASCII without
  // quotes and backslashes, at most size - 120 bytes.
  char* encode(char* into, const EventId& id, uint64_t index, Nanos due, uint32_t user,
               std::string_view payload) const;

  // The bytes of the payload at this --size.
  static size_t payload_bytes(int size);

 private:
  std::string tail_;  // the payload, and the quote and brace behind it
};

// The key of events with this user_id: its decimal text.
std::string_view user_id_text(uint32_t user, char* into16);

// What parsing found. Strings point into the parser and hold until its next parse.
struct ParsedEvent {
  // Fields that stood in the event with a value of their type; the others read as 0 or empty.
  enum Field : uint8_t { kCreatedTs = 1, kUserId = 2, kEventType = 4, kValue = 8 };
  uint8_t fields = 0;
  std::string_view event_id;  // as it stood in the event
  std::optional<EventId> id;  // when event_id is a UUID
  int64_t created_ts = 0;     // ms since the epoch
  int32_t user_id = 0;
  std::string_view event_type;
  double value = 0;
  // Due time: the id's when it is one of weir's, else created_ts.
  Nanos due() const;
};

// Parses one event (simdjson). Malformed: not a JSON object, or without event_id (a string).
// Missing or mistyped other fields read as null does in Spark's from_json: 0 or empty. Of a name
// that comes twice the last one counts, as in Jackson. docs/formats/event.md has the rules. Not
// thread safe.
class EventParser {
 public:
  EventParser();
  ~EventParser();
  EventParser(EventParser&&) noexcept;
  EventParser& operator=(EventParser&&) noexcept;
  // Empty when malformed. `value` need not be padded.
  std::optional<ParsedEvent> parse(std::string_view value);
  // forward's value: compact JSON of event_id, created_ts, user_id, event_type, value, in this
  // order, what Spark's to_json(struct(...)) gives (null fields are left out); appended to out.
  void append_projection(const ParsedEvent& event, std::string& out) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace weir
