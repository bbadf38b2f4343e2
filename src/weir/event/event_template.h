// A user's own event: a file's bytes with {{id}}, {{due_ms}} and {{seq}} replaced.
//
// {{id}} is the event's id as 36 characters, {{due_ms}} its due time in ms since the epoch,
// {{seq}} its number in the load, from 0. Everything else is sent as it stands, a last line end
// too where the file has one. Not thread safe.
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

  bool has_id() const { return has_id_; }
  size_t bytes_max() const { return bytes_max_; }  // no event is longer
  // Writes event number `index` and returns the end; `into` has bytes_max() bytes.
  char* encode(char* into, const EventId& id, uint64_t index, Nanos due) const;

 private:
  enum class Field { kNone, kId, kDueMs, kSequence };
  struct Piece {
    std::string before;
    Field field = Field::kNone;  // what follows it
  };
  std::vector<Piece> pieces_;
  size_t bytes_max_ = 0;
  bool has_id_ = false;
};

}  // namespace weir
