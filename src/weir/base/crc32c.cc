#include "weir/base/crc32c.h"

#include <array>
#include <cstring>
#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

namespace weir {
namespace {

constexpr std::array<uint32_t, 256> make_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t x = i;
    for (int bit = 0; bit < 8; ++bit) x = (x >> 1) ^ (x & 1 ? 0x82F63B78u : 0);
    table[i] = x;
  }
  return table;
}
constexpr auto kTable = make_table();

uint32_t by_table(const char* p, size_t n, uint32_t crc) {
  for (; n > 0; --n, ++p) crc = kTable[(crc ^ uint8_t(*p)) & 0xFF] ^ (crc >> 8);
  return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t by_instruction(const char* p, size_t n, uint32_t crc) {
  uint64_t wide = crc;
  for (; n >= 8; n -= 8, p += 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    wide = _mm_crc32_u64(wide, word);
  }
  crc = uint32_t(wide);
  for (; n > 0; --n, ++p) crc = _mm_crc32_u8(crc, uint8_t(*p));
  return crc;
}
#endif

}  // namespace

uint32_t crc32c(std::string_view data, uint32_t crc) {
  crc = ~crc;
#if defined(__x86_64__)
  static const bool has_instruction = __builtin_cpu_supports("sse4.2");
  if (has_instruction) return ~by_instruction(data.data(), data.size(), crc);
#endif
  return ~by_table(data.data(), data.size(), crc);
}

}  // namespace weir
