#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "weir/base/check.h"
#include "weir/event/event_layout.h"

namespace weir {
namespace {
constexpr int kBytesBesidesPayload = 120;  // what --size counts for the fields around the payload
constexpr uint64_t kUsers = 10'000, kValues = 1'000;
constexpr size_t kRoom = 16;  // event types are copied in blocks of this size

struct Piece {
  char text[kRoom];
  size_t size;
};

constexpr Piece make_piece(std::string_view text) {
  Piece piece{};
  for (size_t i = 0; i < text.size(); ++i) piece.text[i] = text[i];
  piece.size = text.size();
  return piece;
}

constexpr std::array<Piece, 4> kTypePieces = {
    make_piece(layout::kTypes[0]), make_piece(layout::kTypes[1]), make_piece(layout::kTypes[2]),
    make_piece(layout::kTypes[3])};

constexpr std::array<char, 200> make_two_digits() {
  std::array<char, 200> digits{};
  for (int i = 0; i < 100; ++i) {
    digits[2 * i] = char('0' + i / 10);
    digits[2 * i + 1] = char('0' + i % 10);
  }
  return digits;
}
constexpr auto kTwoDigits = make_two_digits();

char* put(char* at, std::string_view text) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}

char* put_two(char* at, uint32_t below_100) {
  std::memcpy(at, &kTwoDigits[2 * below_100], 2);
  return at + 2;
}

char* put_four(char* at, uint32_t below_10000) {
  return put_two(put_two(at, below_10000 / 100), below_10000 % 100);
}

// A number below 10,000 without leading zeros: its four digits are written and shifted left. Four
// bytes behind `at` are overwritten.
char* put_short(char* at, uint32_t below_10000) {
  char digits[8] = {};
  put_four(digits, below_10000);
  const int leading = (below_10000 < 10) + (below_10000 < 100) + (below_10000 < 1000);
  std::memcpy(at, digits + leading, 4);
  return at + 4 - leading;
}

char* put_millis(char* at, int64_t millis) {
  // Thirteen digits from September 2001 to November 2286; the rest takes the general way.
  if (millis < 1'000'000'000'000 || millis > 9'999'999'999'999)
    return std::to_chars(at, at + 20, millis).ptr;
  const uint32_t high = uint32_t(millis / 100'000'000), low = uint32_t(millis % 100'000'000);
  *at++ = char('0' + high / 10'000);
  return put_four(put_four(put_four(at, high % 10'000), low / 10'000), low % 10'000);
}

// Any number; the short ones take the short way.
char* put_user(char* at, uint32_t user) {
  return user < kUsers ? put_short(at, user) : std::to_chars(at, at + 10, user).ptr;
}

// An event as far as its user_id.
inline char* put_until_user(char* at, const EventId& id, Nanos due) {
  at = put(at, layout::kBeforeId);
  id.format(at);
  at = put(at + 36, layout::kBeforeCreated);
  at = put_millis(at, due.millis());
  return put(at, layout::kBeforeUser);
}

// From behind the user_id as far as the payload.
inline char* put_from_type(char* at, uint64_t index) {
  at = put(at, layout::kBeforeType);
  const Piece& type = kTypePieces[index % 4];
  std::memcpy(at, type.text, kRoom);
  at = put(at + type.size, layout::kBeforeValue);
  const uint32_t tenths = uint32_t(index % kValues);
  at = put_short(at, tenths / 10);
  *at++ = '.';
  *at++ = char('0' + tenths % 10);
  return put(at, layout::kBeforePayload);
}

// Kafka's murmur2 (org.apache.kafka.common.utils.Utils), which is Appleby's with this seed.
uint32_t murmur2(std::string_view bytes) {
  constexpr uint32_t kFactor = 0x5bd1e995;
  uint32_t hash = 0x9747b28c ^ uint32_t(bytes.size());
  while (bytes.size() >= 4) {
    uint32_t word;
    std::memcpy(&word, bytes.data(), 4);
    word *= kFactor;
    word ^= word >> 24;
    hash = hash * kFactor ^ word * kFactor;
    bytes.remove_prefix(4);
  }
  for (size_t i = bytes.size(); i-- > 0;) hash ^= uint32_t(uint8_t(bytes[i])) << (8 * i);
  if (!bytes.empty()) hash *= kFactor;
  hash ^= hash >> 13;
  hash *= kFactor;
  return hash ^ hash >> 15;
}
}  // namespace

PartitionId partition_of(uint64_t event_index, int32_t partitions) {
  WEIR_CHECK_LT(0, partitions);
  return PartitionId(int32_t(event_index / 4 % uint32_t(partitions)));
}

PartitionId partition_of_key(std::string_view key, int32_t partitions) {
  WEIR_CHECK_LT(0, partitions);
  return PartitionId(int32_t((murmur2(key) & 0x7FFF'FFFF) % uint32_t(partitions)));
}

std::string_view user_id_text(uint32_t user, char* into16) {
  const char* end = put_user(into16, user);
  return {into16, size_t(end - into16)};
}

size_t EventEncoder::payload_bytes(int size) {
  return size_t(std::max(0, size - kBytesBesidesPayload));
}

EventEncoder::EventEncoder(int size) : tail_(payload_bytes(size), 'x') { tail_ += layout::kEnd; }

size_t EventEncoder::bytes_max() const {
  constexpr size_t kNumbersMax = 20 + 10 + 4;  // created_ts, user_id, value
  return layout::kBeforeId.size() + 36 + layout::kBeforeCreated.size() +
         layout::kBeforeUser.size() + layout::kBeforeType.size() + layout::kBeforeValue.size() +
         layout::kBeforePayload.size() + kNumbersMax + kRoom + tail_.size();
}

char* EventEncoder::encode(char* into, const EventId& id, uint64_t index, Nanos due) const {
  char* at = put_short(put_until_user(into, id, due), uint32_t(index % kUsers));
  return put(put_from_type(at, index), tail_);
}

char* EventEncoder::encode(char* into, const EventId& id, uint64_t index, Nanos due, uint32_t user,
                           std::string_view payload) const {
  char* at = put_user(put_until_user(into, id, due), user);
  return put(put(put_from_type(at, index), payload), layout::kEnd);
}

}  // namespace weir
