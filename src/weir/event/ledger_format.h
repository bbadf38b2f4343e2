// The bytes of ledger-<p>.bin, shared by its writer and its reader. docs/formats/ledger.md draws
// them. Numbers are little-endian, as the memory of the machines that weir runs on.
#pragma once
#include <bit>
#include <cstdint>

namespace weir::ledger_format {
static_assert(std::endian::native == std::endian::little);

inline constexpr uint64_t kMagic = 0x31474C52494557ull;  // "WEIRLG1" and a zero
inline constexpr uint32_t kVersion = 1;
inline constexpr uint32_t kOpen = 0, kClosed = 1;
inline constexpr int64_t kNoDue = INT64_MAX;  // first_due before anything was handed over
inline constexpr uint64_t kPage = 4096;

struct Header {
  uint64_t magic;
  uint32_t version, producer, partitions, state;
  int64_t first_due, last_due;  // nanoseconds since the epoch
  uint64_t ranges;              // how many are whole; stored last
};
static_assert(sizeof(Header) == 48);

// Behind the header: for each partition, how many ids were handed over (the last one and 1),
// uint64. Then, from ranges_at(), the ranges.
struct Range {
  uint32_t partition, outcome;
  uint64_t first, last;
};
static_assert(sizeof(Range) == 24);

constexpr uint64_t handed_over_at(uint32_t partition) {
  return sizeof(Header) + 8 * uint64_t{partition};
}
constexpr uint64_t ranges_at(uint32_t partitions) {
  return (handed_over_at(partitions) + kPage - 1) / kPage * kPage;
}

}  // namespace weir::ledger_format
