// SHA-256 [FIPS 180-4], for the manifest of a run folder: finds accidents and edits, guards no
// secret.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir {

// Digests bytes as they come. One thread at a time.
class Sha256 {
 public:
  void update(std::string_view bytes);
  // The digest of all bytes so far, 64 lower-case hexadecimal digits; update() may go on after it.
  std::string hex() const;

 private:
  void absorb(const unsigned char* block);

  std::array<uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<unsigned char, 64> block_{};  // the first length_ % 64 bytes wait for the rest
  uint64_t length_ = 0;
};

std::string sha256_hex(std::string_view bytes);

}  // namespace weir
