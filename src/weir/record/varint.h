// Signed variable-length integers as records use them: zigzag, then seven bits a byte, lowest
// first [Protocol Buffers encoding].
#pragma once
#include <bit>
#include <cstddef>
#include <cstdint>

namespace weir::record {

inline constexpr size_t kVarintBytesMax = 10;

constexpr uint64_t zigzag(int64_t x) { return (uint64_t(x) << 1) ^ uint64_t(x >> 63); }
constexpr int64_t unzigzag(uint64_t x) { return int64_t(x >> 1) ^ -int64_t(x & 1); }

// How many bytes write_varint will take.
constexpr size_t varint_bytes(int64_t x) { return (size_t(std::bit_width(zigzag(x) | 1)) + 6) / 7; }

// Writes at `to`, which has room for varint_bytes(x); returns the position behind.
inline char* write_varint(char* to, int64_t x) {
  uint64_t rest = zigzag(x);
  for (; rest >= 0x80; rest >>= 7) *to++ = char(rest | 0x80);
  *to++ = char(rest);
  return to;
}

// Reads at `at` without passing `end`; returns the position behind, nullptr when the bytes end
// early or the number has more than 64 bits.
inline const char* read_varint(const char* at, const char* end, int64_t& x) {
  uint64_t read = 0;
  for (int shift = 0; shift < 70; shift += 7) {
    if (at == end) return nullptr;
    const auto byte = uint8_t(*at++);
    if (shift == 63 && byte > 1) return nullptr;
    read |= uint64_t(byte & 0x7F) << shift;
    if (byte < 0x80) {
      x = unzigzag(read);
      return at;
    }
  }
  return nullptr;
}

}  // namespace weir::record
