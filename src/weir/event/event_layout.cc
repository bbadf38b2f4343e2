#include "weir/event/event_layout.h"

#include <cstring>

namespace weir::layout {
namespace {

// Walks over the text; every step fails for good once one has failed.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  bool literal(std::string_view text) {
    if (size_t(end_ - at_) < text.size() || std::memcmp(at_, text.data(), text.size()) != 0)
      return false;
    at_ += text.size();
    return true;
  }

  // A number as JSON writes it, without sign, of at most `digits_max` digits.
  bool digits(int digits_max, int64_t& number) {
    const char* first = at_;
    int64_t x = 0;
    while (at_ < end_ && uint8_t(*at_ - '0') < 10 && at_ - first <= digits_max) {
      x = x * 10 + (*at_ - '0');
      ++at_;
    }
    const auto count = at_ - first;
    if (count == 0 || count > digits_max || (count > 1 && *first == '0')) return false;
    number = x;
    return true;
  }

  std::string_view take(size_t size) {
    if (size_t(end_ - at_) < size) return {};
    at_ += size;
    return {at_ - size, size};
  }

  bool type(std::string_view& found) {
    for (const auto& type : kTypes) {
      if (!literal(type)) continue;
      found = type;
      return true;
    }
    return false;
  }

  std::string_view rest() const { return {at_, size_t(end_ - at_)}; }

 private:
  const char* at_;
  const char* end_;
};

// Whether the text is ASCII from space on, without a quote or a backslash.
bool is_plain(std::string_view text) {
  typedef signed char Block __attribute__((vector_size(16)));
  Block bad{};
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= sizeof(Block); at += sizeof(Block), left -= sizeof(Block)) {
    Block block;
    std::memcpy(&block, at, sizeof block);
    bad |= (block < ' ') | (block == '"') | (block == '\\');  // signed: bytes from 0x80 are < ' '
  }
  uint64_t halves[2];
  std::memcpy(halves, &bad, sizeof halves);
  bool plain = (halves[0] | halves[1]) == 0;
  for (; left > 0; ++at, --left)
    plain = plain && static_cast<signed char>(*at) >= ' ' && *at != '"' && *at != '\\';
  return plain;
}
}  // namespace

bool parse(std::string_view value, char* into36, ParsedEvent& event) {
  Cursor cursor(value);
  if (!cursor.literal(kBeforeId)) return false;
  const std::string_view id = cursor.take(kIdChars);
  event.id = EventId::parse(id);
  if (!event.id || !cursor.literal(kBeforeCreated)) return false;
  int64_t user_id = 0, whole = 0, tenth = 0;
  if (!cursor.digits(18, event.created_ts) || !cursor.literal(kBeforeUser)) return false;
  if (!cursor.digits(9, user_id) || !cursor.literal(kBeforeType)) return false;
  if (!cursor.type(event.event_type) || !cursor.literal(kBeforeValue)) return false;
  if (!cursor.digits(6, whole) || !cursor.literal(".")) return false;
  const std::string_view tenth_text = cursor.take(1);
  if (tenth_text.empty() || uint8_t(tenth_text[0] - '0') > 9) return false;
  tenth = tenth_text[0] - '0';
  if (!cursor.literal(kBeforePayload)) return false;
  std::string_view payload = cursor.rest();
  if (!payload.ends_with(kEnd)) return false;
  payload.remove_suffix(kEnd.size());
  if (!is_plain(payload)) return false;
  std::memcpy(into36, id.data(), kIdChars);
  event.event_id = {into36, kIdChars};
  event.user_id = int32_t(user_id);
  // Both are exact, and division rounds correctly: the double nearest to the decimal text.
  event.value = double(whole * 10 + tenth) / 10.0;
  event.fields = ParsedEvent::kCreatedTs | ParsedEvent::kUserId | ParsedEvent::kEventType |
                 ParsedEvent::kValue;
  return true;
}

}  // namespace weir::layout
