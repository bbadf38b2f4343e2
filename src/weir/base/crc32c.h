// CRC-32C (Castagnoli), the checksum of Kafka's record batches [RFC 3720, appendix B.4].
#pragma once
#include <cstdint>
#include <string_view>

namespace weir {
// The CRC of `data`, continuing from `crc` (the result over the bytes before it, or 0).
uint32_t crc32c(std::string_view data, uint32_t crc = 0);
}  // namespace weir
