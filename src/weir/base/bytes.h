// Big-endian numbers in byte buffers, as the Kafka protocol and its log format lay them out.
#pragma once
#include <bit>
#include <concepts>
#include <cstring>
#include <string>
#include <string_view>

namespace weir {

template <std::integral T>
constexpr T byte_swap(T x) {
  if constexpr (sizeof(T) == 1)
    return x;
  else if constexpr (sizeof(T) == 2)
    return T(__builtin_bswap16(uint16_t(x)));
  else if constexpr (sizeof(T) == 4)
    return T(__builtin_bswap32(uint32_t(x)));
  else
    return T(__builtin_bswap64(uint64_t(x)));
}

// Reads a big-endian T at `at`; the caller has checked that sizeof(T) bytes are there.
template <std::integral T>
T load_be(const char* at) {
  T x;
  std::memcpy(&x, at, sizeof x);
  return byte_swap(x);
}

template <std::integral T>
void store_be(char* at, T x) {
  x = byte_swap(x);
  std::memcpy(at, &x, sizeof x);
}

template <std::integral T>
void append_be(std::string& out, T x) {
  char bytes[sizeof(T)];
  store_be(bytes, x);
  out.append(bytes, sizeof bytes);
}

}  // namespace weir
