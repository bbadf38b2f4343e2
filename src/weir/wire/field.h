// What a message says about each of its fields, and the three things that can be done with a
// message: encode, decode, describe.
//
// A message struct names its fields once, in wire order, in a static `fields(w, m)`; `w` is called
// with a Field and a reference to the member. Encoder, Decoder and Describer (codec.h) are such
// `w`. The templates below are instantiated for each message in messages/<api>.cc, so that a
// user of messages does not compile the codec again.
//
// Format: docs/formats/wire.md.
#pragma once
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "weir/base/result.h"

namespace weir::wire {

// A range of API versions, both ends included.
struct Versions {
  int16_t first = 0, last = INT16_MAX;
  constexpr bool has(int16_t version) const { return first <= version && version <= last; }
};
constexpr Versions since(int16_t first) { return {first, INT16_MAX}; }
constexpr Versions only(int16_t first, int16_t last) { return {first, last}; }
inline constexpr Versions kAlways{};
inline constexpr Versions kNever{1, 0};

struct Field {
  const char* name;           // as Kafka's message definitions spell it
  Versions in = kAlways;      // versions that carry the field; elsewhere it keeps its default
  Versions null_in = kNever;  // versions that may carry null; elsewhere null is written as empty
  int tag = -1;               // >= 0: travels among the tagged fields, absent when at its default
  int64_t tag_default = 0;    // that default, for integers; other types: their default value
};

// A topic id. All zero: none.
struct Uuid {
  std::array<uint8_t, 16> bytes{};
  bool operator==(const Uuid&) const = default;
};

// Opaque bytes with an int32 length (consumer group protocols); owned.
struct Bytes {
  std::string data;
  bool operator==(const Bytes&) const = default;
};

// Record batches, as a view: a decoded message points into the frame it was decoded from, an
// encoded one is copied once, into the frame. Valid as long as those bytes are.
using Records = std::string_view;

// Appends the body of `message` to `out`. Fields that `version` does not carry are left out.
// `version` must lie within the range that the API serves.
template <class Message>
void encode(std::string& out, const Message& message, int16_t version);

// Reads one body, which must fill `body` exactly. kCorrupt when the bytes are not such a message or
// the version is not served. Views in the result point into `body`.
template <class Message>
Result<Message> decode(std::string_view body, int16_t version);

// The message's schema, one field a line: "Name type first-last ...", nested fields indented.
template <class Message>
std::string describe();

}  // namespace weir::wire
