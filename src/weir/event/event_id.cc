#include <array>

#include "weir/event/event.h"

namespace weir {
namespace {
constexpr int64_t kNanosPerMilli = 1'000'000;
constexpr int64_t kSlotsPerMilli = 4096;
constexpr char kHexDigits[] = "0123456789abcdef";
constexpr uint8_t kNotHex = 0xFF;

struct HexPair {
  char text[2];
};

constexpr std::array<HexPair, 256> make_hex_pairs() {
  std::array<HexPair, 256> pairs{};
  for (int i = 0; i < 256; ++i) pairs[i] = {{kHexDigits[i >> 4], kHexDigits[i & 15]}};
  return pairs;
}

constexpr std::array<uint8_t, 256> make_nibbles() {
  std::array<uint8_t, 256> nibbles{};
  for (auto& nibble : nibbles) nibble = kNotHex;
  for (int i = 0; i < 16; ++i) {
    nibbles[uint8_t(kHexDigits[i])] = uint8_t(i);
    if (i >= 10) nibbles[size_t('A' + i - 10)] = uint8_t(i);
  }
  return nibbles;
}

constexpr auto kHexPairs = make_hex_pairs();
constexpr auto kNibbles = make_nibbles();

// Writes the lowest `bytes` bytes of `x` as hexadecimal, most significant first.
template <int bytes>
char* put_hex(char* at, uint64_t x) {
  for (int i = bytes - 1; i >= 0; --i, at += 2)
    __builtin_memcpy(at, kHexPairs[x >> (8 * i) & 0xFF].text, 2);
  return at;
}

// Reads `digits` hexadecimal digits; or-s all nibbles into `seen`, so that one test at the end of
// the UUID finds any character that is none.
template <int digits>
uint64_t take_hex(const char* at, uint8_t& seen) {
  uint64_t x = 0;
  for (int i = 0; i < digits; ++i) {
    const uint8_t nibble = kNibbles[uint8_t(at[i])];
    seen |= nibble;
    x = x << 4 | (nibble & 0xF);
  }
  return x;
}

// Rounds down, so that the remainder is never negative, also before 1970.
constexpr int64_t floor_div(int64_t dividend, int64_t divisor) {
  const int64_t quotient = dividend / divisor;
  return dividend % divisor < 0 ? quotient - 1 : quotient;
}
}  // namespace

EventId EventId::make(Nanos due, uint32_t producer, uint32_t partition, uint64_t sequence) {
  const int64_t millis = floor_div(due.value, kNanosPerMilli);
  const int64_t within = due.value - millis * kNanosPerMilli;
  const uint64_t slot = uint64_t(within * kSlotsPerMilli / kNanosPerMilli);
  EventId id;
  id.high = (uint64_t(millis) & 0xFFFF'FFFF'FFFF) << 16 | uint64_t{7} << 12 | slot;
  id.low = uint64_t{2} << 62 | uint64_t(producer & (kProducers - 1)) << 48 |
           uint64_t(partition & (kPartitions - 1)) << 36 | (sequence & 0xF'FFFF'FFFF);
  return id;
}

Nanos EventId::due() const {
  const int64_t millis = int64_t(high >> 16);
  const int64_t slot = int64_t(high & 0xFFF);
  const int64_t within = (slot * kNanosPerMilli + kSlotsPerMilli - 1) / kSlotsPerMilli;
  // A foreign UUID's 48 bits may lie past the year 2262, where Nanos ends; such a time saturates.
  constexpr int64_t kMillisMax = INT64_MAX / kNanosPerMilli - 1;
  return Nanos((millis < kMillisMax ? millis : kMillisMax) * kNanosPerMilli + within);
}

std::optional<EventId> EventId::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  const char* at = text.data();
  if (at[8] != '-' || at[13] != '-' || at[18] != '-' || at[23] != '-') return std::nullopt;
  uint8_t seen = 0;
  const uint64_t time_high = take_hex<8>(at, seen), time_low = take_hex<4>(at + 9, seen);
  const uint64_t version = take_hex<4>(at + 14, seen), variant = take_hex<4>(at + 19, seen);
  const uint64_t node = take_hex<12>(at + 24, seen);
  if (seen > 0xF) return std::nullopt;
  EventId id;
  id.high = time_high << 32 | time_low << 16 | version;
  id.low = variant << 48 | node;
  return id;
}

void EventId::format(char* into36) const {
  char* at = put_hex<4>(into36, high >> 32);
  *at++ = '-';
  at = put_hex<2>(at, high >> 16);
  *at++ = '-';
  at = put_hex<2>(at, high);
  *at++ = '-';
  at = put_hex<2>(at, low >> 48);
  *at++ = '-';
  put_hex<6>(at, low);
}

std::string EventId::text() const {
  std::string text(36, '\0');
  format(text.data());
  return text;
}

}  // namespace weir
