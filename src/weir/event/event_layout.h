// The fixed pieces of weir's own event text, shared by the encoder that writes them and the fast
// path that recognises them. docs/formats/event.md draws the whole.
#pragma once
#include <array>
#include <string_view>

#include "weir/event/event.h"

namespace weir::layout {

inline constexpr std::string_view kBeforeId = "{\"event_id\": \"";
inline constexpr std::string_view kBeforeCreated = "\", \"created_ts\": ";
inline constexpr std::string_view kBeforeUser = ", \"user_id\": ";
inline constexpr std::string_view kBeforeType = ", \"event_type\": \"";
inline constexpr std::string_view kBeforeValue = "\", \"value\": ";
inline constexpr std::string_view kBeforePayload = ", \"payload\": \"";
inline constexpr std::string_view kEnd = "\"}";
inline constexpr std::array<std::string_view, 4> kTypes = {"click", "view", "purchase", "login"};
inline constexpr size_t kIdChars = 36;

// Reads an event that has exactly this layout: these pieces, an event_id that is a UUID, plain
// numbers, one of the four types and a payload of printable ASCII without escapes. Copies the id's
// text into `into36`. False when anything differs, and then the event may still be a good one: the
// general parser decides. What it accepts reads the same there (event_parser_test compares the
// two).
bool parse(std::string_view value, char* into36, ParsedEvent& event);

}  // namespace weir::layout
